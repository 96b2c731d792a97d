"""What people keep of the screens: views with a name."""

from sqlalchemy import Table, UniqueConstraint

from entrepot.db.tables.base import identity, instant, metadata, word

saved_view = Table(
    "saved_view",
    metadata,
    identity(),
    word("actor"),
    word("screen"),
    word("name"),
    word("query"),  # as an address has it
    instant("created_at"),
    UniqueConstraint("actor", "screen", "name"),
)
