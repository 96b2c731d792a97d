"""Reading and writing stock on the emulated shop: compared before it is set, and never done twice."""

from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from entrepot.channels.kit.faults import Faults
from entrepot.channels.shopify import channel, queries
from entrepot.channels.shopify.catalogue import _in_bulk
from entrepot.channels.shopify.stock import change
from entrepot.contract import Answer, Applied, Refused, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError, Random
from tests.channels.shopify.world import Replies, World, wanted


def write(world: World, *rows: StockWanted, **door: Any) -> dict[str, Answer]:
    answers = list(channel.write_stock(world.door(**door), list(rows)))
    assert len(answers) == len(rows)
    return {one.key: one for one in answers}


def test_a_change_names_what_it_must_still_find() -> None:
    world = World()
    rows = [wanted("k1", ("7", "71"), quantity=5, expected=3, at=world.now)]
    assert change(rows) == {
        "key": "k1",
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": "entrepot://stock/k1",
            "quantities": [
                {
                    "inventoryItemId": "gid://shopify/InventoryItem/7",
                    "locationId": "gid://shopify/Location/71",
                    "quantity": 5,
                    "changeFromQuantity": 3,
                }
            ],
        },
    }


def test_a_write_that_is_sent_again_expects_what_it_expected_first() -> None:
    world = World()
    again = StockWanted(key="k1", item="7", location="71", quantity=5, delta=2, at=world.now)
    sent: Any = change([again])
    assert sent["input"]["quantities"][0]["changeFromQuantity"] == 3


def test_the_key_of_several_rows_is_theirs_and_short_enough() -> None:
    world = World()
    rows = [wanted(f"key-{n}", (str(n), "71"), quantity=1, expected=0, at=world.now) for n in range(100)]
    key = str(change(rows)["key"])
    assert (key == change(rows)["key"], key != change(rows[1:])["key"], len(key)) == (True, True, 32)


def test_figures_are_set_where_they_are_as_expected() -> None:
    world = World()
    cup, pot = world.good("CUP", here=5, there=1), world.good("POT", here=2)
    world.wait(30)
    answers = write(
        world,
        wanted("a", (cup, world.here), quantity=9, expected=5, at=world.now),
        wanted("b", (cup, world.there), quantity=0, expected=1, at=world.now),
        wanted("c", (pot, world.here), quantity=2, expected=2, at=world.now),
    )
    assert answers == {
        "a": Applied(key="a", at=world.now, quantity=9),
        "b": Applied(key="b", at=world.now, quantity=0),
        "c": Applied(key="c", at=world.now, quantity=2),
    }
    assert [world.shown(cup), world.shown(cup, world.there), world.shown(pot)] == [9, 0, 2]


def test_a_sale_in_between_is_not_overwritten_and_the_other_rows_go_on() -> None:
    world = World()
    cup, pot = world.good("CUP", here=5), world.good("POT", here=2)
    world.buy(cup=1)
    answers = write(
        world,
        wanted("stale", (cup, world.here), quantity=9, expected=5, at=world.now),
        wanted("good", (pot, world.here), quantity=3, expected=2, at=world.now),
    )
    assert isinstance(answers["good"], Applied)
    assert answers["stale"] == Refused(
        key="stale",
        code="CHANGE_FROM_QUANTITY_STALE",
        why="it shows 4, not 5: something was sold or counted meanwhile",
        stale=True,
    )
    assert [world.shown(cup), world.shown(pot)] == [4, 3]


def test_a_lost_answer_is_unknown_and_the_same_write_again_is_done_once_at_its_first_time() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    row = wanted("k", (cup, world.here), quantity=9, expected=5, at=world.now)
    first = world.now
    lost = write(world, row, faults=Faults(Random(1), answer_lost=1.0))
    assert isinstance(lost["k"], Unknown)
    world.wait(30)
    world.buy(cup=2)
    assert write(world, row) == {"k": Applied(key="k", at=first, quantity=9)}
    assert world.shown(cup) == 7


def test_a_lost_answer_that_is_sent_again_in_other_company_is_known_by_what_it_left() -> None:
    world = World()
    cup, pot = world.good("CUP", here=5), world.good("POT", here=2)
    one = wanted("one", (cup, world.here), quantity=9, expected=5, at=world.now)
    two = wanted("two", (pot, world.here), quantity=3, expected=2, at=world.now)
    write(world, one, two, faults=Faults(Random(1), answer_lost=1.0))
    world.wait(30)
    assert write(world, one) == {"one": Applied(key="one", at=world.now, quantity=9)}
    assert [world.shown(cup), world.shown(pot)] == [9, 3]


