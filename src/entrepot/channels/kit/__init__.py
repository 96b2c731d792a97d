"""What all adapters share: numbers, times, JSON, pages, signatures, the door to a platform, emulation."""

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.webhook import delivery_key, verify

__all__ = ["HttpApi", "delivery_key", "verify"]
