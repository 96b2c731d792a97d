"""Times of platforms become aware UTC, or are refused."""

from datetime import UTC, datetime

import pytest

from entrepot.channels.kit.times import http_date, http_text, naive_utc, utc
from entrepot.kernel import Refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+0530", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00+14:00", datetime(2025, 12, 31, 10, tzinfo=UTC)),
        ("2026-03-29T02:30:00-03:00", datetime(2026, 3, 29, 5, 30, tzinfo=UTC)),
        ("2022-07-13T20:30:59.037339943Z", datetime(2022, 7, 13, 20, 30, 59, 37339, tzinfo=UTC)),
        ("2026-01-31T12:00:00.5Z", datetime(2026, 1, 31, 12, 0, 0, 500000, tzinfo=UTC)),
    ],
)
def test_a_time_with_zone_becomes_utc(text: str, expected: datetime) -> None:
    assert utc(text) == expected
    assert utc(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        None, "", "2026-01-31", "2026-01-31T12:00:00", "20260131T120000Z", "2026-W05-6T12:00:00Z", 1769860800,
        "2026-02-30T12:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00+25:00", "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "２０２６-01-31T12:00:00Z", "2026-01-31T12:00:00Z\n",
        "2026-01-31T12:00Z",        "2026-01-31T12:00:00." + "1" * 100 + "Z",
    ],
)  # fmt: skip
def test_what_is_no_time_with_zone_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refused:
        utc(text)
    assert refused.value.code == "time_malformed"


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "2026-01-31 12:00:00", "2026-01-31T12:00:00.000000"])
def test_a_time_without_zone_is_utc_where_that_is_documented(text: str) -> None:
    assert naive_utc(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00+01:00", "0000-00-00 00:00:00", "", None]
)
def test_a_zone_where_none_is_documented_is_refused(text: object) -> None:
    with pytest.raises(Refusal) as refused:
        naive_utc(text)
    assert refused.value.code == "time_malformed"


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_all_three_forms_of_an_http_date_are_read(text: str) -> None:
    assert http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "5", "Sun, 99 Nov 1994 08:49:37 GMT"])
def test_what_is_no_http_date_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        http_date(text)
    assert refused.value.code == "time_malformed"


def test_an_http_date_is_written_as_the_rfc_has_it() -> None:
    assert http_text(datetime(1994, 11, 6, 8, 49, 37, 900000, tzinfo=UTC)) == "Sun, 06 Nov 1994 08:49:37 GMT"
