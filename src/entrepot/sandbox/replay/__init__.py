"""Replay: a merchant's real order history through the hub, every line accounted for."""

from entrepot.sandbox.replay.play import Options, Replay, true

__all__ = ["Options", "Replay", "true"]
