"""Locations and their places: where goods can be, and whether a place can hold less than nothing."""

from enum import StrEnum

import msgspec

from entrepot.kernel import Refusal


class Kind(StrEnum):
    """Place kinds. Five belong to a location and hold no less than nothing; the others are outside."""

    SHELF = "shelf"
    PROMISED = "promised"
    TRANSIT = "transit"
    UNAVAILABLE = "unavailable"
    BACK = "back"
    SUPPLIER = "supplier"
    GONE = "gone"
    LOST = "lost"
    MIRROR = "mirror"


BOUNDED = frozenset({Kind.SHELF, Kind.PROMISED, Kind.TRANSIT, Kind.UNAVAILABLE, Kind.BACK})
OUTER = (Kind.SUPPLIER, Kind.GONE, Kind.LOST, Kind.MIRROR)
ON_HAND = (Kind.SHELF, Kind.PROMISED, Kind.UNAVAILABLE, Kind.BACK)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`location_id` is '' for the outer places, `reason` '' for all but `unavailable`."""

    id: str
    location_id: str
    kind: Kind
    reason: str = ""

    @property
    def bounded(self) -> bool:
        return self.kind in BOUNDED


class Location(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    code: str
    name: str
    authority: str = "hub"


class Places:
    """Every location and place of the hub at one moment, to look things up in."""

    def __init__(self, locations: list[Location], places: list[Place]) -> None:
        self.locations = {location.id: location for location in locations}
        self.by_id = {place.id: place for place in places}
        self._by_kind = {(place.location_id, place.kind, place.reason): place for place in places}
        self._by_code = {location.code: location for location in locations}

    def at(self, location_id: str, kind: Kind, reason: str = "") -> Place:
        """The place of a location; AssertionError if it was never made (see `places.ensure`)."""
        place = self._by_kind.get((location_id, kind, reason))
        assert place is not None, f"no place {kind} {reason} at location {location_id}"
        return place

    def has(self, location_id: str, kind: Kind, reason: str = "") -> bool:
        return (location_id, kind, reason) in self._by_kind

    def outer(self, kind: Kind) -> Place:
        """One of the places outside the locations."""
        return self.at("", kind)

    def location(self, code: str) -> Location:
        """A location by its code; Refusal `location_unknown`."""
        found = self._by_code.get(code)
        if found is None:
            known = ", ".join(sorted(self._by_code)) or "none yet"
            raise Refusal(
                "location_unknown",
                f"there is no location {code!r}; known: {known}",
                remedy=f"Add it with: entrepot location add {code}",
                field="location",
            )
        return found
