"""JSON: strict coming in, canonical going out."""

from decimal import Decimal
from typing import Any

import pytest

from entrepot.channels.kit.json import decode, digest, encode
from entrepot.kernel import Cause, ChannelError


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            b'{"price": 19.90, "id": 820982911946154508}',
            {"price": Decimal("19.90"), "id": 820982911946154508},
        ),
        (b"\xef\xbb\xbf[1]", [1]),
        (b' "Gr\xc3\xbcn" ', "Grün"),
        (b"1e2", Decimal("1E+2")),
        (b"[true, false, null, {}]", [True, False, None, {}]),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'{"cut \\ud83d": ["\\ude00"]}', {"cut \ufffd": ["\ufffd"]}),
        (b"[" * 64 + b"]" * 64, None),
    ],
)
def test_json_is_read_exactly(raw: bytes, expected: Any) -> None:
    value = decode(raw)
    assert expected is None or value == expected


def test_a_fraction_is_a_decimal_and_never_a_float() -> None:
    assert type(decode(b"[0.1]")[0]) is Decimal


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"<br />\n<b>Notice</b>: undefined index\n{}",
        b"<!DOCTYPE html><html></html>",
        b'{"a": 1',
        b'{"a": 1}{"b": 2}',
        b"{'a': 1}",
        b'{"a": 1,}',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b'[{"a": 1, "a": 1}]',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        "[1]".encode("utf-16"),
        b'"a\nb"',
        b"01",
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        b"9" * 10_000,
        b"1e99999999999999999999",
    ],
)
def test_anything_else_is_nonsense(raw: bytes) -> None:
    with pytest.raises(ChannelError) as failed:
        decode(raw)
    assert failed.value.cause is Cause.NONSENSE


def test_the_error_quotes_nothing_of_the_text() -> None:
    with pytest.raises(ChannelError) as failed:
        decode(b'{"name": "Jane Doe", "name": "jane@example.com", x')
    assert "jane" not in repr(failed.value).lower()
    assert failed.value.__cause__ is None


def test_canonical_json_sorts_keys_and_keeps_decimals() -> None:
    assert (
        encode({"b": Decimal("1.50"), "a": ["é", None, True, 7]})
        == b'{"a":["\xc3\xa9",null,true,7],"b":1.50}'
    )


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) == "43258cff783fe7036d8a43033f830adf"
    assert digest({"a": 1, "b": 3}) != digest({"a": 1, "b": 2})
