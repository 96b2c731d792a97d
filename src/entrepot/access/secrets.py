"""Secrets that open doors: links, sessions, tokens. Only their digests are kept."""

import hmac
import secrets
import string
import zlib
from collections.abc import Callable
from hashlib import sha256

Draw = Callable[[int], bytes]

PREFIX = "ent_"
LETTERS = string.digits + string.ascii_letters
BODY, CHECK = 43, 6
"""Letters of a token: 43 hold 32 random bytes, 6 their checksum."""


def digest(secret: str) -> str:
    """What is kept of a secret of 32 random bytes: so long a one cannot be guessed from its SHA-256."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_secret(draw: Draw = secrets.token_bytes) -> str:
    """The secret of a link or a session."""
    return draw(32).hex()


def new_token(draw: Draw = secrets.token_bytes) -> str:
    """A program's token: `ent_`, 43 letters, 6 of checksum. A scanner that finds one in a text can tell it
    from chance without asking us."""
    body = _spelled(int.from_bytes(draw(32)), BODY)
    return f"{PREFIX}{body}{_check(body)}"


def is_token(text: str) -> bool:
    """Whether a text has the shape and the checksum of a token."""
    body = text[len(PREFIX) : -CHECK]
    whole = len(text) == len(PREFIX) + BODY + CHECK and text.isascii() and text.startswith(PREFIX)
    return whole and hmac.compare_digest(_check(body), text[-CHECK:])


def csrf_of(session: str) -> str:
    """What the forms of a session carry. It tells nothing about the session's own secret."""
    return hmac.new(session.encode("utf-8", "surrogatepass"), b"csrf", sha256).hexdigest()


def _check(body: str) -> str:
    return _spelled(zlib.crc32(body.encode()), CHECK)


def _spelled(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(reversed(letters))
