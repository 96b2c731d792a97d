"""Money, quantity, ids, clock and errors: what every room stands on. Imports nothing of ours."""

from random import Random, SystemRandom

from entrepot.kernel.clock import Clock, SystemClock, VirtualClock
from entrepot.kernel.errors import Cause, ChannelError, Refusal
from entrepot.kernel.ids import Ids
from entrepot.kernel.money import Money
from entrepot.kernel.quantity import pieces
from entrepot.kernel.seal import Keyring

__all__ = [
    "Cause",
    "ChannelError",
    "Clock",
    "Ids",
    "Keyring",
    "Money",
    "Random",
    "Refusal",
    "SystemClock",
    "SystemRandom",
    "VirtualClock",
    "pieces",
]
