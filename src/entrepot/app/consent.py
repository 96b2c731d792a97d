"""A person comes back from a platform's page of consent: whether they do is looked at, the code is exchanged,
what was granted is kept, and a look at the account follows."""

from collections.abc import Sequence
from contextlib import closing

import msgspec

from entrepot import connections, sync
from entrepot.app.wiring import Hub
from entrepot.channels.kit import oauth
from entrepot.connections import Connection
from entrepot.contract import About
from entrepot.db import Tx
from entrepot.kernel import ChannelError

Query = Sequence[tuple[str, str]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told. `status` is that of HTTP."""

    status: int
    title: str
    what: str


def come_back(hub: Hub, name: str, query: Query) -> Outcome:
    """What became of the consent to the connection `name`. The state in the query works once.

    The first to be looked at is what the platform signed, so that a forgery does not use the state up. A
    refusal need not be signed: it changes nothing but that.
    """
    account = hub.store.read(lambda tx: connections.connection(tx, name=name))
    channel = hub.channels.get(account.platform) if account else None
    if account is None or channel is None or channel.ABOUT.oauth is None:
        return Outcome(status=404, title="There is no such connection", what="Nothing was changed.")
    about: About = channel.ABOUT
    given = dict(query)
    check = None if given.get("error") else getattr(channel, "check_return", None)
    why = check(query, account.settings) if check else ""
    if why:
        return _refused(account, why)
    if not hub.store.run(lambda tx: connections.take_consent(tx, account.id, given.get("state", ""))):
        return _refused(account, "The link was used already, is too old, or is not one of this hub's.")
    if given.get("error") or not given.get("code"):
        return _refused(account, f"{about.title} was not given the consent.")
    return _granted(hub, account, about, given["code"])


def _granted(hub: Hub, account: Connection, about: About, code: str) -> Outcome:
    back = account.consent_url if about.oauth and about.oauth.names_return else ""
    try:
        with closing(hub.token_door(account)) as door:
            granted = oauth.exchange(door, about, code=code, redirect_uri=back)
    except ChannelError as error:
        why = f"{about.title} did not give access for the code ({error.cause})."
        return _refused(account, why, status=502)

    def keep(tx: Tx) -> None:
        connections.keep_grant(tx, about, account.id, granted.settings(), used=None)
        sync.look_again(tx, account.id)

    hub.store.run(keep, actor="person", source="consent")
    what = f"The hub now reads {account.name}. `entrepot check` says what is still missing."
    return Outcome(status=200, title=f"{about.title} is connected", what=what)


def _refused(account: Connection, why: str, *, status: int = 400) -> Outcome:
    mend = f"Nothing was changed. For a new link: entrepot reconnect {account.name} --consent"
    return Outcome(status=status, title="Not connected", what=f"{why} {mend}")
