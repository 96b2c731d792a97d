"""Reading what a program sent: queries and JSON bodies, strictly, with the path of what is wrong."""

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from entrepot.api.route import Query
from entrepot.app.commands import field_of
from entrepot.channels.kit import json
from entrepot.kernel import ChannelError, Refusal

PARAMETERS_MAX = 50
INTEGER_MAX = 2**63 - 1

Q = TypeVar("Q", bound=Query)


def query(raw: bytes, kind: type[Q]) -> Q:
    """The query of a request; Refusal `query` for an unknown, repeated or malformed parameter."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX
        )
    except ValueError:
        raise Refusal("query", "the query is not text in UTF-8, percent-encoded") from None
    given = dict(pairs)
    if len(given) != len(pairs):
        twice = next(name for name, _value in pairs if [one for one, _ in pairs].count(name) > 1)
        raise Refusal("query", f"{twice[:50]!r} is given more than once", field=twice[:50])
    if any("\0" in value for value in given.values()):
        raise Refusal("query", "a text cannot hold NUL")
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal("query", str(error)[:300], field=field_of(str(error))) from None


def body(raw: bytes) -> dict[str, Any]:
    """The members of a JSON object; Refusal `json` for anything else: what is no JSON, not UTF-8, has NaN,
    a key twice, numbers of absurd size or too many levels."""
    if not raw.strip():
        return {}
    try:
        value = json.decode(raw)
    except ChannelError as error:
        raise Refusal("json", error.why, remedy="Send one JSON object in UTF-8") from None
    if not isinstance(value, dict):
        raise Refusal("arguments", "the body is to be a JSON object")
    _check_integers(value, "")
    return value


def _check_integers(value: Any, path: str) -> None:
    """Refusal `arguments` for a whole number that no column could hold."""
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        raise Refusal("arguments", "a whole number is larger than 64 bits", field=path)
    if isinstance(value, dict):
        for name, one in value.items():
            _check_integers(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            _check_integers(one, f"{path}[{number}]")
