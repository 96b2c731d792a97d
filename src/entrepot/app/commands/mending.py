"""Remedies: what a person does about exceptions."""

from entrepot import connections, orders, sync
from entrepot.app.commands import given
from entrepot.app.commands.arguments import Answer
from entrepot.app.commands.mending_arguments import (
    AcceptException,
    GiveUpLine,
    RefetchOrder,
    ReopenException,
    SourceLine,
)
from entrepot.app.wiring import Hub
from entrepot.db import Event, Tx, events, jobs
from entrepot.kernel import Refusal


def accept_exception(tx: Tx, _hub: Hub, command: AcceptException) -> Answer:
    found = orders.accept(tx, command.exception, given.words(command.why, "why", needed=True))
    return {"exception": found.id, "order": found.order_id, "kind": found.kind, "state": "accepted"}


def reopen_exception(tx: Tx, _hub: Hub, command: ReopenException) -> Answer:
    found = orders.reopen(tx, command.exception, given.words(command.why, "why", needed=True))
    return {"exception": found.id, "order": found.order_id, "kind": found.kind, "state": "open"}


def refetch_order(tx: Tx, _hub: Hub, command: RefetchOrder) -> Answer:
    order = orders.known(tx, command.order)
    account = connections.connection(tx, id=order.connection_id)
    assert account is not None
    if not account.calls:
        why = f"{order.seen.number} was placed in the hub: there is nowhere else to read it"
        raise Refusal("own_seller", why, field="order")
    jobs.enqueue(tx, [sync.fetch_job(account.id, order.seen.external_id)])
    body = {"order": order.id}
    events.append(tx, [Event(stream=f"order:{order.id}", kind="RefetchAsked", body=body)])
    return {"order": order.id, "number": order.seen.number, "asked": account.name}


def source_line(tx: Tx, _hub: Hub, command: SourceLine) -> Answer:
    moved = orders.source(tx, command.order, command.line, location=command.location)
    return {"order": command.order, "line": command.line, "location": command.location, "moved": moved}


def give_up_line(tx: Tx, _hub: Hub, command: GiveUpLine) -> Answer:
    reason = given.words(command.reason, "reason", needed=True)
    order = orders.give_up(tx, command.order, command.line, reason=reason)
    return {
        "order": order.id,
        "line": command.line,
        "version": order.version,
        "commercial": order.seen.commercial,
    }
