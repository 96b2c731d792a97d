"""Events, deliveries, jobs and keys: what the rooms share."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)

from entrepot.db.tables.base import identity, instant, metadata, word
from entrepot.db.types import Json

event = Table(
    "event",
    metadata,
    identity(),
    Column("turn", BigInteger, nullable=False),  # the transaction's place among all: see db/events.py
    word("stream"),
    Column("version", Integer, nullable=False),
    word("kind"),
    Column("body", Json, nullable=False),
    word("actor"),
    word("source"),
    word("correlation"),
    instant("at"),
    UniqueConstraint("stream", "version"),
    Index(None, "at"),
    Index(None, "turn", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    identity(),
    word("connection_id"),
    word("key"),
    word("seal"),  # name of the key the delivery is sealed under
    word("state"),  # new, done, dead
    Column("attempts", Integer, nullable=False),
    instant("received_at"),
    instant("run_at"),
    instant("done_at", nullable=True),
    word("why"),
    Column("sealed", LargeBinary, nullable=False),  # last: what is looked for should not lie behind it
    UniqueConstraint("connection_id", "key"),
    CheckConstraint("state IN ('new', 'done', 'dead')", name="state"),
    Index(
        "ix_inbox_open",
        "id",
        "run_at",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_inbox_dead", "id", sqlite_where=text("state = 'dead'"), postgresql_where=text("state = 'dead'")
    ),
)

job = Table(
    "job",
    metadata,
    identity(),
    word("queue"),
    Column("lane", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    word("kind"),
    word("key"),
    word("once", nullable=True),
    Column("body", Json, nullable=False),
    word("state"),  # ready, dead
    Column("attempts", Integer, nullable=False),
    instant("run_at"),
    instant("created_at"),
    word("correlation"),
    word("why"),
    CheckConstraint("state IN ('ready', 'dead')", name="state"),
    Index("ix_job_ready", "queue", "rank", "id", sqlite_where=text("state = 'ready'"),
          postgresql_where=text("state = 'ready'")),
    Index("ix_job_key", "queue", "key", "id"),
    Index("ix_job_dead", "id", sqlite_where=text("state = 'dead'"), postgresql_where=text("state = 'dead'")),
    Index("ix_job_once", "once", sqlite_where=text("state = 'ready'"),
          postgresql_where=text("state = 'ready'")),
)  # fmt: skip

seal_key = Table(
    "seal_key",
    metadata,
    word("name", key=True),
    Column("sealed", LargeBinary, nullable=False),
    instant("created_at"),
)

answer = Table(
    "answer",
    metadata,
    word("who", key=True),
    word("key", key=True),
    word("digest"),  # SHA-256 of what was asked for
    Column("status", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # what was answered, under the key of its day
    word("seal"),
    instant("created_at"),
    Index(None, "created_at"),
)
