"""Connections, what flows through them, and which location of ours each of theirs is."""

from entrepot.access import Permission
from entrepot.api.answers import Connected, FlowLevel, Renewed
from entrepot.api.route import Ask, Route
from entrepot.connections import Flow, Level, views
from entrepot.connections.views import Connections, ConnectionView, PlaceView
from entrepot.db import Tx


def _connections(tx: Tx, _ask: Ask) -> Connections:
    return Connections(rows=tuple(views.connections(tx)))


def _connection(tx: Tx, ask: Ask) -> ConnectionView | None:
    return views.connection(tx, ask.path["connection"])


def _flow(tx: Tx, ask: Ask) -> FlowLevel | None:
    found, flow = _connection(tx, ask), ask.path["flow"]
    if found is None or flow not in list(Flow):
        return None
    return FlowLevel(connection=found.name, flow=flow, level=found.flows.get(flow, Level.OFF))


def _place(tx: Tx, ask: Ask) -> PlaceView | None:
    found = _connection(tx, ask)
    here = found.places if found else ()
    return next((one for one in here if one.external_id == ask.path["external"]), None)


TAG = "Channels"
READ, WRITE = Permission.CHANNELS_READ, Permission.CHANNELS_WRITE
SEEN = "Send the ETag of what you read as If-Match."

ROUTES = (
    Route(
        method="GET",
        path="/connections",
        permission=READ,
        tag=TAG,
        name="list_connections",
        summary="Every connection: flows, state, problems, last readings, locations",
        about="No secret is ever shown.",
        answer=Connections,
        reads=_connections,
    ),
    Route(
        method="POST",
        path="/connections",
        permission=WRITE,
        tag=TAG,
        name="add_connection",
        summary="Connect an account of a platform",
        about="It takes orders in and observes stock; nothing is written to it before `stock_out` is on.",
        answer=Connected,
        command="connection.add",
        made="/connections/{connection}",
        problems=("platform_unknown", "name", "name_taken", "no_locations", "setting_missing",
                  "setting_malformed",
                  "setting_unknown", "consent_unsupported", "since"),
        example={
            "platform": "woocommerce", "name": "web",
            "settings": {"store": "https://shop.example", "key": "ck_…", "secret": "cs_…"},
            "hub_url": "https://hub.example",
        },
    ),
    Route(
        method="GET",
        path="/connections/{connection}",
        permission=READ,
        tag=TAG,
        name="show_connection",
        summary="One connection",
        answer=ConnectionView,
        reads=_connection,
    ),
    Route(
        method="POST",
        path="/connections/{connection}/renewals",
        permission=WRITE,
        tag=TAG,
        name="renew_connection",
        summary="Give a connection new settings, and look at its account again",
        about="Settings that are not named stay.",
        answer=Renewed,
        command="connection.renew",
        given={"connection": "connection"},
        problems=("setting_malformed", "setting_unknown", "consent_unsupported"),
        example={"settings": {"secret": "cs_…"}},
    ),
    Route(
        method="GET",
        path="/connections/{connection}/flows/{flow}",
        permission=READ,
        tag=TAG,
        name="show_flow",
        summary="One flow: orders_in or stock_out",
        answer=FlowLevel,
        reads=_flow,
    ),
    Route(
        method="PUT",
        path="/connections/{connection}/flows/{flow}",
        permission=WRITE,
        tag=TAG,
        name="set_flow",
        summary="Turn a flow off, to observe, or on",
        about=f"{SEEN} With observe everything is worked out and shown, and nothing is written to the "
        "channel.",
        answer=FlowLevel,
        command="connection.flow",
        given={"connection": "connection", "flow": "flow"},
        guarded=_flow,
        problems=("flow",),
        example={"level": "observe"},
    ),
    Route(
        method="GET",
        path="/connections/{connection}/places/{external}",
        permission=READ,
        tag=TAG,
        name="show_place",
        summary="One location of a channel",
        answer=PlaceView,
        reads=_place,
    ),
    Route(
        method="PUT",
        path="/connections/{connection}/places/{external}",
        permission=WRITE,
        tag=TAG,
        name="map_place",
        summary="Say which location of ours a channel's location is",
        about=f"{SEEN} Orders that waited for it go on by themselves.",
        answer=PlaceView,
        command="location.map",
        given={"connection": "connection", "external": "external"},
        guarded=_place,
        problems=("location_unknown",),
        example={"location": "harbour"},
    ),
)  # fmt: skip
