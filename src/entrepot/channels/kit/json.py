"""JSON without surprises: strict coming in, canonical going out, every fraction a Decimal."""

import json
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, NoReturn

import msgspec

from entrepot.kernel import Cause, ChannelError

DEPTH_MAX = 64
_BOM = b"\xef\xbb\xbf"


def decode(raw: bytes) -> Any:
    """The value of one strict UTF-8 JSON text (a byte order mark is skipped); fractions are Decimals.

    ChannelError NONSENSE for anything else: HTML or notices around it, cut texts, NaN and Infinity, an object
    that names a key twice, more than 64 levels. Half a surrogate pair becomes U+FFFD: no database
    takes it. The error quotes nothing of the text.
    """
    try:
        value = json.loads(
            raw.removeprefix(_BOM).decode(),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise ChannelError(Cause.NONSENSE, "the text is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ChannelError(Cause.NONSENSE, f"the text is not JSON from character {error.pos} on") from None
    except (InvalidOperation, ValueError):
        raise ChannelError(Cause.NONSENSE, "the JSON holds a number of absurd size") from None
    except RecursionError:
        raise ChannelError(Cause.NONSENSE, f"the JSON is nested deeper than {DEPTH_MAX} levels") from None
    _check_depth(value)
    return _mended(value) if b"\\ud" in raw.lower() else value


def decode_lines(raw: bytes) -> list[Any]:
    """The values of JSON lines, each strict as `decode` has it; blank lines are nothing."""
    return [decode(line) for line in raw.splitlines() if line.strip()]


def encode(value: object) -> bytes:
    """Canonical JSON: keys sorted, no spaces, UTF-8, a Decimal as the number it spells. Takes structs too."""
    return msgspec.json.Encoder(decimal_format="number", order="sorted").encode(value)


def digest(value: object) -> str:
    """32 hex letters that tell two values apart: SHA-256 over their canonical JSON."""
    return sha256(encode(value)).hexdigest()[:32]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ChannelError(Cause.NONSENSE, "an object of the JSON names a key twice")
    return members


def _no_number(word: str) -> NoReturn:
    raise ChannelError(Cause.NONSENSE, f"{word} is not a number of JSON")


def _check_depth(value: Any) -> None:
    """Raises if `value` has more levels of lists and objects than we take."""
    level = [value] if type(value) in (dict, list) else []
    for _ in range(DEPTH_MAX):
        level = [
            child
            for one in level
            for child in (one.values() if type(one) is dict else one)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return
    raise ChannelError(Cause.NONSENSE, f"the JSON is nested deeper than {DEPTH_MAX} levels")


def _mended(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_mended(child) for child in value]
        case dict():
            return {_mended(key): _mended(child) for key, child in value.items()}
        case _:
            return value
