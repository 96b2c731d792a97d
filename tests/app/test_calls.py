"""The last calls of an account are kept for whoever looks at it."""

from datetime import UTC, datetime, timedelta

from entrepot.app.calls import KEPT, LastCalls

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_the_newest_come_first_and_the_oldest_go() -> None:
    calls = LastCalls()
    for n in range(KEPT + 3):
        calls.call(
            account="a",
            method="GET",
            path=f"/orders/{n}",
            status=200,
            took_ms=n,
            at=NINE + timedelta(seconds=n),
        )
    assert [one.path for one in calls.of("a")][:2] == ["/orders/27", "/orders/26"]
    assert calls.of("a")[-1].path == "/orders/3"
    assert len(calls.of("a")) == KEPT


def test_accounts_are_kept_apart() -> None:
    calls = LastCalls()
    calls.call(account="a", method="GET", path="/orders", status=0, took_ms=1, at=NINE)
    assert [one.status for one in calls.of("a")] == [0]
    assert calls.of("b") == []
