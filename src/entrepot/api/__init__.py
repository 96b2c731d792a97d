"""What programs may ask, under /api/v1."""

from entrepot.api.door import door

__all__ = ["door"]
