"""A platform that is busy, broken, silent or has shut us out: what waits, what counts, and what follows
after."""

from datetime import timedelta

import pytest

from tests.sync.shops import OLD_TOWN, Called, Shops


def refusing(status: int | str) -> object:
    """Every call that writes stock fails like this."""
    return lambda call: status if call.writes else None


@pytest.mark.parametrize(
    ("what", "counted"),
    [(429, 0), (500, 1), (503, 1), ("refused", 1), ("lost", 1)],
)
def test_a_write_that_failed_waits_and_counts_unless_the_platform_was_only_busy(
    what: int | str, counted: int
) -> None:
    shops = Shops()
    shops.fault = refusing(what)  # type: ignore[assignment]
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.world.quiet()

    assert {one.attempts for one in shops.waiting("push_stock")} == {counted}
    now = shops.world.clock.now()
    assert all(one.run_at is not None and one.run_at > now for one in shops.waiting("push_stock"))
    assert shops.connection("web").state == "ready"


def test_being_busy_never_makes_a_dead_letter() -> None:
    shops = Shops()
    shops.fault = refusing(429)  # type: ignore[assignment]
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.wait(60)

    assert shops.letters() == []
    shops.fault = lambda _call: None
    shops.wait(60)
    shops.true()


def test_a_write_is_tried_eight_times_and_then_a_dead_letter() -> None:
    shops = Shops()
    shops.world.tell("connection.flow", connection="tills", flow="stock_out", level="observe")
    shops.fault = refusing(500)  # type: ignore[assignment]
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.wait(256)

    assert shops.written() == [("web", "TEAPOT", 6)] * 8
    assert [(one.what, one.attempts) for one in shops.letters()] == [("push_stock", 8)]


def test_the_waits_between_the_tries_grow() -> None:
    shops = Shops()
    shops.world.tell("connection.flow", connection="tills", flow="stock_out", level="observe")
    began = shops.world.clock.now()
    at: list[timedelta] = []

    def broken(call: Called) -> int | None:
        at.extend([shops.world.clock.now() - began] if call.writes else [])
        return 500 if call.writes else None

    shops.fault = broken
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.wait(256)
    assert [round(one.total_seconds()) for one in at] == [0, 2, 6, 14, 30, 62, 126, 254]


def test_credentials_that_are_refused_shut_the_connection_until_they_work_again() -> None:
    shops = Shops()
    shops.fault = lambda call: 401 if call.path.startswith("/wp-json") else None
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.wait(30)

    assert shops.connection("web").state == "reconnect"
    assert shops.connection("tills").state == "ready"
    assert "401" in shops.connection("web").why
    assert shops.happened("ConnectionShutOut") == 1
    assert {one.attempts for one in shops.waiting("push_stock")} == {0}
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 4

    shops.fault = lambda _call: None
    shops.wait(1000)
    assert shops.connection("web").state == "ready"
    assert shops.happened("ConnectionLetIn") == 1
    assert shops.letters() == []
    shops.true()


def test_a_connection_that_is_shut_out_still_takes_webhooks_in() -> None:
    shops = Shops()
    shops.fault = lambda call: 401 if call.path.startswith("/wp-json") else None
    shops.stock("TEAPOT", OLD_TOWN, 1, "a")
    shops.wait(30)

    shops.buy_online("MUG", 2)
    shops.wait(5)
    assert shops.promised("MUG") == {OLD_TOWN: 2}


def test_a_platform_that_is_down_for_five_minutes_is_in_sync_soon_after() -> None:
    shops = Shops()
    shops.fault = lambda call: "refused" if call.path.startswith("/v2") else None
    shops.buy_online("TEAPOT", 2)
    shops.buy_at(OLD_TOWN, "MUG", 3)
    shops.wait(300)
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 3

    shops.fault = lambda _call: None
    shops.wait(900)
    assert shops.till_shows(OLD_TOWN, "TEAPOT") == 1
    assert shops.website_shows("MUG") == 7
    shops.true()
