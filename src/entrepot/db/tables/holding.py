"""Holds and transfers: goods kept for somebody for a while, goods on their way between two locations."""

from sqlalchemy import (
    BigInteger,
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

hold = Table(
    "hold",
    metadata,
    identity(),  # its reservations name it as their line
    word("reference"),
    Column("sku_id", Text, ForeignKey("sku.id"), nullable=False),
    Column("connection_id", Text, ForeignKey("connection.id"), nullable=True),  # the seller it is for
    word("location_ids"),  # where goods may be held, in order, with blanks between
    Column("asked", BigInteger, nullable=False),  # pieces of the SKU
    Column("quantity", BigInteger, nullable=False),  # of them still held
    word("state"),  # held, used, released, expired
    instant("ends_at"),
    word("actor"),
    instant("created_at"),
    instant("changed_at"),
    UniqueConstraint("reference"),
    CheckConstraint("quantity >= 0 AND quantity <= asked", name="quantity"),
    CheckConstraint("state IN ('held', 'used', 'released', 'expired')", name="state"),
    Index(None, "sku_id"),
    Index("ix_hold_open", "ends_at", sqlite_where=text("state = 'held'"),
          postgresql_where=text("state = 'held'")),
)  # fmt: skip

transfer = Table(
    "transfer",
    metadata,
    identity(),
    word("reference"),
    Column("source_id", Text, ForeignKey("location.id"), nullable=False),
    Column("target_id", Text, ForeignKey("location.id"), nullable=False),
    word("state"),  # in_transit, partly_received, received
    word("actor"),
    instant("sent_at"),
    instant("changed_at"),
    UniqueConstraint("reference"),
    CheckConstraint("state IN ('in_transit', 'partly_received', 'received')", name="state"),
    CheckConstraint("source_id <> target_id", name="elsewhere"),
)

transfer_line = Table(
    "transfer_line",
    metadata,
    Column("transfer_id", Text, ForeignKey("transfer.id"), primary_key=True),
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    word("lot", key=True),
    Column("sku_id", Text, ForeignKey("sku.id"), nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),  # counted, which may be more than was sent
    Column("lost", BigInteger, nullable=False),  # of sent: not found when the last of it was counted
    CheckConstraint("sent > 0 AND arrived >= 0 AND lost >= 0", name="quantity"),
)