def test_every_row_happens_once_under_all_faults() -> None:
    world = World()
    items = [world.good(f"G{n}", here=100) for n in range(40)]
    left = {
        f"k{n}": wanted(f"k{n}", (item, world.here), quantity=80 + n, expected=100, at=world.now)
        for n, item in enumerate(items)
    }
    dial = Faults(Random(7), call_429=0.1, call_500=0.1, call_refused=0.1, answer_lost=0.3)
    answers: list[Answer] = []
    for _ in range(100):
        rows = list(left.values())
        with suppress(ChannelError):  # busy: the account waits
            for answer in channel.write_stock(world.door(faults=dial), rows[: 1 + len(rows) // 2]):
                answers.append(answer)
                left.pop(answer.key, None) if isinstance(answer, Applied) else None
    assert [one for one in answers if isinstance(one, Refused)] == []
    assert left == {}
    assert [world.shown(item) for item in items] == [80 + n for n in range(40)]
    assert dial.counts["answer_lost"] > 0


def test_bad_rows_are_refused_by_name_and_the_others_go_on() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    answers = write(
        world,
        wanted("gone", ("999", world.here), quantity=1, expected=0, at=world.now),
        wanted("nowhere", (cup, "999"), quantity=1, expected=0, at=world.now),
        wanted("huge", (cup, world.there), quantity=2_000_000_000, expected=0, at=world.now),
        wanted("good", (cup, world.here), quantity=6, expected=5, at=world.now),
    )
    refused = {key: (one.code, one.gone) for key, one in answers.items() if isinstance(one, Refused)}
    assert refused == {
        "gone": ("INVALID_INVENTORY_ITEM", True),
        "nowhere": ("INVALID_LOCATION", False),
        "huge": ("INVALID_QUANTITY_TOO_HIGH", False),
    }
    assert (isinstance(answers["good"], Applied), world.shown(cup)) == (True, 6)


def test_an_error_that_names_no_row_is_every_rows() -> None:
    error = {"field": ["input", "reason"], "message": "invalid", "code": "INVALID_REASON"}
    told = {"data": {"inventorySetQuantities": {"inventoryAdjustmentGroup": None, "userErrors": [error]}}}
    rows = [wanted(key, ("7", "71"), quantity=1, expected=0, at=World().now) for key in "ab"]
    answers = list(channel.write_stock(Replies(told), rows))
    assert [(one.key, one.code) for one in answers if isinstance(one, Refused)] == [
        ("a", "INVALID_REASON"),
        ("b", "INVALID_REASON"),
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("IDEMPOTENCY_CONCURRENT_REQUEST", Unknown),
        ("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", Refused),
        ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", Refused),
    ],
)
def test_only_a_call_that_is_still_at_work_leaves_it_open(code: str, kind: type) -> None:
    told = {
        "data": {"inventorySetQuantities": {"userErrors": [{"field": None, "message": "no", "code": code}]}}
    }
    (answer,) = channel.write_stock(
        Replies(told), [wanted("a", ("7", "71"), quantity=1, expected=0, at=World().now)]
    )
    assert isinstance(answer, kind)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("INTERNAL_SERVER_ERROR", Unknown), ("INVALID_FIELD_ARGUMENTS", Refused), ("BAD_REQUEST", Refused)],
)
def test_an_error_of_the_whole_question_is_every_rows(code: str, kind: type) -> None:
    told = {
        "errors": [{"message": "no", "extensions": {"code": code}}],
        "data": {"inventorySetQuantities": None},
    }
    (answer,) = channel.write_stock(
        Replies(told), [wanted("a", ("7", "71"), quantity=1, expected=0, at=World().now)]
    )
    assert isinstance(answer, kind)


def test_a_refused_token_stops_the_account() -> None:
    world = World()
    with pytest.raises(ChannelError) as denied:
        write(
            world,
            wanted("a", ("7", "71"), quantity=1, expected=0, at=world.now),
            token="shpat_stranger_0123456789",
        )
    assert denied.value.cause is Cause.DENIED
    assert "stranger" not in str(denied.value)


