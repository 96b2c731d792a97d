"""Who may look at the pages: a link that works once makes a session. A small room-shaped thing until there
are users.

Links and sessions are 32 random bytes each; only their SHA-256 is kept, in the memory of this process: after
a restart everybody opens a new link.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from entrepot.kernel import Clock

LINK_FOR = timedelta(hours=1)
SESSION_FOR = timedelta(hours=12)
KEPT_MAX = 1000


class Login:
    """Hands out links, turns each into one session, and knows the sessions that are open."""

    def __init__(self, clock: Clock, draw: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._clock, self._draw = clock, draw
        self._links: dict[bytes, datetime] = {}
        self._sessions: dict[bytes, datetime] = {}
        self._lock = threading.Lock()

    def link(self) -> str:
        """The path of a new link; it works once, within an hour."""
        return f"/login/{self._keep(self._links, LINK_FOR)}"

    def open(self, link: str) -> str | None:
        """A new session for the last part of a link's path; None if it was used, is too old or was never
        ours."""
        with self._lock:
            until = self._links.pop(_digest(link), None)
        if until is None or until < self._clock.now():
            return None
        return self._keep(self._sessions, SESSION_FOR)

    def knows(self, session: str) -> bool:
        """Whether the session is open."""
        until = self._sessions.get(_digest(session))
        return until is not None and until >= self._clock.now()

    def close(self, session: str) -> None:
        """Ends a session; nothing happens if there is none."""
        with self._lock:
            self._sessions.pop(_digest(session), None)

    def _keep(self, kept: dict[bytes, datetime], how_long: timedelta) -> str:
        secret, now = self._draw(32).hex(), self._clock.now()
        with self._lock:
            for old in [key for key, until in kept.items() if until < now] or list(kept)[
                : len(kept) // KEPT_MAX
            ]:
                del kept[old]
            kept[_digest(secret)] = now + how_long
        return secret


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
