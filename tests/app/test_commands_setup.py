"""Commands that set the hub up: once good, and every refusal by its code."""

from datetime import timedelta
from typing import Any

import pytest

from entrepot import connections, places
from entrepot.app import COMMANDS
from entrepot.contract import Delivery
from entrepot.db import inbox, jobs
from tests.app.desk import Desk
from tests.connections.shop import GOOD, SECRET
from tests.db.stores import NOON


def corner(**more: Any) -> dict[str, Any]:
    """The arguments that connect the corner shop."""
    return {"platform": "corner", "name": "corner", "settings": GOOD, "hub_url": "https://hub.example"} | more


def test_the_commands_are_these() -> None:
    assert sorted(COMMANDS) == [
        "connection.add", "connection.flow", "connection.renew", "exception.accept", "exception.reopen",
        "hold.extend", "hold.make", "hold.release", "keys.reseal", "letters.edit", "letters.replay",
        "location.add", "location.map", "order.cancel", "order.give_up", "order.hand_over", "order.pay",
        "order.place", "order.refetch", "order.ship", "order.source", "people.forget", "seller.add",
        "session.end", "sku.add", "sku.map", "sku.recipe", "sku.title", "stock.adjust",
        "stock.count", "stock.import", "stock.move", "stock.put_back", "stock.receive", "stock.set_aside",
        "token.end", "token.make",
        "transfer.arrive", "transfer.send", "user.end", "user.invite", "user.link", "user.role",
        "user.unlock",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "given", "code"),
    [
        ("stock.steal", {}, "command_unknown"),
        ("location.add", {}, "arguments"),
        ("location.add", {"code": 7}, "arguments"),
        ("location.add", {"code": "x", "colour": "red"}, "arguments"),
        ("sku.add", {"sku": "X", "scale": "many"}, "arguments"),
        ("sku.recipe", {"sku": "X", "parts": {"A-1": 1.5}}, "arguments"),
    ],
)
def test_unknown_commands_and_malformed_arguments_are_refused(
    desk: Desk, command: str, given: dict[str, Any], code: str
) -> None:
    assert desk.refused(command, **given) == code


def test_a_location_is_added_once(desk: Desk) -> None:
    assert desk.tell("location.add", code="attic", name="The attic") == {
        "location": "attic",
        "name": "The attic",
    }
    assert desk.refused("location.add", code="attic") == "location_exists"
    assert desk.refused("location.add", code="The attic") == "location_code"


def test_a_sku_is_added_and_links_the_listings_that_waited_for_it(desk: Desk) -> None:
    desk.tell("connection.add", **corner())
    desk.see("corner", ("1", "B-1"), ("2", "C-1"))
    assert desk.tell("sku.add", sku="B-1") == {"sku": "B-1", "listings_linked": 1}
    assert [body["item"] for body in desk.told("ListingLinked")] == ["1"]
    assert desk.tell("sku.add", sku=" B-1 ") == {"sku": "B-1", "listings_linked": 0}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"sku": ""}, "sku_code"),
        ({"sku": "x" * 101}, "sku_code"),
        ({"sku": "X", "scale": 0}, "scale"),
        ({"sku": "X", "scale": -1}, "scale"),
    ],
)
def test_a_wrong_sku_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    assert desk.refused("sku.add", **given) == code


def test_a_recipe_is_set(desk: Desk) -> None:
    assert desk.tell("sku.recipe", sku="BOX", parts={"A-1": 2}) == {"sku": "BOX", "parts": {"A-1": 2}}
    assert desk.refused("sku.recipe", sku="BOX", parts={}) == "recipe_empty"
    assert desk.refused("sku.recipe", sku="BOX", parts={"A-1": 0}) == "recipe_empty"
    assert desk.refused("sku.recipe", sku="BOX", parts={"none": 1}) == "item_unknown"
    assert desk.refused("sku.recipe", sku="", parts={"A-1": 1}) == "sku_code"


