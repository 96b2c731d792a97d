"""The fault dial: what goes wrong between the hub and an emulated platform, decided by a seed."""

from collections import Counter
from enum import StrEnum
from typing import TypeVar

from entrepot.kernel import Random

Hook = TypeVar("Hook")


class Fault(StrEnum):
    """What can happen to a call. In memory REFUSED is a refused connection, over HTTP a cut one."""

    BUSY = "call_429"  # answered 429, Retry-After 1 second, without asking the emulator
    BROKEN = "call_500"  # answered 500 without asking the emulator
    REFUSED = "call_refused"  # no connection: the emulator is not asked
    LOST = "answer_lost"  # the emulator did it, its answer never arrives


class Faults:
    """The dial: how likely each fault is (0 to 1), drawn from a seeded source; `counts` says how often.

    Every decision draws the same number of times whatever the dial says, so that the hooks a seed loses stay
    the same when the calls fail more. The four faults of a call exclude each other: their sum is at most 1.
    """

    def __init__(
        self,
        random: Random,
        *,
        call_429: float = 0.0,
        call_500: float = 0.0,
        call_refused: float = 0.0,
        answer_lost: float = 0.0,
        hook_lost: float = 0.0,
        hook_doubled: float = 0.0,
        hook_late_s: float = 0.0,
    ) -> None:
        self._random = random
        self._call = {
            Fault.BUSY: call_429, Fault.BROKEN: call_500, Fault.REFUSED: call_refused, Fault.LOST: answer_lost
        }  # fmt: skip
        self._hook_lost, self._hook_doubled, self._hook_late_s = hook_lost, hook_doubled, hook_late_s
        assert sum(self._call.values()) <= 1.0, "the faults of a call exclude each other"
        self.counts: Counter[str] = Counter()

    def for_call(self) -> Fault | None:
        """What happens to the next call; None: nothing."""
        drawn = self._random.random()
        for fault, likely in self._call.items():
            if drawn < likely:
                self.counts[fault] += 1
                return fault
            drawn -= likely
        return None

    def for_hook(self, posted: Hook) -> list[tuple[float, Hook]]:
        """(seconds to wait, webhook): none if lost, two if doubled; unequal waits change the order."""
        lost, doubled, first, second = (self._random.random() for _ in range(4))
        if lost < self._hook_lost:
            self.counts["hook_lost"] += 1
            return []
        if self._hook_late_s:
            self.counts["hook_late"] += 1
        copies = [(first * self._hook_late_s, posted)]
        if doubled < self._hook_doubled:
            self.counts["hook_doubled"] += 1
            copies.append((second * self._hook_late_s, posted))
        return copies
