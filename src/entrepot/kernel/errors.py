"""Errors, in three families: Refusal (the domain says no), ChannelError (a call), assertion (our bug)."""

from enum import StrEnum


class Refusal(Exception):
    """The domain says no. `code` is a word for programs, `why` a sentence for people, `remedy` a way out."""

    def __init__(self, code: str, why: str, *, remedy: str = "", field: str = "") -> None:
        super().__init__(code, why, remedy, field)
        self.code, self.why, self.remedy, self.field = code, why, remedy, field

    def __str__(self) -> str:
        where = f" (at {self.field})" if self.field else ""
        return f"{self.why}{where}{'. ' + self.remedy if self.remedy else ''}"


class Cause(StrEnum):
    """Why a platform call failed, in the words that decide what happens next."""

    BUSY = "busy"  # 429 or no permit: wait, the attempt does not count
    DOWN = "down"  # 5xx, connection refused, cut off before the request was sent
    LOST = "lost"  # no answer after the request was sent: the effect is unknown
    DENIED = "denied"  # 401 or 403 that a refresh did not mend: a person must reconnect
    MISSING = "missing"  # 404 or 410
    CONFLICT = "conflict"  # 409 or a version that is no longer current
    REFUSED = "refused"  # any other 4xx: our request is wrong
    NONSENSE = "nonsense"  # HTML, cut JSON, a shape that the contract does not know


WORTH_WAITING = frozenset({Cause.BUSY, Cause.DOWN, Cause.LOST, Cause.CONFLICT, Cause.NONSENSE})


class ChannelError(Exception):
    """A call to a platform failed. `wait_s` is the platform's own wish (Retry-After), None if it named none.

    The text holds no secret and no personal data: status, method, path without query, and the platform's own
    code.
    """

    def __init__(self, cause: Cause, why: str, *, wait_s: float | None = None, code: str = "") -> None:
        super().__init__(cause, why, wait_s, code)
        self.cause, self.why, self.wait_s, self.code = cause, why, wait_s, code

    @property
    def retry(self) -> bool:
        """Whether waiting and asking again can help."""
        return self.cause in WORTH_WAITING

    def __str__(self) -> str:
        return f"{self.cause}: {self.why}"
