"""New locations, networks, and reasons for goods to be unavailable."""

import re
from collections.abc import Sequence

from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.places import rows
from entrepot.places.model import Kind, Location, Place, Places

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def add_location(tx: Tx, code: str, name: str = "", *, authority: str = "hub") -> Location:
    """A new location with its places; Refusal `location_code` or `location_exists`."""
    if not CODE.fullmatch(code):
        raise Refusal(
            "location_code",
            f"{code!r} cannot be a location's code: small letters, digits and . _ -, at most 40",
        )
    places = rows.load(tx)
    if any(location.code == code for location in places.locations.values()):
        raise Refusal("location_exists", f"there is a location {code!r} already", field="code")
    location = Location(id=tx.ids.new(), code=code, name=name or code, authority=authority)
    rows.insert_location(tx, location)
    rows.insert_places(
        tx,
        [
            Place(id=tx.ids.new(), location_id=location.id, kind=kind)
            for kind in (Kind.SHELF, Kind.PROMISED, Kind.TRANSIT, Kind.BACK)
        ],
    )
    return location


def add_network(tx: Tx, code: str, location_ids: Sequence[str]) -> str:
    """A sourcing network over these locations, asked in this order; its id. Refusal `network_exists`."""
    if rows.network_id(tx, code) is not None:
        raise Refusal("network_exists", f"there is a sourcing network {code!r} already", field="code")
    id = tx.ids.new()
    rows.insert_network(tx, id=id, code=code, name=code)
    rows.insert_members(tx, id, list(dict.fromkeys(location_ids)), first_rank=0)
    return id


def ensure(tx: Tx, places: Places, location_id: str, kind: Kind, *, reason: str) -> Places:
    """`places` with a place for that reason, made if it is new."""
    if places.has(location_id, kind, reason):
        return places
    rows.insert_places(tx, [Place(id=tx.ids.new(), location_id=location_id, kind=kind, reason=reason)])
    return rows.load(tx)
