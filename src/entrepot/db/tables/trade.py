"""Places, items, SKUs, listings, connections and people."""

from sqlalchemy import (
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
from entrepot.db.types import Json

location = Table(
    "location",
    metadata,
    identity(),
    word("code"),
    word("name"),
    word("authority"),  # hub, mirrored
    instant("created_at"),
    UniqueConstraint("code"),
)

place = Table(
    "place",
    metadata,
    identity(),
    Column("location_id", Text, ForeignKey("location.id"), nullable=True),
    word("kind"),
    word("reason"),
    UniqueConstraint("location_id", "kind", "reason"),
)

network = Table("network", metadata, identity(), word("code"), word("name"), UniqueConstraint("code"))

network_location = Table(
    "network_location",
    metadata,
    Column("network_id", Text, ForeignKey("network.id"), primary_key=True),
    Column("location_id", Text, ForeignKey("location.id"), primary_key=True),
    Column("rank", Integer, nullable=False),
)

item = Table("item", metadata, identity(), word("code"), instant("created_at"), UniqueConstraint("code"))

sku = Table(
    "sku",
    metadata,
    identity(),
    word("code"),
    word("title"),
    Column("scale", Integer, nullable=False),  # pieces in one sold unit: 1000 for a kilogram counted in grams
    instant("created_at"),
    UniqueConstraint("code"),
    CheckConstraint("scale > 0", name="scale"),
)

sku_term = Table(
    "sku_term",
    metadata,
    word("term", key=True),  # a word of its code or title, folded (catalog.model.terms)
    Column("sku_id", Text, ForeignKey("sku.id"), primary_key=True),
    Index(None, "sku_id"),
)

recipe = Table(
    "recipe",
    metadata,
    Column("sku_id", Text, ForeignKey("sku.id"), primary_key=True),
    Column("item_id", Text, ForeignKey("item.id"), primary_key=True),
    Column("pieces", Integer, nullable=False),
    CheckConstraint("pieces > 0", name="pieces"),
    Index(None, "item_id"),
)

connection = Table(
    "connection",
    metadata,
    identity(),
    word("platform"),
    word("name"),
    Column("settings", Json, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the secret settings
    Column("flows", Json, nullable=False),
    Column("network_id", Text, ForeignKey("network.id"), nullable=False),
    word("callback_url"),
    word("state"),  # ready, waiting, reconnect
    word("why"),
    word("account"),  # whose it is, by the platform's own name for it; '' before the first look
    Column("facts", Json, nullable=False),  # what the last look found out
    instant("renewing_until", nullable=True),  # somebody renews the token, and nobody else may until then
    instant("since"),  # orders placed before are not the hub's
    instant("created_at"),
    UniqueConstraint("name"),
)

account_problem = Table(
    "account_problem",
    metadata,
    Column("connection_id", Text, ForeignKey("connection.id"), primary_key=True),
    word("source", key=True),  # probe, answers
    word("words", key=True),
    instant("since"),
)

consent = Table(
    "consent",
    metadata,
    Column("connection_id", Text, ForeignKey("connection.id"), primary_key=True),
    word("digest"),  # SHA-256 of the state that a person brings back
    instant("until"),
)

external_location = Table(
    "external_location",
    metadata,
    Column("connection_id", Text, ForeignKey("connection.id"), primary_key=True),
    word("external_id", key=True),
    word("name"),
    Column("location_id", Text, ForeignKey("location.id"), nullable=True),
)

watermark = Table(
    "watermark",
    metadata,
    Column("connection_id", Text, ForeignKey("connection.id"), primary_key=True),
    word("kind", key=True),
    instant("reached"),  # in the channel's own clock: everything changed before is here
    instant("done_at"),  # hub's time of the last whole reading
)

listing = Table(
    "listing",
    metadata,
    identity(),
    Column("connection_id", Text, ForeignKey("connection.id"), nullable=False),
    word("item"),  # the channel's item
    word("sku_text"),
    word("title"),
    word("gtin"),
    Column("sku_id", Text, ForeignKey("sku.id"), nullable=True),
    Column("active", Boolean, nullable=False),
    word("shared_pool"),
    UniqueConstraint("connection_id", "item"),
    Index(None, "sku_id", "id"),
    Index(None, "connection_id", "id"),
    Index(None, "connection_id", "sku_id", "id"),
    Index(None, "sku_text"),
)

person = Table(
    "person",
    metadata,
    identity(),
    word("connection_id"),
    Column("sealed", LargeBinary, nullable=False),
    word("buyer"),  # keyed digest of the channel's own name for the buyer; '' for a guest or one forgotten
    word("mail"),  # keyed digest of the mail address, alike on every channel
    instant("created_at"),
    Index("ix_person_buyer", "buyer", sqlite_where=text("buyer <> ''"), postgresql_where=text("buyer <> ''")),
    Index("ix_person_mail", "mail", sqlite_where=text("mail <> ''"), postgresql_where=text("mail <> ''")),
)

address = Table(
    "address",
    metadata,
    Column("person_id", Text, ForeignKey("person.id"), primary_key=True),
    word("kind", key=True),  # ship_to, bill_to
    Column("sealed", LargeBinary, nullable=False),
)
