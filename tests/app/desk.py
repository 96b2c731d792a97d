"""A hub without a network, and a person who gives it commands."""

from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from entrepot import connections, ledger, places
from entrepot.access import at_command_line
from entrepot.app import REACTIONS, Hub, perform
from entrepot.catalog import see_listings
from entrepot.contract import ListingSeen, LocationSeen
from entrepot.db import tables
from entrepot.kernel import Refusal, VirtualClock
from tests.connections.shop import ABOUT
from tests.db.stores import NOON, inline


class Desk:
    """Gives commands to a hub that knows one made-up platform, 'corner'."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOON)
        self.store = inline(self.clock, reactions=REACTIONS)
        self.store.run(places.seed)
        corner = ModuleType("corner")
        corner.ABOUT = ABOUT  # type: ignore[attr-defined]
        self.hub = Hub(self.store, found={"corner": corner})

    def tell(self, command: str, **given: Any) -> dict[str, Any]:
        """The answer to a command."""
        self.clock.sleep(1)
        return perform(self.hub, command, given, who=at_command_line("anna"), source="test")

    def refused(self, command: str, **given: Any) -> str:
        """The code with which a command is refused; AssertionError if it changed anything all the same."""
        before = self.rows()
        with pytest.raises(Refusal) as refused:
            self.tell(command, **given)
        assert self.rows() == before
        self.said = str(refused.value)
        return refused.value.code

    def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        every = tables.metadata.sorted_tables
        return self.store.read(lambda tx: {one.name: len(tx.rows(select(one))) for one in every})

    def shelf(self, sku: str, location: str) -> int:
        """Pieces on the shelf."""
        item, place = tables.item, tables.location
        codes = select(item.c.id, item.c.code), select(place.c.id, place.c.code)
        items, locations = self.store.read(lambda tx: [dict(map(tuple, tx.rows(one))) for one in codes])
        found = self.store.read(lambda tx: ledger.available(tx, items))
        return sum(n for (item, at), n in found.items() if (items[item], locations[at]) == (sku, location))

    def see(self, connection: str, *listings: tuple[str, str]) -> None:
        """The channel shows (item, SKU text)."""
        from_channel = [ListingSeen(item=item, sku=sku, title="") for item, sku in listings]

        def work(tx: Any) -> None:
            see_listings(tx, connections.named(tx, connection).id, from_channel)

        self.store.run(work)

    def see_location(self, connection: str, external: str) -> None:
        """The channel shows a location."""

        def work(tx: Any) -> None:
            id = connections.named(tx, connection).id
            connections.see_locations(tx, id, [LocationSeen(external_id=external, name=external)])

        self.store.run(work)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the events of a kind, in order."""
        event = tables.event
        statement = select(event.c.body).where(event.c.kind == kind).order_by(event.c.id)
        return [row.body for row in self.store.read(lambda tx: tx.rows(statement))]
