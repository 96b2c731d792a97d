"""What is sealed opens with its key in its place, and nowhere else."""

import pytest

from entrepot.kernel import Keyring, Refusal
from entrepot.kernel.seal import open_under

OLD, NEW = b"\x01" * 32, b"\x02" * 32
PLAIN = b"a secret of the shop"


def ring(**keys: bytes) -> Keyring:
    return Keyring(keys, list(keys)[-1])


def test_what_was_sealed_for_a_place_opens_there() -> None:
    keys = ring(k0000001=OLD)
    sealed = keys.seal(PLAIN, "connection:7")
    assert keys.open(sealed, "connection:7") == PLAIN
    assert PLAIN not in sealed


def test_the_same_text_is_sealed_differently_each_time() -> None:
    keys = ring(k0000001=OLD)
    assert keys.seal(PLAIN, "here") != keys.seal(PLAIN, "here")


def test_a_key_ring_with_a_newer_key_seals_with_it_and_opens_what_the_older_sealed() -> None:
    before, after = ring(k0000001=OLD), ring(k0000001=OLD, k0000002=NEW)
    sealed = before.seal(PLAIN, "here")
    assert after.open(sealed, "here") == PLAIN
    assert after.seal(PLAIN, "here")[:8] == b"k0000002"
    assert refusal(lambda: before.open(after.seal(PLAIN, "here"), "here")) == "sealed"


def refusal(act: object) -> str:
    assert callable(act)
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_sealed_value_opens_in_no_other_place() -> None:
    keys = ring(k0000001=OLD)
    sealed = keys.seal(PLAIN, "connection:7")
    assert refusal(lambda: keys.open(sealed, "connection:8")) == "sealed"
    assert refusal(lambda: keys.open(sealed, "")) == "sealed"


def test_a_sealed_value_does_not_open_under_another_key_of_the_same_name() -> None:
    sealed = ring(k0000001=OLD).seal(PLAIN, "here")
    assert refusal(lambda: ring(k0000001=NEW).open(sealed, "here")) == "sealed"


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 15, 20, 35, 40])
def test_a_sealed_value_that_was_cut_off_is_refused(length: int) -> None:
    keys = ring(k0000001=OLD)
    sealed = keys.seal(PLAIN, "here")[:length]
    assert refusal(lambda: keys.open(sealed, "here")) == "sealed"


@pytest.mark.parametrize("at", [0, 8, 20, -1])
def test_a_sealed_value_with_one_flipped_bit_is_refused(at: int) -> None:
    keys = ring(k0000001=OLD)
    sealed = bytearray(keys.seal(PLAIN, "here"))
    sealed[at] ^= 1
    assert refusal(lambda: keys.open(bytes(sealed), "here")) == "sealed"


def test_a_key_of_its_own_opens_what_it_sealed_and_nothing_else_does() -> None:
    keys = ring(k0000001=OLD)
    own, other = keys.new_key(), keys.new_key()
    sealed = keys.seal_under(own, PLAIN, "person:1")
    assert len(own) == 32
    assert open_under(own, sealed, "person:1") == PLAIN
    assert refusal(lambda: open_under(other, sealed, "person:1")) == "sealed"
    assert refusal(lambda: open_under(own, sealed, "person:2")) == "sealed"
    assert refusal(lambda: open_under(own, sealed[:5], "person:1")) == "sealed"


@pytest.mark.parametrize(
    ("keys", "newest"),
    [
        ({"short": OLD}, "short"),
        ({"k0000001": b"\x01" * 31}, "k0000001"),
        ({"k0000001": b""}, "k0000001"),
        ({"ключ0001": OLD}, "ключ0001"),
        ({"k0000001": OLD}, "k0000002"),
        ({}, "k0000001"),
    ],
)
def test_a_malformed_key_file_is_refused_before_anything_is_sealed(
    keys: dict[str, bytes], newest: str
) -> None:
    assert refusal(lambda: Keyring(keys, newest)) == "key_malformed"


def test_a_key_ring_does_not_print_its_keys() -> None:
    keys = ring(k0000001=OLD, k0000002=NEW)
    assert repr(keys) == str(keys) == "Keyring(['k0000001', 'k0000002'])"
