"""Every table of the hub, one file per group of rooms; only a room's rows.py writes the room's tables."""

from entrepot.db.tables.access import invitation, recovery_code, session, token, user
from entrepot.db.tables.base import metadata
from entrepot.db.tables.holding import hold, transfer, transfer_line
from entrepot.db.tables.sales import exception, order_line, orders
from entrepot.db.tables.screens import saved_view
from entrepot.db.tables.stock import balance, move, posting, reservation, slot, slot_effect, slot_figure
from entrepot.db.tables.trade import (
    account_problem,
    address,
    connection,
    consent,
    external_location,
    item,
    listing,
    location,
    network,
    network_location,
    person,
    place,
    recipe,
    sku,
    sku_term,
    watermark,
)
from entrepot.db.tables.work import answer, event, inbox, job, seal_key

__all__ = [
    "account_problem",
    "address",
    "answer",
    "balance",
    "connection",
    "consent",
    "event",
    "exception",
    "external_location",
    "hold",
    "inbox",
    "invitation",
    "item",
    "job",
    "listing",
    "location",
    "metadata",
    "move",
    "network",
    "network_location",
    "order_line",
    "orders",
    "person",
    "place",
    "posting",
    "recipe",
    "recovery_code",
    "reservation",
    "saved_view",
    "seal_key",
    "session",
    "sku",
    "sku_term",
    "slot",
    "slot_effect",
    "slot_figure",
    "token",
    "transfer",
    "transfer_line",
    "user",
    "watermark",
]