def test_stock_is_read_for_exactly_what_was_asked() -> None:
    world = World()
    cup, pot = world.good("CUP", here=5, there=7), world.good("POT", here=2)
    asked = [(cup, world.here), (pot, world.there), ("999", world.here)]
    world.buy(cup=3)
    seen = {
        (one.item, one.location): (int(one.quantity), one.at) for one in channel.read_stock(world.api, asked)
    }
    assert seen == {(cup, world.here): (2, world.now), (pot, world.there): (0, world.now)}


def test_many_figures_in_many_locations_are_read_to_the_last() -> None:
    world = World(places=[f"Place {n}" for n in range(12)])
    for n in range(60):
        world.good(f"G{n}", here=n)
    world.wait(60)
    seen = channel.read_stock(world.api, list(world.shop.shown()))
    assert {(one.item, one.location): int(one.quantity) for one in seen} == world.shop.shown()
    assert len(world.shop.shown()) == 720


def test_every_listing_has_a_figure_where_it_is_stocked_and_none_if_it_is_not_tracked() -> None:
    world = World()
    cup, card = world.good("CUP"), world.good("CARD", tracked=False)
    listings = {one.item: one for one in channel.read_listings(world.api)}
    assert listings[cup].locations == (world.here, world.there)
    assert (listings[card].locations, listings[card].sku, listings[card].title) == (
        (),
        "CARD",
        "Card - Default Title",
    )


def test_a_large_catalogue_is_asked_for_in_bulk_and_read_when_it_is_ready() -> None:
    world = World(bulk_s=8.0)
    for n in range(70):
        world.good(f"G{n}", tracked=n % 7 > 0)
    paged = list(channel.read_listings(world.api))
    world.shop.pretend(9_000)
    for _ in range(2):
        with pytest.raises(ChannelError) as busy:
            list(channel.read_listings(world.api))
        assert (busy.value.cause, busy.value.wait_s) == (Cause.BUSY, 5.0)
        world.wait(5)
    bulk = list(channel.read_listings(world.api))
    assert sorted(bulk, key=lambda one: one.item) == sorted(paged, key=lambda one: one.item)
    assert not any("shpat" in one or "signature" in one for one in world.notebook.calls)


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_the_rows_of_a_bulk_answer_come_in_any_order(order: tuple[int, ...]) -> None:
    item, parent = "gid://shopify/InventoryItem/7", {"__parentId": "gid://shopify/InventoryItem/7"}
    level = {"id": "gid://shopify/InventoryLevel/1", "location": {"id": "gid://shopify/Location/1"}}
    lines: list[dict[str, Any]] = [
        {"id": item, "sku": "CUP", "tracked": True, "updatedAt": "2026-03-01T10:00:00Z"},
        {"id": "gid://shopify/ProductVariant/5", "displayName": "Cup", "barcode": None,
         "product": {"status": "ACTIVE"}, **parent},
        {**level, **parent},
        {"id": "gid://shopify/InventoryItem/8", "sku": "GONE", "tracked": True, "updatedAt": None},
        {**level, "__parentId": "gid://shopify/InventoryItem/8"},
    ]  # fmt: skip
    found = list(_in_bulk([lines[n] for n in order]))
    assert [(one.item, one.sku, one.title, one.locations) for one in found] == [("7", "CUP", "Cup", ("1",))]


def test_an_old_bulk_answer_is_not_taken_for_a_new_one() -> None:
    world = World(bulk_s=1.0)
    world.good("CUP")
    world.shop.pretend(9_000)
    with pytest.raises(ChannelError):
        list(channel.read_listings(world.api))
    world.wait(3600)
    with pytest.raises(ChannelError) as busy:
        list(channel.read_listings(world.api))
    assert busy.value.cause is Cause.BUSY


def test_a_bulk_operation_that_failed_is_not_started_again_at_once() -> None:
    world = World()
    ended = (world.now - timedelta(minutes=1)).isoformat()
    one = {
        "id": "gid://shopify/BulkOperation/1",
        "status": "FAILED",
        "query": queries.ALL_ITEMS,
        "completedAt": ended,
    }
    api = Replies(
        {"data": {"productVariantsCount": {"count": 9000}}}, {"data": {"bulkOperations": {"nodes": [one]}}}
    )
    with pytest.raises(ChannelError) as down:
        list(channel.read_listings(api))
    assert down.value.cause is Cause.DOWN
    assert len(api.asked) == 2


def test_locations_are_read_with_their_countries() -> None:
    world = World(places=["North", "South"])
    assert [(one.name, one.active, one.country) for one in channel.read_locations(world.api)] == [
        ("North", True, "US"),
        ("South", True, "US"),
    ]
