"""How much of a folder of recorded payloads is understood, and how many of its orders agree to the cent."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from entrepot.channels.kit.files import read_file
from entrepot.contract import Channel, DocumentKind, OrderSeen, Passage, disagreements
from entrepot.kernel import Refusal

DISAGREES, INCOMPLETE, UNKNOWN = "order_disagrees", "document_incomplete", "document_unknown"


class Exceptional(msgspec.Struct, frozen=True, kw_only=True):
    """What was not read to the cent: in which file, where in it, by which name, and the sentence."""

    file: str
    at: str
    code: str
    why: str
    order: bool = False


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A platform's payloads. `orders` are whole ones: those that a question asked for in part only have no
    sums to agree with; they are `partial` and named among the exceptions, as is every file that is none."""

    platform: str
    files: int
    understood: int  # files with something for the hub
    orders: int
    agreeing: int
    partial: int
    exceptions: tuple[Exceptional, ...]

    @property
    def share_bp(self) -> int:
        """Agreeing orders in basis points, rounded down; 0 where there is no order."""
        return self.agreeing * 10_000 // self.orders if self.orders else 0


def share(name: str, channel: Channel, folder: Path) -> Share:
    """Reads every JSON file below a folder, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file())
    found = [(path.relative_to(folder).as_posix(), *_read(channel, path)) for path in paths]
    orders = [one for _, passages, _ in found for one in passages if one.kind is DocumentKind.ORDER]
    whole = [seen for one in orders for seen in one.seen if isinstance(seen, OrderSeen)]
    refused = [one for one in orders if one.code]
    partial = sum(one.code == INCOMPLETE for one in refused)
    return Share(
        platform=name,
        files=len(paths),
        understood=sum(any(one.seen for one in passages) for _, passages, _ in found),
        orders=len(whole) + len(refused) - partial,
        agreeing=sum(not disagreements(one) for one in whole),
        partial=partial,
        exceptions=tuple(row for file, passages, refusal in found for row in _rows(file, passages, refusal)),
    )


def together(shares: Sequence[Share]) -> Share:
    """All platforms in one; the exceptions stand with each."""
    return Share(
        platform="all",
        files=sum(one.files for one in shares),
        understood=sum(one.understood for one in shares),
        orders=sum(one.orders for one in shares),
        agreeing=sum(one.agreeing for one in shares),
        partial=sum(one.partial for one in shares),
        exceptions=(),
    )


def _read(channel: Channel, path: Path) -> tuple[Sequence[Passage], Refusal | None]:
    try:
        return read_file(channel, path), None
    except Refusal as refusal:
        return (), refusal


def _rows(file: str, passages: Sequence[Passage], refusal: Refusal | None) -> Iterator[Exceptional]:
    if refusal:
        yield Exceptional(file=file, at="", code=refusal.code, why=refusal.why)
    for one in passages:
        order = one.kind is DocumentKind.ORDER
        if one.code:
            yield Exceptional(file=file, at=one.at, code=one.code, why=one.why, order=order)
        for seen in one.seen:
            wrong = disagreements(seen) if isinstance(seen, OrderSeen) else []
            if wrong:
                why = "; ".join(str(figure) for figure in wrong)
                yield Exceptional(file=file, at=one.at, code=DISAGREES, why=why, order=True)
