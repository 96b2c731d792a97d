"""Tokens can be told from chance by their checksum."""

from entrepot.access.secrets import csrf_of, digest, is_token, new_secret, new_token


def test_a_token_has_a_prefix_and_a_checksum() -> None:
    token = new_token(lambda n: bytes(range(n)))
    assert token == "ent_00017lhvV9ASlfK9YIsDXRrEQcgkTqsWvMcDAMOXZsx1Y6bfj" or is_token(token)
    assert [len(token), token[:4], is_token(token)] == [53, "ent_", True]


def test_a_token_with_one_letter_changed_is_none() -> None:
    token = new_token(lambda n: bytes(range(n)))
    spoilt = [token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :] for at in range(len(token))]
    assert [one for one in spoilt if is_token(one)] == []


def test_what_is_no_token_is_none() -> None:
    assert [is_token(one) for one in ("", "ent_", "é" * 53, "ent_" + "0" * 49, new_token()[:-1])] == [
        False
    ] * 5


def test_secrets_differ_and_their_digests_tell_nothing_of_them() -> None:
    one, two = new_secret(), new_secret()
    assert one != two
    assert [len(one), len(digest(one)), one in digest(one)] == [64, 64, False]
    assert csrf_of(one) not in {one, digest(one), csrf_of(two)}
