"""Orders, their lines and their exceptions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from entrepot.db.tables.base import identity, instant, metadata, word

orders = Table(
    "orders",
    metadata,
    identity(),
    Column("connection_id", Text, ForeignKey("connection.id"), nullable=False),
    word("external_id"),
    word("number"),
    word("version_key"),
    word("digest"),
    instant("as_of"),  # hub's time at which this was surely so: received, or asked
    Column("version", Integer, nullable=False),  # ours: 1, 2, …
    word("commercial"),
    word("payment"),
    word("fulfilment"),
    word("status"),  # the one word for people, derived from the three axes
    word("currency"),
    Column("total", BigInteger, nullable=False),
    Column("person_id", Text, ForeignKey("person.id"), nullable=True),
    instant("placed_at"),
    instant("changed_at"),
    instant("received_at"),
    Column(
        "seen", LargeBinary, nullable=False
    ),  # the last testimony without people and raw text, MessagePack
    UniqueConstraint("connection_id", "external_id"),
    Index(None, "connection_id", "id"),
    Index(None, "status", "id"),
    Index(None, "commercial", "id"),
    Index(None, "payment", "id"),
    Index(None, "fulfilment", "id"),
    Index(None, "number", "id"),
    Index(None, "placed_at", "id"),
    Index(None, "received_at", "id"),
)

order_line = Table(
    "order_line",
    metadata,
    identity(),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False),
    word("external_id"),
    word("item"),
    word("sku_text"),
    word("title"),
    Column("sku_id", Text, ForeignKey("sku.id"), nullable=True),
    Column("amount", BigInteger, nullable=False),
    Column("ordered", BigInteger, nullable=False),  # pieces of the SKU
    Column("cancelled", BigInteger, nullable=False),
    Column("shipped", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),  # what the channel took off its own figure, sold units
    Column("unsellable", BigInteger, nullable=False),  # of cancelled: not to be sold again
    Column("shelved", BigInteger, nullable=False),  # of returned: back on the shelf
    Column("kept", BigInteger, nullable=False),  # of returned: refunded, but not back, or not fit for sale
    Column("handed_over", Boolean, nullable=False),
    UniqueConstraint("order_id", "external_id"),
    CheckConstraint("ordered >= cancelled + shipped AND returned <= shipped", name="adds_up"),
    CheckConstraint("cancelled >= unsellable AND returned >= shelved + kept", name="parts"),
    CheckConstraint("unsellable >= 0 AND shelved >= 0 AND kept >= 0", name="parts_not_negative"),
    CheckConstraint("ordered >= 0 AND cancelled >= 0 AND shipped >= 0 AND returned >= 0",
                    name="not_negative"),
    Index(None, "sku_id", "order_id"),
)  # fmt: skip

exception = Table(
    "exception",
    metadata,
    identity(),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False),
    word("line_id"),  # '' for one of the whole order
    word("kind"),
    word("detail"),
    instant("opened_at"),
    instant("closed_at", nullable=True),
    word("accepted_by"),  # who said that it may stay so, '' if nobody did
    word("accepted_why"),
    Index("uq_exception_open", "order_id", "line_id", "kind", unique=True,
          sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
    Index("ix_exception_open", "id", sqlite_where=text("closed_at IS NULL"),
          postgresql_where=text("closed_at IS NULL")),
    Index("ix_exception_kind", "kind", "id", sqlite_where=text("closed_at IS NULL"),
          postgresql_where=text("closed_at IS NULL")),
    Index("ix_exception_kind_order", "kind", "order_id", sqlite_where=text("closed_at IS NULL"),
          postgresql_where=text("closed_at IS NULL")),
    Index(None, "order_id"),
)  # fmt: skip
