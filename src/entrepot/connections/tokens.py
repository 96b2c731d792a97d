"""Tokens that end: renewed before they do, or when the platform refuses one, by one process at a time.

A refresh token that is replaced by its use must not be used by two at once, nor be lost with the process that
holds its replacement. So who renews first claims a lease on the account's row, then asks the platform outside
any transaction, and keeps what was granted before it makes a call with it. Who finds the lease taken goes on
with the old token as long as that lives, else comes back later and finds the new one. A process that dies
under way leaves a lease that runs out, and the old refresh token, which then serves once more.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Protocol

import msgspec

from entrepot.channels.kit import oauth
from entrepot.connections import rows
from entrepot.connections.consent import keep_grant
from entrepot.connections.look import RENEWAL, see_problems
from entrepot.connections.model import Connection
from entrepot.contract import About, Api
from entrepot.db import Store, Tx
from entrepot.kernel import Cause, ChannelError

LEASE = timedelta(seconds=150)
"""Longer than any call takes (kit.api: 120 seconds for an answer, ten for the connection)."""

PAUSE = timedelta(seconds=10)
"""After a renewal that waiting may help nobody tries again so soon."""

LOOK_AGAIN_S = 2.0
RESTS = 10
"""After one that failed before the token has ended, a tenth of the time before its end passes."""

NO_MORE = (
    "The platform gives no new token for this account: look whether the application is still installed and "
    "its secret right; else let a person consent again, with `entrepot reconnect NAME --consent`."
)


class Door(Api, Protocol):
    """A platform's token address, opened for one renewal."""

    def close(self) -> None: ...


class _Claim(msgspec.Struct, frozen=True):
    held: Connection
    mine: bool


class Tokens:
    """The credentials of one account, as contract.Vault. `door` opens the platform's token address for
    settings."""

    def __init__(
        self, store: Store, about: About, connection: Connection, door: Callable[[Connection], Door]
    ) -> None:
        self._store, self._about, self._door = store, about, door
        self._held = connection
        self._rests_until = store.clock.now()

    def learn(self, connection: Connection) -> None:
        """What is held now, as the caller has just read it."""
        self._held = connection

    def current(self) -> Mapping[str, str]:
        """The settings; a token near its end was renewed. As long as the old one lives, it does if that
        fails."""
        settings, now = self._held.settings, self._store.clock.now()
        flow, token = self._about.oauth, settings.get("token", "")
        if flow is None or not oauth.renewable(self._about, settings):
            return settings
        lives = bool(token) and not oauth.due(settings, now, 0.0)
        if lives and (now < self._rests_until or not oauth.due(settings, now, flow.early_s)):
            return settings
        try:
            self._renew(token)
        except ChannelError:
            if not lives:
                raise
            self._rests_until = now + timedelta(seconds=flow.early_s / RESTS)
        return self._held.settings

    def renewed(self, refused: str) -> Mapping[str, str] | None:
        """The settings with another token than the refused one; None if there is none to be had."""
        self._held = self._store.read(lambda tx: rows.connection(tx, id=self._held.id)) or self._held
        if self._held.settings.get("token", "") != refused:
            return self._held.settings  # renewed elsewhere, or a person gave another one
        if not oauth.renewable(self._about, self._held.settings):
            return None
        self._renew(refused)
        return self._held.settings

    def _renew(self, used: str) -> None:
        """Holds another token than `used` afterwards. ChannelError if that is not to be had (DENIED) or not
        yet."""
        claim = self._store.run(lambda tx: self._claim(tx, used), source="renewal")
        self._held = claim.held
        if claim.held.settings.get("token", "") != used:
            return
        if not claim.mine:
            raise ChannelError(Cause.BUSY, "the access is being renewed", wait_s=LOOK_AGAIN_S)
        try:
            with closing(self._door(claim.held)) as door:
                granted = oauth.renew(door, self._about)
        except ChannelError as error:
            denied = error.cause is Cause.DENIED
            self._store.run(lambda tx: self._failed(tx, denied=denied), source="renewal")
            raise _said(error) from None
        self._held = self._store.run(
            lambda tx: keep_grant(tx, self._about, self._held.id, granted.settings(), used=used),
            source="renewal",
        )

    def _failed(self, tx: Tx, *, denied: bool) -> None:
        rows.set_lease(tx, self._held.id, None if denied else tx.now + PAUSE)
        if denied:
            see_problems(tx, self._held.id, RENEWAL, [NO_MORE])

    def _claim(self, tx: Tx, used: str) -> _Claim:
        held = rows.locked(tx, self._held.id)
        if held.settings.get("token", "") != used:
            return _Claim(held, mine=False)
        return _Claim(held, mine=rows.claim_lease(tx, held.id, tx.now + LEASE))


def _said(error: ChannelError) -> ChannelError:
    """The failure in words of the account; after a lost answer the same may be asked again."""
    if error.cause is Cause.DENIED:
        return ChannelError(
            Cause.DENIED, f"the access is not renewed any more, connect again ({error.why})", code=error.code
        )
    return error
