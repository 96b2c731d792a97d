"""Locations, SKUs, recipes, connections, flows, dead letters."""

from entrepot import catalog, connections, ledger, orders, places, sync
from entrepot.app.commands.arguments import (
    AddLocation,
    AddSku,
    Answer,
    Connect,
    EditLetter,
    MapLocation,
    MapSku,
    Reconnect,
    ReplayLetters,
    SetFlow,
    SetRecipe,
    SetTitle,
)
from entrepot.app.wiring import Hub
from entrepot.connections import Connection, Flow, Level, State
from entrepot.contract import About
from entrepot.db import Event, Tx, events, letters
from entrepot.kernel import Refusal


def add_location(tx: Tx, _hub: Hub, command: AddLocation) -> Answer:
    location = places.add_location(tx, command.code, command.name)
    return {"location": location.code, "name": location.name}


def add_sku(tx: Tx, _hub: Hub, command: AddSku) -> Answer:
    if command.scale < 1:
        raise Refusal("scale", f"a sold unit has at least one piece, not {command.scale}", field="scale")
    sku = catalog.add_skus(tx, {command.sku: command.title}, scale=command.scale)[command.sku]
    return {"sku": sku.code, "listings_linked": catalog.link_by_code(tx, [sku.code])}


def set_recipe(tx: Tx, _hub: Hub, command: SetRecipe) -> Answer:
    known = catalog.skus(tx, codes=[catalog.code_of(command.sku)])
    if known and orders.sold(tx, known[0].id):
        raise Refusal(
            "recipe_in_use",
            f"{command.sku} was sold by its present recipe",
            remedy="Make a new SKU with the new recipe, and map the listings to it",
            field="sku",
        )
    if known and ledger.holding(tx, known[0].id):
        raise Refusal(
            "recipe_in_use",
            f"some of {command.sku} is held by its present recipe",
            remedy="Release the holds first: entrepot holds list",
            field="sku",
        )
    sku = catalog.set_recipe(tx, command.sku, command.parts)
    return {"sku": sku.code, "parts": command.parts}


def set_title(tx: Tx, _hub: Hub, command: SetTitle) -> Answer:
    sku = catalog.retitle(tx, command.sku, command.title, was=command.was)
    return {"sku": sku.code, "title": sku.title}


def map_sku(tx: Tx, _hub: Hub, command: MapSku) -> Answer:
    connection = connections.named(tx, command.connection)
    listing = catalog.link(tx, connection.id, command.item, command.sku)
    return {"connection": connection.name, "item": listing.item, "sku": command.sku}


def map_location(tx: Tx, _hub: Hub, command: MapLocation) -> Answer:
    connection = connections.named(tx, command.connection)
    location = places.load(tx).location(command.location)
    if not connections.map_location(tx, connection.id, command.external, location.id):
        known = ", ".join(connections.locations(tx, connection.id)) or "none yet"
        raise Refusal(
            "external_location_unknown",
            f"{connection.name} has shown no location {command.external!r}; known: {known}",
            field="external",
        )
    body = {"connection": connection.id, "external": command.external, "location": location.id}
    events.append(
        tx,
        [Event(stream=f"connection:{connection.id}", kind="LocationMapped", body=body, key=connection.id)],
    )
    return {"connection": connection.name, "external": command.external, "location": location.code}


def connect(tx: Tx, hub: Hub, command: Connect) -> Answer:
    about = _about(hub, command.platform)
    here = places.load(tx)
    codes = command.locations or [location.code for location in here.locations.values()]
    if not codes:
        raise Refusal(
            "no_locations", "there is no location to sell from yet", remedy="entrepot location add main"
        )
    since = command.since or tx.now
    if since.tzinfo is None:
        raise Refusal("since", "a time needs its zone", field="since")
    connections.check_name(tx, command.name)
    network_id = places.add_network(tx, command.name, [here.location(code).id for code in codes])
    connection = connections.connect(
        tx,
        about,
        name=command.name,
        settings=command.settings,
        network_id=network_id,
        hub_url=command.hub_url,
        since=since,
        consent=command.consent,
    )
    return {
        "connection": connection.name,
        "webhooks_to": connection.callback_url,
        "flows": dict(connection.flows),
    } | _way_back(tx, about, connection, consent=command.consent)


def reconnect(tx: Tx, hub: Hub, command: Reconnect) -> Answer:
    held = connections.named(tx, command.connection)
    if not held.calls:
        raise Refusal(
            "own_seller", f"{held.name} is a seller of the hub's own: it has no account", field="connection"
        )
    about = _about(hub, held.platform)
    changed = connections.change_settings(tx, about, held.name, command.settings, consent=command.consent)
    if changed.state is not State.WAITING:
        sync.look_again(tx, held.id)
    return {"connection": held.name} | _way_back(tx, about, changed, consent=command.consent)


def _about(hub: Hub, platform: str) -> About:
    channel = hub.channels.get(platform)
    if channel is None:
        known = ", ".join(sorted(hub.channels))
        raise Refusal(
            "platform_unknown", f"there is no platform {platform!r}; known: {known}", field="platform"
        )
    about: About = channel.ABOUT
    return about


def _way_back(tx: Tx, about: About, connection: Connection, *, consent: bool) -> Answer:
    """Where a person consents, and where the platform must be told that they come back to."""
    if not consent:
        return {}
    url = connections.ask_consent(tx, about, connection.name)
    return {"consent_at": url, "comes_back_to": connection.consent_url}


def set_flow(tx: Tx, _hub: Hub, command: SetFlow) -> Answer:
    if command.flow not in list(Flow) or command.level not in list(Level):
        raise Refusal("flow", f"flows are {', '.join(Flow)}, each {', '.join(Level)}", field="flow")
    connection = connections.set_flow(tx, command.connection, Flow(command.flow), Level(command.level))
    return {"connection": connection.name, "flows": dict(connection.flows)}


def replay_letters(tx: Tx, _hub: Hub, command: ReplayLetters) -> Answer:
    return {"replayed": letters.replay(tx, command.ids)}


def edit_letter(tx: Tx, _hub: Hub, command: EditLetter) -> Answer:
    letters.edit(tx, command.id, command.body)
    return {"edited": command.id}