def test_a_listing_is_mapped(desk: Desk) -> None:
    desk.tell("connection.add", **corner())
    desk.see("corner", ("1", "theirs"))
    given = {"connection": "corner", "item": "1", "sku": "A-1"}
    assert desk.tell("sku.map", **given) == given
    assert desk.refused("sku.map", **given | {"connection": "none"}) == "connection_unknown"
    assert desk.refused("sku.map", **given | {"item": "2"}) == "listing_unknown"
    assert desk.refused("sku.map", **given | {"sku": "none"}) == "sku_unknown"


def test_a_location_is_mapped_and_what_waited_for_it_is_told(desk: Desk) -> None:
    desk.tell("connection.add", **corner())
    desk.see_location("corner", "L1")
    given = {"connection": "corner", "external": "L1", "location": "shop"}
    assert desk.tell("location.map", **given) == given
    assert [body["external"] for body in desk.told("LocationMapped")] == ["L1"]
    assert desk.refused("location.map", **given | {"connection": "none"}) == "connection_unknown"
    assert desk.refused("location.map", **given | {"location": "none"}) == "location_unknown"
    assert desk.refused("location.map", **given | {"external": "L2"}) == "external_location_unknown"
    assert "known: L1" in desk.said


def test_an_account_is_connected_and_only_observes_stock(desk: Desk) -> None:
    assert desk.tell("connection.add", **corner(since="2026-01-01T00:00:00+01:00")) == {
        "connection": "corner",
        "webhooks_to": "https://hub.example/hooks/corner",
        "flows": {"orders_in": "on", "stock_out": "observe"},
    }
    made = desk.store.read(lambda tx: connections.named(tx, "corner"))
    assert made.since.isoformat() == "2025-12-31T23:00:00+00:00"


def test_an_account_draws_on_the_named_locations_in_their_order_else_on_all(desk: Desk) -> None:
    desk.tell("connection.add", **corner(name="one", locations=["shop", "main", "shop"]))
    desk.tell("connection.add", **corner(name="all"))
    assert [network(desk, name) for name in ("one", "all")] == [["shop", "main"], ["main", "shop"]]


def network(desk: Desk, connection: str) -> list[str]:
    """The codes of the locations that a connection draws on."""
    from_store = desk.store.read(
        lambda tx: (places.load(tx), places.networks(tx), connections.named(tx, connection))
    )
    here, networks, made = from_store
    return [here.locations[id].code for id in networks[made.network_id]]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"platform": "none"}, "platform_unknown"),
        ({"name": "Corner"}, "name"),
        ({"name": "taken"}, "name_taken"),
        ({"locations": ["none"]}, "location_unknown"),
        ({"settings": {}}, "setting_missing"),
        ({"settings": GOOD | {"key": "sk_1"}}, "setting_malformed"),
        ({"settings": GOOD | {"colour": "red"}}, "setting_unknown"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"since": "long ago"}, "arguments"),
    ],
)
def test_a_wrong_connection_is_refused_and_no_secret_shown(
    desk: Desk, more: dict[str, Any], code: str
) -> None:
    desk.tell("connection.add", **corner(name="taken"))
    assert desk.refused("connection.add", **corner(**more)) == code
    assert SECRET not in desk.said


def test_without_a_location_there_is_nothing_to_connect(bare: Desk) -> None:
    assert bare.refused("connection.add", **corner()) == "no_locations"


def test_a_flow_is_turned(desk: Desk) -> None:
    desk.tell("connection.add", **corner())
    given = {"connection": "corner", "flow": "stock_out", "level": "on"}
    answer = {"connection": "corner", "flows": {"orders_in": "on", "stock_out": "on"}}
    assert desk.tell("connection.flow", **given) == answer
    assert desk.refused("connection.flow", **given | {"connection": "none"}) == "connection_unknown"
    assert desk.refused("connection.flow", **given | {"flow": "prices_out"}) == "flow"
    assert desk.refused("connection.flow", **given | {"level": "maybe"}) == "flow"


