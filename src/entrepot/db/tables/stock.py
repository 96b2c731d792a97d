"""Postings, moves, balances, reservations; stock slots with their four figures."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from entrepot.db.tables.base import identity, instant, metadata, word

posting = Table(
    "posting",
    metadata,
    word("cause", key=True),
    word("digest"),
    word("reason"),
    word("actor"),
    word("source"),
    word("correlation"),
    instant("happened_at"),
    instant("booked_at"),
)

move = Table(
    "move",
    metadata,
    identity(),
    Column("cause", Text, ForeignKey("posting.cause"), nullable=False),
    Column("item_id", Text, ForeignKey("item.id"), nullable=False),
    word("lot"),
    Column("source_id", Text, ForeignKey("place.id"), nullable=False),
    Column("target_id", Text, ForeignKey("place.id"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("cost_minor", BigInteger, nullable=True),  # of one piece, at receipt
    word("cost_currency", nullable=True),
    instant("happened_at"),
    instant("booked_at"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("source_id <> target_id", name="elsewhere"),
    Index(None, "cause"),
    Index(None, "item_id", "booked_at"),
)

balance = Table(
    "balance",
    metadata,
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("place_id", Text, ForeignKey("place.id"), primary_key=True),
    word("lot", key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("bounded", Boolean, nullable=False),
    CheckConstraint("quantity >= 0 OR NOT bounded", name="bounded"),
)

reservation = Table(
    "reservation",
    metadata,
    identity(),
    word("line_id"),
    Column("item_id", Text, ForeignKey("item.id"), nullable=False),
    word("lot"),
    Column("location_id", Text, ForeignKey("location.id"), nullable=True),
    Column("quantity", BigInteger, nullable=False),
    word("state"),
    instant("created_at"),
    instant("changed_at"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint(
        "state IN ('held', 'reserved', 'picked', 'consumed', 'released', 'expired', 'short')", name="state"
    ),
    CheckConstraint("state <> 'short' OR location_id IS NULL", name="short_is_nowhere"),
    CheckConstraint("state NOT IN ('held', 'reserved', 'picked', 'consumed') OR location_id IS NOT NULL",
                    name="claimed_somewhere"),
    Index(None, "line_id"),
    Index("ix_reservation_open", "item_id", "location_id", "id",
          sqlite_where=text("state IN ('held', 'reserved', 'picked', 'short')"),
          postgresql_where=text("state IN ('held', 'reserved', 'picked', 'short')")),
    Index(None, "state", "id"),
    Index(None, "item_id", "id"),
)  # fmt: skip

slot = Table(
    "slot",
    metadata,
    identity(),
    Column("connection_id", Text, ForeignKey("connection.id"), nullable=False),
    Column("listing_id", Text, ForeignKey("listing.id"), nullable=False),
    word("item"),
    word("location"),
    Column("wanted", BigInteger, nullable=True),
    instant("wanted_at", nullable=True),
    Column("sent", BigInteger, nullable=True),
    instant("sent_at", nullable=True),
    word("flight"),  # key of the write nobody has answered yet, '' if none
    Column("flight_delta", BigInteger, nullable=False),
    Column("acknowledged", BigInteger, nullable=True),
    instant("acknowledged_at", nullable=True),
    Column("observed", BigInteger, nullable=True),
    instant("observed_at", nullable=True),  # in the channel's own clock
    Column("base", BigInteger, nullable=True),  # believed = base + effects since base_at
    instant("base_at", nullable=True),  # in the channel's own clock
    word("trouble"),  # why the channel refuses this slot, '' if it does not
    UniqueConstraint("connection_id", "item", "location"),
    CheckConstraint("wanted >= 0", name="wanted"),
    Index(None, "listing_id"),
    Index(None, "connection_id", "id"),
    Index(
        "ix_slot_trouble", "id", sqlite_where=text("trouble <> ''"), postgresql_where=text("trouble <> ''")
    ),
)

slot_effect = Table(
    "slot_effect",
    metadata,
    Column("slot_id", Text, ForeignKey("slot.id"), primary_key=True),
    word("cause", key=True),
    Column("delta", BigInteger, nullable=False),
    instant("at"),  # in the channel's own clock: it happened then or later
    instant("booked_at"),
    sqlite_with_rowid=False,
)

slot_figure = Table(
    "slot_figure",
    metadata,
    identity(),
    Column("slot_id", Text, ForeignKey("slot.id"), nullable=False),
    word("figure"),  # wanted, sent, acknowledged, observed
    Column("quantity", BigInteger, nullable=False),
    instant("at"),  # hub's time
    word("cause"),
    Index(None, "slot_id", "at"),
)
