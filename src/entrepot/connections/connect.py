"""Connecting an account, changing its flows, and noting when the platform shuts us out or lets us in."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from entrepot.channels.kit import oauth
from entrepot.connections import rows
from entrepot.connections.look import RENEWAL, see_problems
from entrepot.connections.model import FIRST_FLOWS, Connection, Flow, Level, State, checked
from entrepot.contract import About
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
NOT_YET = "nobody has consented at the platform yet"


def connect(tx: Tx, about: About, *, name: str, settings: Mapping[str, str], network_id: str, hub_url: str,
            since: datetime, consent: bool = False) -> Connection:  # fmt: skip
    """Keeps a new account; its webhooks are to be sent to `<hub_url>/hooks/<name>`. A secret that signs
    webhooks and that the platform lets us choose is drawn here. With `consent` it waits until a person has
    consented at the platform. Refusal `name`, `name_taken` or one of the settings'."""
    check_name(tx, name)
    filled = checked(about, settings, consent=consent)
    signing = about.signature.secret
    if signing in filled and not filled[signing]:
        filled[signing] = base64.b32encode(tx.keyring.new_key()).decode().rstrip("=").lower()
    connection = Connection(
        id=tx.ids.new(),
        platform=about.name,
        name=name,
        settings=filled,
        flows={str(flow): str(level) for flow, level in FIRST_FLOWS.items()},
        network_id=network_id,
        callback_url=f"{hub_url.rstrip('/')}/hooks/{name}",
        state=State.WAITING if consent else State.READY,
        since=since,
        why=NOT_YET if consent else "",
    )
    rows.insert_connection(tx, connection, secrets_of(about))
    _tell(tx, connection.id, "ConnectionMade", {"platform": about.name, "name": name})
    return connection


def check_name(tx: Tx, name: str) -> None:
    """Refusal `name` for what cannot name a connection, `name_taken` for what names one already."""
    if not NAME.fullmatch(name):
        raise Refusal("name", f"{name!r} cannot name a connection: small letters, digits and -", field="name")
    if rows.connection(tx, name=name) is not None:
        raise Refusal("name_taken", f"there is a connection {name!r} already", field="name")


def secrets_of(about: About) -> list[str]:
    """The names of a platform's secret settings."""
    return [setting.name for setting in about.settings if setting.secret]


def keep_settings(tx: Tx, about: About, connection: Connection, more: Mapping[str, str]) -> Connection:
    """Adds what the platform told us (a signature key) to the settings that are held now, which may be newer
    than those that the caller has read."""
    held = rows.locked(tx, connection.id)
    if all(held.settings.get(name) == value for name, value in more.items()):
        return held
    changed = msgspec.structs.replace(held, settings={**held.settings, **more})
    rows.update_settings(tx, changed, secrets_of(about))
    return changed


def change_settings(
    tx: Tx, about: About, name: str, given: Mapping[str, str], *, consent: bool
) -> Connection:
    """Another key, another secret: a person gives an account new settings, the others stay.

    A token that is given, or another application, takes the place of what was granted before; with `consent`
    the account works on with that until a person has consented. Refusal as of `connect`.
    """
    held = rows.locked(tx, named(tx, name).id)
    stay = dict(held.settings)
    other_app = given.get("client_id", stay.get("client_id")) != stay.get("client_id")
    if "token" in given or (other_app and not consent):
        stay |= dict.fromkeys(set(oauth.FILLED) & set(stay), "")
    whole = checked(about, stay | dict(given), consent=consent)
    changed = msgspec.structs.replace(held, settings=whole)
    rows.update_settings(tx, changed, secrets_of(about))
    if given:
        _tell(tx, held.id, "SettingsChanged", {"connection": held.id})
    if given and not consent:
        rows.update_state(tx, held.id, State.READY, "")
        rows.set_lease(tx, held.id, None)
        see_problems(tx, held.id, RENEWAL, [])
        return msgspec.structs.replace(changed, state=State.READY, why="")
    return changed


def set_flow(tx: Tx, name: str, flow: Flow, level: Level) -> Connection:
    """Turns one flow off, to observe, or on; Refusal `connection_unknown`."""
    connection = named(tx, name)
    if not connection.calls:
        raise Refusal(
            "own_seller", f"{name} is a seller of the hub's own: nothing flows there", field="connection"
        )
    flows = {**connection.flows, str(flow): str(level)}
    rows.update_flows(tx, connection.id, flows)
    _tell(tx, connection.id, "FlowChanged", {"connection": connection.id, "flow": flow, "level": level})
    return msgspec.structs.replace(connection, flows=flows)


def named(tx: Tx, name: str) -> Connection:
    """The connection of that name; Refusal `connection_unknown`."""
    found = rows.connection(tx, name=name)
    if found is None:
        known = ", ".join(one.name for one in rows.connections(tx)) or "none yet"
        raise Refusal(
            "connection_unknown", f"there is no connection {name!r}; known: {known}", field="connection"
        )
    return found


def shut_out(tx: Tx, id: str, why: str) -> None:
    """The platform refuses our credentials: said once, until it lets us in again."""
    if rows.update_state(tx, id, State.RECONNECT, why):
        _tell(tx, id, "ConnectionShutOut", {"connection": id})


def let_in(tx: Tx, id: str) -> None:
    """The platform answers us."""
    if rows.update_state(tx, id, State.READY, ""):
        _tell(tx, id, "ConnectionLetIn", {"connection": id})


def _tell(tx: Tx, id: str, kind: str, body: dict[str, str]) -> None:
    events.append(tx, [Event(stream=f"connection:{id}", kind=kind, body=body, key=id)])
