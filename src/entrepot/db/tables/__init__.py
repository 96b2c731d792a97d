"""Every table of the hub, one file per group of rooms; only a room's rows.py writes the room's tables."""

from entrepot.db.tables.base import metadata
from entrepot.db.tables.sales import exception, order_line, orders
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
    watermark,
)
from entrepot.db.tables.work import event, inbox, job, seal_key

__all__ = [
    "account_problem",
    "address",
    "balance",
    "connection",
    "consent",
    "event",
    "exception",
    "external_location",
    "inbox",
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
    "reservation",
    "seal_key",
    "sku",
    "slot",
    "slot_effect",
    "slot_figure",
    "watermark",
]