def dead_letter(desk: Desk) -> str:
    """A delivery that failed for good; its id."""
    delivery = Delivery(headers={}, body=b"nonsense", url="", received_at=NOON)

    def work(tx: Any) -> str:
        inbox.put(tx, connection_id="c1", key="1", delivery=delivery)
        (letter,) = inbox.take(tx, 1)
        inbox.fail(tx, letter, "nonsense", hopeless=True)
        return letter.id

    return desk.store.run(work)


def test_dead_letters_are_tried_again(desk: Desk) -> None:
    id = dead_letter(desk)
    assert desk.tell("letters.replay", ids=["none"]) == {"replayed": 0}
    assert desk.tell("letters.replay", ids=[id]) == {"replayed": 1}
    assert desk.tell("letters.replay") == {"replayed": 0}


def test_a_dead_letter_is_edited(desk: Desk) -> None:
    id = dead_letter(desk)
    assert desk.refused("letters.edit", id="none", body="{}") == "letter_unknown"
    assert desk.refused("letters.edit", id=id, body="{") == "letter_body"
    assert desk.tell("letters.edit", id=id, body="{}") == {"edited": id}
    assert desk.refused("letters.edit", id=id, body="{}") == "letter_unknown"


def test_a_connection_is_given_new_settings_and_looked_at_again(desk: Desk) -> None:
    desk.tell("connection.add", platform="corner", name="c", settings=GOOD, hub_url="https://hub.example")
    answer = desk.tell("connection.renew", connection="c", settings={"key": "ck_other", "region": "us"})
    assert answer == {"connection": "c"}
    held = desk.store.read(lambda tx: connections.named(tx, "c"))
    assert (held.settings["key"], held.settings["region"], held.settings["url"]) == (
        "ck_other",
        "us",
        "https://corner.example",
    )
    assert [one["connection"] for one in desk.told("SettingsChanged")] == [held.id]
    queue = f"call:{held.id}"
    assert [job.kind for job in desk.store.read(lambda tx: jobs.take(tx, queue, 5))] == ["probe"]


def test_what_waited_for_better_credentials_is_done_at_once(desk: Desk) -> None:
    desk.tell("connection.add", platform="corner", name="c", settings=GOOD, hub_url="https://hub.example")
    held = desk.store.read(lambda tx: connections.named(tx, "c"))
    job = jobs.Job(kind="sweep_orders", queue=f"call:{held.id}", key="s", run_at=NOON + timedelta(hours=1))
    desk.store.run(lambda tx: jobs.enqueue(tx, [job]))
    desk.store.run(lambda tx: connections.shut_out(tx, held.id, "401"))
    desk.tell("connection.renew", connection="c", settings={"key": "ck_other"})
    assert desk.store.read(lambda tx: connections.named(tx, "c")).state == "ready"
    kinds: set[str] = set()
    while due := desk.store.read(lambda tx: jobs.take(tx, f"call:{held.id}", 5)):
        kinds |= {one.kind for one in due}
        desk.store.run(lambda tx, due=due: jobs.done(tx, [one.id for one in due]))  # type: ignore[misc]
    assert kinds == {"probe", "sweep_orders"}


def test_settings_that_cannot_be_are_refused_when_they_are_changed_too(desk: Desk) -> None:
    desk.tell("connection.add", platform="corner", name="c", settings=GOOD, hub_url="https://hub.example")
    assert desk.refused("connection.renew", connection="c", settings={"key": "x"}) == "setting_malformed"
    assert desk.refused("connection.renew", connection="c", settings={"color": "x"}) == "setting_unknown"
    assert desk.refused("connection.renew", connection="c", consent=True) == "consent_unsupported"
    assert desk.refused("connection.renew", connection="nobody") == "connection_unknown"
