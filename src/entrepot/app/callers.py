"""Who calls: a program with a token, or the command line of this machine with the token of the hub's own
notice."""

import hmac
from hashlib import sha256

from entrepot import access
from entrepot.access import Who, at_command_line
from entrepot.db import Store

LOGIN_HEADER = "x-entrepot-login"
"""The command line says in it who types. It is believed with the notice's token only."""


class Callers:
    """Knows programs by what they bear. Of the notice's token only a digest stays."""

    def __init__(self, store: Store, token: str) -> None:
        self._store, self._kept = store, sha256(token.encode()).digest()

    def who(self, authorization: str, login: str = "") -> Who | None:
        """Who sent the header `Authorization: Bearer <token>`; None if it names nobody. `login`: what stands
        in LOGIN_HEADER."""
        scheme, _, given = authorization.partition(" ")
        token = given.strip()
        if scheme.lower() != "bearer" or not token:
            return None
        if hmac.compare_digest(sha256(token.encode("utf-8", "surrogatepass")).digest(), self._kept):
            return at_command_line(login)
        return access.bears(self._store, token)
