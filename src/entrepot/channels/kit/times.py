"""A platform's time texts as aware UTC datetimes, and the time texts of HTTP."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from entrepot.kernel import Refusal

_STAMP = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<clock>\d\d:\d\d:\d\d)(?P<part>\.\d+)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


def utc(text: object) -> datetime:
    """Aware UTC of an RFC 3339 text with zone; digits after the microsecond are cut off.

    Refusal `time_malformed` for anything else, also for a time without zone and for 0000-00-00.
    """
    found = _found(text)
    if not found["zone"]:
        raise Refusal("time_malformed", f"{text!r} names no time zone")
    return _aware(found, found["zone"].upper().replace("Z", "+00:00"))


def naive_utc(text: object) -> datetime:
    """Aware UTC of '2026-01-31T12:00:00' (or a blank for the T), for fields documented as UTC without zone.

    Refusal `time_malformed` for anything else, also if the text does name a zone.
    """
    found = _found(text)
    if found["zone"]:
        raise Refusal("time_malformed", f"{text!r} names a time zone where none is documented")
    return _aware(found, "+00:00")


def http_date(text: str) -> datetime:
    """Aware UTC of an HTTP date (RFC 9110, 5.6.7, all three forms); Refusal `time_malformed` otherwise."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise Refusal("time_malformed", "the HTTP date cannot be read") from None


def http_text(moment: datetime) -> str:
    """'Sun, 06 Nov 1994 08:49:37 GMT' of an aware UTC time: whole seconds."""
    return format_datetime(moment, usegmt=True)


def _found(text: object) -> re.Match[str]:
    found = _STAMP.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    if found is None:
        said = repr(text[:64]) if isinstance(text, str) else type(text).__name__
        raise Refusal("time_malformed", f"{said} is not a time of the form 2026-01-31T12:00:00Z")
    return found


def _aware(found: re.Match[str], zone: str) -> datetime:
    fraction = (found["part"] or "")[:7]
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['clock']}{fraction}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("time_malformed", f"{found[0]!r} is not a time that exists") from None
