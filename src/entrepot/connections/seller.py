"""Sellers inside the hub: field sales, B2B, programs. A seller is a connection that no platform stands
behind: its orders are placed here, and nothing is called, read or timed for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from entrepot.connections import rows
from entrepot.connections.connect import check_name, named
from entrepot.connections.model import OWN, Connection, Flow, Level, State
from entrepot.contract import LocationSeen
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""An order of a seller is the hub's whenever it was placed."""


class Reserve(StrEnum):
    """What becomes of an order that there are too few goods for."""

    REFUSE = "refuse"
    SHORT = "short"


def add_seller(
    tx: Tx,
    *,
    name: str,
    currency: str,
    reserve: Reserve,
    network_id: str,
    locations: Sequence[tuple[str, str]],
) -> Connection:
    """A new seller. `locations`: (code, id) of those it sells from. Refusal `name`, `name_taken`."""
    check_name(tx, name)
    made = Connection(
        id=tx.ids.new(),
        platform=OWN,
        name=name,
        settings={"currency": currency, "reserve": str(reserve)},
        flows={str(Flow.ORDERS_IN): str(Level.ON), str(Flow.STOCK_OUT): str(Level.OFF)},
        network_id=network_id,
        callback_url="",
        state=State.READY,
        since=ALWAYS,
    )
    rows.insert_connection(tx, made, ())
    rows.see_locations(tx, made.id, [LocationSeen(external_id=code, name=code) for code, _id in locations])
    for code, location_id in locations:
        rows.map_location(tx, made.id, code, location_id)
    body = {"platform": OWN, "name": name}
    events.append(tx, [Event(stream=f"connection:{made.id}", kind="ConnectionMade", body=body, key=made.id)])
    return made


def seller(tx: Tx, name: str) -> Connection:
    """The seller of that name; Refusal `connection_unknown`, or `not_a_seller` for an account of a
    platform."""
    found = named(tx, name)
    if found.calls:
        raise Refusal(
            "not_a_seller",
            f"{name} is an account of {found.platform}: its orders are placed there",
            remedy="Add a seller of the hub's own: entrepot sellers add",
            field="seller",
        )
    return found
