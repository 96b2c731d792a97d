"""Time-ordered ids: 48 bits of milliseconds, 80 that grow within one, in 26 letters that sort as made."""

import threading
from datetime import datetime
from random import Random

from entrepot.kernel.clock import Clock

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(one + two for one in _LETTERS for two in _LETTERS)
_SHIFTS = tuple(range(120, -10, -10))
_TAIL = 20
"""Bits of the last four letters: ids made in one go differ in nothing else."""


class Ids:
    """Makes ids from a clock and randomness: strictly rising in one maker, also if the clock steps back."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock, self._random = clock, random
        self._last = 0
        self._head, self._spelled = -1, ""
        self._lock = threading.Lock()

    def new(self) -> str:
        """A new id, larger than every one before it."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            if milliseconds > self._last >> 80:
                self._last = (milliseconds << 80) | self._random.getrandbits(80)
            else:
                self._last += 1
            if self._last >> _TAIL != self._head:
                self._head = self._last >> _TAIL
                self._spelled = spell(self._last)[:-4]
            return self._spelled + _PAIRS[self._last >> 10 & 1023] + _PAIRS[self._last & 1023]


def spell(number: int) -> str:
    """A 128-bit number as 26 letters of Crockford's base 32, sorting as the number does."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def latest(moment: datetime) -> str:
    """An id larger than every one made up to this moment's millisecond, and smaller than later ones."""
    return spell((int(moment.timestamp() * 1000) << 80) | ((1 << 80) - 1))
