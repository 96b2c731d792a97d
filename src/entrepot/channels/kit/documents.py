"""Finding in a document what an adapter can read, however deep it is wrapped, and naming what it cannot.

An adapter gives a function that looks at one JSON object: `Part` if it can read it, a name if it knows what
it is and has no use for it, None if it is a mere wrapper. What is recognised is not searched for more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from entrepot.channels.kit.json import encode
from entrepot.contract import Delivery, DocumentKind, Passage, RefundSeen, ReturnSeen, Seen
from entrepot.kernel import ChannelError, Refusal

Raw = Mapping[str, Any]
Testimony = Seen | RefundSeen | ReturnSeen

PASSAGES_MAX = 100_000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS_SHOWN = 6
_NAMES_SHOWN = 5


class Part(msgspec.Struct, frozen=True):
    """An object that can be read: what it is, what it cannot be read without, and how it is read.

    `needs` are ways of fields ('billing.email'); 'a|b' is content with either.
    """

    kind: DocumentKind
    read: Callable[[], Sequence[Testimony]]
    needs: tuple[str, ...] = ()


class Around(msgspec.Struct, frozen=True):
    """Where an object stands: under which name ('orders', also in a list of them), and in which objects, from
    the outermost on."""

    name: str = ""
    above: tuple[Raw, ...] = ()


Look = Callable[[Raw, Around], Part | str | None]
"""What an object is."""


def passages(document: Any, look: Look, kind: DocumentKind | None = None) -> list[Passage]:
    """What `look` finds in the document, in its order; of other kinds than `kind` only the name is kept.

    Refusal `document_unknown` where there is nothing to be read, naming what there is instead;
    `document_large` where there is more than 100,000 times something.
    """
    found: list[Passage] = []
    others: dict[str, int] = {}
    for at, part in _parts(document, look, "", Around()):
        name = part if isinstance(part, str) else part.kind.value
        if isinstance(part, str) or (kind is not None and part.kind is not kind):
            others[name] = others.get(name, 0) + 1
        else:
            found.append(_passage(at, part))
        if len(found) > PASSAGES_MAX:
            raise Refusal("document_large", f"the document holds more than {PASSAGES_MAX} things")
    if not found:
        raise Refusal("document_unknown", _nothing(document, others, kind))
    return found


def delivery(body: Any, headers: Mapping[str, str]) -> Delivery:
    """A webhook that lies on disk, as if its signature had been looked at; when it came nobody knows."""
    return Delivery(headers=headers, body=encode(body), url="", received_at=_LONG_AGO)


def incomplete(field: str) -> Refusal:
    """The refusal of a part that says too little."""
    return Refusal("document_incomplete", f"it does not say {field}", field=field)


def says(row: Raw, field: str) -> bool:
    """Whether the object has the field ('a.b' in the object of a), and it is not null."""
    name, _, rest = field.partition(".")
    value = row.get(name)
    return value is not None and (not rest or (isinstance(value, dict) and says(value, rest)))


def _parts(value: Any, look: Look, at: str, around: Around) -> Iterator[tuple[str, Part | str]]:
    """What stands in a value, with the way there. A decoded document has at most 64 levels."""
    if isinstance(value, list):
        for n, child in enumerate(value):
            yield from _parts(child, look, f"{at}[{n}]", around)
    elif isinstance(value, dict):
        part = look(value, around)
        if part is None:
            for name, child in value.items():
                inner = Around(name, (*around.above, value))
                yield from _parts(child, look, f"{at}.{name}" if at else name, inner)
        else:
            yield at, _checked(part, value)


def _checked(part: Part | str, row: Raw) -> Part | str:
    """The part; one that lacks a field that it cannot be read without refuses when it is read."""
    lacking = () if isinstance(part, str) else part.needs
    field = next((one for one in lacking if not any(says(row, name) for name in one.split("|"))), None)
    if field is None or isinstance(part, str):
        return part

    def refuse() -> Sequence[Testimony]:
        raise incomplete(field.replace("|", " or "))

    return Part(part.kind, refuse)


def _passage(at: str, part: Part) -> Passage:
    """The part as it was read, or why it could not be."""
    try:
        return Passage(at=at, kind=part.kind, seen=tuple(part.read()))
    except Refusal as refusal:
        code, why, field = refusal.code, refusal.why, refusal.field
    except ChannelError as error:
        code, why, field = "document_nonsense", error.why, ""
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        code, why, field = "shape", f"built in no shape that we know ({error!r})", ""
    return Passage(at=at, kind=part.kind, code=code, why=why, field=".".join(filter(None, (at, field))))


def _nothing(document: Any, others: Mapping[str, int], kind: DocumentKind | None) -> str:
    """The sentence that says what a document is instead of something for us."""
    wanted = f"no {kind.value}" if kind else "nothing for the hub"
    if others:
        named = sorted(others.items(), key=lambda row: -row[1])[:_NAMES_SHOWN]
        told = ", ".join(name if count == 1 else f"{count} × {name}" for name, count in named)
        return f"there is {wanted} in it; it seems to be: {told}"
    inner = document[0] if isinstance(document, list) and document else document
    while isinstance(inner, dict) and isinstance(inner.get("data"), dict):
        inner = inner["data"]
    if isinstance(inner, dict) and inner:
        fields = ", ".join(str(name)[:40] for name in list(inner)[:_FIELDS_SHOWN])
        each = "a list of objects" if isinstance(document, list) else "an object"
        return f"there is {wanted} in it; it is {each} with the fields {fields}"
    return f"there is {wanted} in it; it is {_WORDS.get(type(document), 'a number')}"


_WORDS: Mapping[type, str] = {
    dict: "an empty object",
    list: "a list without objects",
    str: "a text",
    bool: "a yes or no",
    type(None): "null",
}
