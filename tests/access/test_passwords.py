"""Which passwords are good enough, and what is kept of them."""

import pytest
from argon2 import PasswordHasher

from entrepot.access import passwords
from entrepot.kernel import Refusal


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet otters paddle",
        "Tr0ub4dor&3xyz",
        "vier gute wörter da",
        "不同的十二个字组成的密码呀",
        "be so an ox",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    passwords.check_password(password, "anna")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "a password has at least 12 letters, or 4 words"),
        ("short", "a password has at least 12 letters, or 4 words"),
        ("a b c d", "a password has at least 12 letters, or 4 words"),
        ("x" * 257, "a password has at most 256 letters"),
        ("aaaaaaaaaaaa", "the same few letters again and again are guessed first"),
        ("abababababab", "the same few letters again and again are guessed first"),
        ("123456789012", "letters as they stand on the keyboard are guessed first"),
        ("qwertyuiopas", "letters as they stand on the keyboard are guessed first"),
        ("Password1234!", "this is one of the commonest passwords"),
        ("correct horse battery staple", "this is one of the commonest passwords"),
        ("annabella.smith1", "a password that is little more than the login is guessed first"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        passwords.check_password(password, "annabella.smith")
    assert [refused.value.code, refused.value.why, refused.value.field] == ["password", said, "password"]


def test_a_hash_is_known_again_and_another_password_is_not() -> None:
    kept = passwords.hash_password("seven quiet otters paddle")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.is_password(kept, "seven quiet otters paddle")
    assert not passwords.is_password(kept, "seven quiet otters paddles")
    assert not passwords.is_old(kept)


def test_what_looks_the_same_is_the_same_password() -> None:
    kept = passwords.hash_password("caf\u00e9 au lait sans sucre")
    assert passwords.is_password(kept, "cafe\u0301 au lait sans sucre")


@pytest.mark.parametrize("kept", ["", "no hash"])
def test_without_a_hash_no_password_is_right(kept: str) -> None:
    assert not passwords.is_password(kept, "")
    assert not passwords.is_password(kept, "of a user that does not exist")


def test_a_hash_of_other_parameters_is_old() -> None:
    assert passwords.is_old(PasswordHasher(time_cost=1, memory_cost=8_192).hash("a"))
