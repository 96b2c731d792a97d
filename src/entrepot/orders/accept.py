"""Accepting an exception: a person says that what it names may stay so. It does not come back for the same
thing; for another it does."""

from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal
from entrepot.orders import exception_rows
from entrepot.orders.exception_rows import Exceptional
from entrepot.orders.remedies import ACCEPTABLE


def accept(tx: Tx, id: str, why: str) -> Exceptional:
    """Closes an exception for good; who and why stay. Refusal `exception_unknown`, `exception_closed`,
    `not_acceptable` for one that only mending ends."""
    found = known(tx, id)
    if not found.open:
        raise Refusal("exception_closed", "it is closed already", field="exception")
    if found.kind not in ACCEPTABLE:
        raise Refusal(
            "not_acceptable",
            f"{found.kind} stands in the way of the goods: it has to be mended",
            remedy="See what the exception offers",
            field="exception",
        )
    exception_rows.accept(tx, id, why)
    _tell(tx, found, "ExceptionAccepted", why)
    return found


def reopen(tx: Tx, id: str, why: str) -> Exceptional:
    """Takes an acceptance back. Refusal `exception_unknown`, or `not_accepted`."""
    found = known(tx, id)
    if not found.accepted_by:
        raise Refusal("not_accepted", "nobody has accepted it", field="exception")
    there = exception_rows.standing(tx, [found.order_id]).open
    if (found.order_id, found.line_id, str(found.kind)) in there:
        raise Refusal("not_accepted", "another one of its kind is open by now", field="exception")
    exception_rows.reopen(tx, id)
    _tell(tx, found, "ExceptionReopened", why)
    return found


def known(tx: Tx, id: str) -> Exceptional:
    """An exception, locked; Refusal `exception_unknown`."""
    found = exception_rows.one(tx, id)
    if found is None:
        raise Refusal("exception_unknown", f"there is no exception {id[:40]!r}", field="exception")
    return found


def _tell(tx: Tx, one: Exceptional, kind: str, why: str) -> None:
    body = {"order": one.order_id, "line": one.line_id, "exception": one.id, "kind": one.kind, "why": why}
    events.append(tx, [Event(stream=f"order:{one.order_id}", kind=kind, body=body)])
