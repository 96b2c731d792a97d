"""The only statements that write locations, places and networks."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from entrepot.db import Tx, tables
from entrepot.places.model import OUTER, Kind, Location, Place, Places


def load(tx: Tx) -> Places:
    """All locations and places (a merchant has tens, a chain some thousands)."""
    locations = [
        Location(id=row.id, code=row.code, name=row.name, authority=row.authority)
        for row in tx.rows(select(tables.location).order_by(tables.location.c.code))
    ]
    places = [
        Place(id=row.id, location_id=row.location_id or "", kind=Kind(row.kind), reason=row.reason)
        for row in tx.rows(select(tables.place))
    ]
    return Places(locations, places)


def insert_location(tx: Tx, location: Location) -> None:
    tx.run(
        insert(tables.location).values(
            id=location.id,
            code=location.code,
            name=location.name,
            authority=location.authority,
            created_at=tx.now,
        )
    )


def insert_places(tx: Tx, places: Sequence[Place]) -> None:
    tx.write(
        insert(tables.place),
        [
            {
                "id": place.id,
                "location_id": place.location_id or None,
                "kind": place.kind,
                "reason": place.reason,
            }
            for place in places
        ],
    )


def insert_network(tx: Tx, *, id: str, code: str, name: str) -> None:
    tx.run(insert(tables.network).values(id=id, code=code, name=name))


def insert_members(tx: Tx, network_id: str, location_ids: Sequence[str], *, first_rank: int) -> None:
    tx.write(
        insert(tables.network_location),
        [
            {"network_id": network_id, "location_id": location_id, "rank": first_rank + n}
            for n, location_id in enumerate(location_ids)
        ],
    )


def networks(tx: Tx) -> dict[str, tuple[str, ...]]:
    """network id → location ids in the order in which they are asked."""
    member = tables.network_location
    found: dict[str, tuple[str, ...]] = {row.id: () for row in tx.rows(select(tables.network.c.id))}
    for row in tx.rows(select(member).order_by(member.c.network_id, member.c.rank)):
        found[row.network_id] = (*found[row.network_id], row.location_id)
    return found


def network_id(tx: Tx, code: str) -> str | None:
    row = tx.row(select(tables.network.c.id).where(tables.network.c.code == code))
    return row.id if row else None


def seeded(tx: Tx) -> bool:
    """Whether the outer places are there."""
    return tx.row(select(tables.place.c.id).where(tables.place.c.kind == Kind.GONE)) is not None


def seed(tx: Tx) -> None:
    """The outer places, once in the life of a store."""
    if not seeded(tx):
        insert_places(tx, [Place(id=tx.ids.new(), location_id="", kind=kind) for kind in OUTER])
