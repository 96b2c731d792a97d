"""Every invariant holds in a town that trades, and can fail: a planted fault is found by it, with the row."""

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import select, text, update

from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Money
from entrepot.monitor import INVARIANTS, verify
from entrepot.orders import rows
from tests.stories.town import OLD_TOWN, Town


@pytest.fixture(scope="module")
def traded() -> tuple[Town, bytes]:
    """A town in which cups were sold online and over the counter, more of them than there were."""
    town = Town({"CUP": {OLD_TOWN: 3}, "POT": {OLD_TOWN: 5}})
    town.buy_online("POT", 2)
    town.buy_at(OLD_TOWN, "POT")
    town.buy_online("CUP", 3)
    town.buy_at(OLD_TOWN, "CUP")
    town.wait(30)
    return town, town.world.store.snapshot()


@pytest.fixture
def store(traded: tuple[Town, bytes]) -> Iterator[InlineStore]:
    """The town's store, put back afterwards as it was."""
    town, snapshot = traded
    yield town.world.store
    plainly(town.world.store, "PRAGMA ignore_check_constraints=OFF", "PRAGMA foreign_keys=ON")
    town.world.store.restore(snapshot)


def plainly(store: InlineStore, *statements: str) -> None:
    """Runs SQL beside everything that guards the store."""
    raw = store.engine.raw_connection()
    for statement in statements:
        raw.cursor().execute(statement)
    raw.close()


def broken(store: InlineStore) -> dict[str, list[str]]:
    """Invariant → ids of what violates it."""
    found: dict[str, list[str]] = {}
    for one in verify(store).violations:
        found.setdefault(one.name, []).append(one.id)
    return found


def ids(store: InlineStore, statement: str) -> list[str]:
    return [row.id for row in store.read(lambda tx: tx.rows(text(statement)))]


def test_all_invariants_hold_and_say_how_much_they_looked_at(store: InlineStore) -> None:
    report = verify(store)
    assert report.violations == []
    assert list(report.checked) == [
        "moves_equal_balances",
        "bounded_places_hold_no_less_than_nothing",
        "promises_equal_reservations",
        "postings_are_as_they_were_written",
        "orders_stand_once",
        "lines_add_up",
        "lines_claim_what_they_say",
        "totals_agree_or_are_named",
        "shorts_are_named",
        "holds_bind_what_they_hold",
        "transit_equals_transfers",
        "streams_have_no_gaps",
        "deliveries_are_booked",
        "jobs_have_somebody_to_do_them",
        "flights_were_sent",
    ]
    assert report.checked["orders_stand_once"] == 4
    assert report.checked["shorts_are_named"] == 1
    assert report.checked["flights_were_sent"] == 6


def test_every_invariant_says_what_it_protects() -> None:
    assert [one.__name__ for one in INVARIANTS if not (one.__doc__ or "").strip()] == []


JOB = "INSERT INTO job VALUES ('j', '{queue}', 0, 1, '{kind}', '{key}', NULL, '1', 'ready', 0, 0, 0, '', '')"

EASY = {
    "a balance without a move": (
        "UPDATE balance SET quantity = 9 WHERE place_id IN (SELECT id FROM place WHERE kind = 'shelf')",
        "moves_equal_balances",
    ),
    "a shelf that may fall below nothing": (
        "UPDATE balance SET bounded = 0 WHERE bounded",
        "bounded_places_hold_no_less_than_nothing",
    ),
    "a promise of another lot": (
        "UPDATE reservation SET lot = 'x' WHERE state = 'reserved'",
        "promises_equal_reservations",
    ),
    "a posting with another reason": (
        "UPDATE posting SET reason = 'nothing to see' WHERE cause LIKE 'import:%'",
        "postings_are_as_they_were_written",
    ),
    "a piece more returned to the shelf than came back": (
        "UPDATE order_line SET shelved = 1 WHERE returned = 0",
        "lines_add_up",
    ),
    "a line that wants one more": (
        "UPDATE order_line SET ordered = ordered + 1",
        "lines_claim_what_they_say",
    ),
    "an order whose total was touched": ("UPDATE orders SET total = total + 1", "totals_agree_or_are_named"),
    "a short line that nobody sees": ("DELETE FROM exception WHERE kind = 'short'", "shorts_are_named"),
    "a stream with a hole": (
        "DELETE FROM event WHERE version = 1 AND stream LIKE 'item:%'",
        "streams_have_no_gaps",
    ),
    "a delivery that nobody books": (
        "UPDATE inbox SET state = 'new', run_at = run_at - 7200000000",
        "deliveries_are_booked",
    ),
    "a delivery in a state that is none": ("UPDATE inbox SET state = 'lost'", "deliveries_are_booked"),
    "a job that nobody does": (
        JOB.format(queue="call:nobody", kind="push_stock", key="k"),
        "jobs_have_somebody_to_do_them",
    ),
    "a write that was never noted": ("UPDATE slot SET flight = 'k', sent = NULL", "flights_were_sent"),
}


