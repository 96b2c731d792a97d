"""Who may come in: users and their sessions, programs' tokens, links that work once."""

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
)

from entrepot.db.tables.base import identity, instant, metadata, word
from entrepot.db.types import Json

user = Table(
    "user",
    metadata,
    identity(),
    word("login"),
    word("name"),
    word("password"),  # argon2id; '' for one who only comes in by a link
    word("role"),
    Column("locations", Json, nullable=True),  # codes of the only ones whose stock they may change
    Column("totp", LargeBinary, nullable=True),  # the secret, sealed
    Column("totp_on", Boolean, nullable=False),  # a code has confirmed the secret
    Column("totp_step", BigInteger, nullable=False),  # of the last code: it and those before it are used up
    word("state"),
    Column("failures", Integer, nullable=False),  # wrong passwords and codes in a row
    instant("locked_until", nullable=True),
    instant("created_at"),
    instant("password_changed_at", nullable=True),
    UniqueConstraint("login"),
    CheckConstraint("state IN ('active', 'ended')", name="state"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("user_id", Text, ForeignKey("user.id"), primary_key=True),
    word("digest", key=True),
)

session = Table(
    "session",
    metadata,
    identity(),
    word("digest"),  # SHA-256 of what the cookie holds
    Column("user_id", Text, ForeignKey("user.id"), nullable=False),
    word("way"),  # link, password
    word("needs"),  # totp while only the password was given, else ''
    word("agent"),
    instant("created_at"),
    instant("seen_at"),
    instant("ends_at"),
    UniqueConstraint("digest"),
    Index(None, "user_id"),
)

token = Table(
    "token",
    metadata,
    identity(),
    word("name"),
    word("digest"),  # SHA-256 of what the program bears
    Column("permissions", Json, nullable=False),
    Column("locations", Json, nullable=True),
    Column("user_id", Text, ForeignKey("user.id"), nullable=True),  # who made it; none: the command line
    instant("created_at"),
    instant("used_at", nullable=True),
    instant("ends_at", nullable=True),
    instant("ended_at", nullable=True),
    UniqueConstraint("digest"),
    Index(None, "user_id"),
)

invitation = Table(
    "invitation",
    metadata,
    identity(),
    word("digest"),  # SHA-256 of the last part of the link
    word("kind"),  # first, join, enter
    Column("user_id", Text, ForeignKey("user.id"), nullable=True),  # whom `enter` lets in
    word("login"),  # of whom `join` will make
    word("name"),
    word("role"),
    Column("locations", Json, nullable=True),
    instant("created_at"),
    instant("until"),
    instant("used_at", nullable=True),
    UniqueConstraint("digest"),
)
