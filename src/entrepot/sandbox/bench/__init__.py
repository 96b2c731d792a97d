"""Benchmarks over a store of the size that a large merchant has: `entrepot bench NAME`."""

from entrepot.sandbox.bench.filling import Sizes, fill
from entrepot.sandbox.bench.lists import measure

__all__ = ["Sizes", "fill", "measure"]