@pytest.mark.parametrize("fault", list(EASY))
def test_a_planted_fault_is_found_by_its_invariant_alone(store: InlineStore, fault: str) -> None:
    statement, name = EASY[fault]
    plainly(store, "PRAGMA ignore_check_constraints=ON", statement)
    assert list(broken(store)) == [name]


def test_a_violation_names_the_row(store: InlineStore) -> None:
    [line] = ids(store, "SELECT line_id AS id FROM reservation WHERE state = 'short'")
    plainly(store, "DELETE FROM exception WHERE kind = 'short'")
    assert broken(store) == {"shorts_are_named": [line]}


def test_a_short_line_that_is_about_to_be_reviewed_is_left_out(store: InlineStore) -> None:
    [line] = ids(store, "SELECT line_id AS id FROM reservation WHERE state = 'short'")
    plainly(
        store,
        "DELETE FROM exception WHERE kind = 'short'",
        JOB.format(queue="book", kind="review", key=line),
    )
    assert broken(store) == {}


def test_an_order_that_stands_twice_is_found(store: InlineStore) -> None:
    plainly(
        store,
        "PRAGMA foreign_keys=OFF",
        "PRAGMA legacy_alter_table=ON",
        "CREATE TABLE twice AS SELECT * FROM orders",
        "INSERT INTO twice SELECT * FROM orders LIMIT 1",
        "UPDATE twice SET id = 'copy' WHERE rowid = (SELECT max(rowid) FROM twice)",
        "DROP TABLE orders",
        "ALTER TABLE twice RENAME TO orders",
        "PRAGMA legacy_alter_table=OFF",
    )
    assert list(broken(store)) == ["orders_stand_once"]


def test_claims_on_an_item_that_a_line_has_nothing_to_do_with_are_found(store: InlineStore) -> None:
    plainly(
        store,
        "UPDATE reservation SET item_id = (SELECT id FROM item WHERE code = 'CUP')"
        " WHERE state = 'consumed' AND item_id = (SELECT id FROM item WHERE code = 'POT')",
    )
    found = broken(store)
    assert list(found) == ["lines_claim_what_they_say"]
    assert len(found["lines_claim_what_they_say"]) == 2


def test_a_total_that_does_not_add_up_needs_an_exception_that_says_so(store: InlineStore) -> None:
    def overcharge(tx: Tx) -> str:
        row = tx.rows(select(tables.orders).order_by(tables.orders.c.id))[0]
        seen = rows.testimony(row.seen)
        dearer = msgspec.structs.replace(seen, total=seen.total + Money(1, seen.currency))
        changed = {"seen": rows.pack(dearer), "total": dearer.total.minor}
        tx.run(update(tables.orders).where(tables.orders.c.id == row.id).values(**changed))
        return str(row.id)

    order = store.run(overcharge)
    assert broken(store) == {"totals_agree_or_are_named": [order]}
    plainly(
        store,
        f"INSERT INTO exception VALUES ('e1', '{order}', '', 'total_disagrees', 'one cent', 0, NULL, '', '')",
    )
    assert broken(store) == {}


def test_a_line_without_a_location_of_ours_may_claim_nothing_if_an_exception_says_so(
    store: InlineStore,
) -> None:
    [line] = ids(store, "SELECT id FROM order_line WHERE handed_over LIMIT 1")
    [order] = ids(store, f"SELECT order_id AS id FROM order_line WHERE id = '{line}'")
    plainly(store, f"UPDATE order_line SET ordered = ordered + 1 WHERE id = '{line}'")
    assert broken(store) == {"lines_claim_what_they_say": [line]}
    plainly(
        store,
        f"INSERT INTO exception VALUES ('e', '{order}', '{line}', 'location_unmapped', 'x', 0, NULL, '', '')",
    )
    assert broken(store) == {}
