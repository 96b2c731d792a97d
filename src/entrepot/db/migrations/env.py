"""How Alembic runs our revisions: on the connection it is handed, in one transaction."""

from typing import Any, Literal

from alembic import context

from entrepot.db.tables import metadata
from entrepot.db.types import Instant, Json


def plain(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Revisions are frozen: they name the database's own types, not ours."""
    if kind == "type" and isinstance(value, Instant | Json):
        return "sa.BigInteger()" if isinstance(value, Instant) else "sa.Text()"
    return False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_item=plain)
with context.begin_transaction():
    context.run_migrations()
