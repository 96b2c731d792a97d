"""Writes the next revision of the schema: the difference between the tables in the code and the newest
revision."""

import sys

from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from entrepot.db.migrate import HEAD, configuration


def main() -> None:
    """Usage: python tools/revision.py "What changes"."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        config = configuration(connection)
        command.upgrade(config, "head")
        command.revision(config, sys.argv[1], autogenerate=True, rev_id=f"{int(HEAD) + 1:04d}")


if __name__ == "__main__":
    main()
