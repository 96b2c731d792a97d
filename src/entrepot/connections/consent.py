"""Consent: a person is sent to the platform's page with a state of ours, and comes back with it, once."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

import msgspec

from entrepot.channels.kit import oauth
from entrepot.connections import rows
from entrepot.connections.connect import let_in, named, secrets_of
from entrepot.connections.look import RENEWAL, see_problems
from entrepot.connections.model import Connection
from entrepot.contract import About
from entrepot.db import Event, Tx, events

CONSENT_FOR = timedelta(minutes=30)
"""So long a page of consent may stay open."""


def ask_consent(tx: Tx, about: About, name: str) -> str:
    """The address at which a person consents to what we want of the account. It works once, within half an
    hour, and ends the one that was given before. Refusal `connection_unknown` or `oauth_unsupported`."""
    held = named(tx, name)
    state = tx.keyring.new_key().hex()
    url = oauth.authorize_url(about, held.settings, redirect_uri=held.consent_url, state=state)
    rows.keep_consent(tx, held.id, _digest(state), tx.now + CONSENT_FOR)
    return url


def take_consent(tx: Tx, id: str, state: str) -> bool:
    """Whether this state is the one that the account waits for; it is not from now on."""
    return rows.take_consent(tx, id, _digest(state))


def keep_grant(tx: Tx, about: About, id: str, granted: Mapping[str, str], *, used: str | None) -> Connection:
    """Keeps what the platform granted, and ends the lease on its renewal; the connection as it is then.

    `used`: the token that it takes the place of. If another one is held by now, somebody was faster and
    theirs stays. None: by consent of a person, in any case; the account is let in.
    """
    held = rows.locked(tx, id)
    if used is not None and held.settings.get("token", "") != used:
        return held
    forgotten = dict.fromkeys(oauth.FILLED, "") if used is None else {}
    changed = msgspec.structs.replace(held, settings={**held.settings, **forgotten, **granted})
    rows.update_settings(tx, changed, secrets_of(about))
    rows.set_lease(tx, id, None)
    see_problems(tx, id, RENEWAL, [])
    if used is None:
        events.append(tx, [Event(stream=f"connection:{id}", kind="ConsentGiven", body={"connection": id})])
        let_in(tx, id)
    return changed


def _digest(state: str) -> str:
    return sha256(state.encode()).hexdigest()
