"""Locations, SKUs, recipes, connections, flows, dead letters."""

from entrepot import catalog, connections, orders, places
from entrepot.app.commands.arguments import (
    AddLocation,
    AddSku,
    Answer,
    Connect,
    EditLetter,
    MapLocation,
    MapSku,
    ReplayLetters,
    SetFlow,
    SetRecipe,
)
from entrepot.app.wiring import Hub
from entrepot.connections import Flow, Level
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
    sku = catalog.set_recipe(tx, command.sku, command.parts)
    return {"sku": sku.code, "parts": command.parts}


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
    about = hub.channels.get(command.platform)
    if about is None:
        known = ", ".join(sorted(hub.channels))
        raise Refusal(
            "platform_unknown", f"there is no platform {command.platform!r}; known: {known}", field="platform"
        )
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
        about.ABOUT,
        name=command.name,
        settings=command.settings,
        network_id=network_id,
        hub_url=command.hub_url,
        since=since,
    )
    return {
        "connection": connection.name,
        "webhooks_to": connection.callback_url,
        "flows": dict(connection.flows),
    }


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
