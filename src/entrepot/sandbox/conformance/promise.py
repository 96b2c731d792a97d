"""What a promise is, and how one is found to be broken or excused."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from entrepot.contract import Channel


class Broken(Exception):
    """The promise does not hold; says what was expected and what came."""


class Excused(Exception):
    """The promise does not concern this platform; says why."""


class Verdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    EXCUSED = "excused"


class Promise(msgspec.Struct, frozen=True):
    """`prove` tries it on one adapter: it raises Broken or Excused. Its name is the promise's, its first
    line what is promised. `needs`: the functions without which it is excused, with the reason that
    ABOUT.lacks gives."""

    prove: Callable[[Channel], None]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """'every-order-to-the-last-page'"""
        return str(self.prove.__name__).replace("_", "-")

    @property
    def sentence(self) -> str:
        """The first paragraph of the docstring on one line, without its full stop."""
        return " ".join((self.prove.__doc__ or "").partition("\n\n")[0].split()).rstrip(".")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one promise. `why` is '' if it was kept."""

    promise: str
    sentence: str
    verdict: Verdict
    why: str = ""


def same(what: str, came: object, expected: object) -> None:
    """Broken unless both are equal."""
    if came != expected:
        raise Broken(f"{what}: expected {expected!r}, came {came!r}")


def holds(what: str, held: object) -> None:
    """Broken unless it holds. `what` says what does not."""
    if not held:
        raise Broken(what)
