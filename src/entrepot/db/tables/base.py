"""The one metadata and the two columns that every room's tables are made of."""

from sqlalchemy import Column, MetaData, Text

from entrepot.db.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> Column[str]:
    """A time-ordered id, made by the hub."""
    return Column("id", Text, primary_key=True)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment, UTC."""
    return Column(name, Instant, nullable=nullable)


def word(name: str, *, nullable: bool = False, key: bool = False) -> Column[str]:
    """A text column."""
    return Column(name, Text, nullable=nullable, primary_key=key)
