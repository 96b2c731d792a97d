"""A made-up platform with one setting of every kind, and a connection to it."""

from entrepot import connections, places
from entrepot.connections import Connection
from entrepot.contract import (
    About,
    Auth,
    Figure,
    Guard,
    Moment,
    Pace,
    Setting,
    Signature,
    StockSemantics,
    Write,
)
from entrepot.db import Tx
from tests.db.stores import NOON

ABOUT = About(
    name="corner",
    title="Corner shop",
    docs="",
    api_version="1",
    end_of_life="",
    settings=(
        Setting(name="url", label="Address", pattern=r"https://\S+", help="Begins with https."),
        Setting(name="key", label="Key", secret=True, pattern="ck_[a-z0-9]+", help="Begins with ck_."),
        Setting(name="region", label="Region", default="eu"),
        Setting(name="signing", label="Signing key", secret=True, filled_by_hub=True),
        Setting(name="hook", label="Id of the hook", filled_by_hub=True),
    ),
    base_url="{url}",
    auth=Auth.BEARER,
    pace=Pace(per_s=2.0, burst=4),
    signature=Signature(header="x-signature", secret="signing"),
    delivery_key="",
    topic_header="",
    topics=(),
    stock=StockSemantics(
        write=Write.ABSOLUTE,
        batch=1,
        bad_row_fails_batch=False,
        lands_s=None,
        visible_s=None,
        figure=Figure.SELLABLE,
        lowers_itself=Moment.PLACED,
        restores_itself=frozenset(),
        guards=Guard.NO,
        per_location=False,
    ),
    lacks={},
)

SECRET = "ck_marker1secret"
GOOD = {"url": "https://corner.example", "key": SECRET}


def connected(tx: Tx, name: str = "corner", **more: str) -> Connection:
    """A new connection."""
    network_id = places.network_id(tx, "web") or places.add_network(tx, "web", [])
    return connections.connect(
        tx,
        ABOUT,
        name=name,
        settings=GOOD | more,
        network_id=network_id,
        hub_url="https://hub.example/",
        since=NOON,
    )
