"""Locations (authority: the hub or mirrored), their places, and the sourcing networks over them."""

from entrepot.places.add import add_location, add_network, ensure
from entrepot.places.model import BOUNDED, ON_HAND, Kind, Location, Place, Places
from entrepot.places.rows import load, network_id, networks, seed, seeded

__all__ = [
    "BOUNDED",
    "ON_HAND",
    "Kind",
    "Location",
    "Place",
    "Places",
    "add_location",
    "add_network",
    "ensure",
    "load",
    "network_id",
    "networks",
    "seed",
    "seeded",
]
