"""Many buy, hold and cancel at the same moment: the last unit is sold once, and one reference is one
order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from entrepot.app import Hub, circumstances, open_for_hub, perform
from entrepot.kernel import Keyring, Refusal
from entrepot.monitor import verify
from tests.selling.counter import WHO


@pytest.fixture
def hub(tmp_path: Path, home_database: str) -> Iterator[Hub]:
    """A running hub's store: ten CUPs at main, a seller that refuses."""
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001")
    hub = Hub(open_for_hub(home_database or str(tmp_path / "hub.db"), circumstances(keys)), found={})
    tell(hub, "location.add", code="main")
    tell(hub, "sku.add", sku="CUP")
    tell(hub, "stock.receive", sku="CUP", location="main", quantity="10", reference="1")
    tell(hub, "seller.add", name="field", currency="EUR")
    yield hub
    hub.close()


def tell(hub: Hub, command: str, **arguments: Any) -> dict[str, Any]:
    return perform(hub, command, arguments, who=WHO, source="test")


def crowd(hub: Hub, wishes: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """What each wish came to, all at once: 'done', or the code of its Refusal."""

    def go(wish: tuple[str, dict[str, Any]]) -> str:
        try:
            tell(hub, wish[0], **wish[1])
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(12) as people:
        found = list(people.map(go, wishes))
    assert verify(hub.store).violations == []
    return sorted(found)


def order(reference: str, units: int = 1, **more: Any) -> tuple[str, dict[str, Any]]:
    line = {"sku": "CUP", "quantity": str(units), "unit_price": "1"} | more
    return "order.place", {"seller": "field", "reference": reference, "lines": [line]}


def test_ten_units_are_sold_ten_times(hub: Hub) -> None:
    assert crowd(hub, [order(f"{n}") for n in range(24)]) == ["done"] * 10 + ["not_enough"] * 14


def test_one_reference_is_one_order(hub: Hub) -> None:
    assert crowd(hub, [order("same") for _ in range(12)]) == ["done"] * 12
    assert crowd(hub, [order(f"{n}", 9) for n in range(3)]) == ["done", "not_enough", "not_enough"]


def test_holds_and_orders_share_what_there_is(hub: Hub) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()  # noqa: TID251 - a running hub has a real clock
    hold = {"sku": "CUP", "quantity": "1", "location": "main", "until": until}
    wishes = [order(f"{n}") for n in range(10)] + [
        ("hold.make", hold | {"reference": f"{n}"}) for n in range(10)
    ]
    assert crowd(hub, wishes) == ["done"] * 10 + ["not_enough"] * 10


def test_a_hold_is_used_once(hub: Hub) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()  # noqa: TID251 - a running hub has a real clock
    held = tell(hub, "hold.make", sku="CUP", quantity="10", location="main", until=until, reference="H")[
        "hold"
    ]
    found = crowd(hub, [order(f"{n}", 6, holds=[held]) for n in range(6)])
    assert found.count("done") == 1
    assert set(found) == {"done", "not_enough"}


def test_an_order_is_cancelled_once(hub: Hub) -> None:
    placed = tell(hub, "order.place", **order("1", 10)[1])["order"]
    found = crowd(hub, [("order.cancel", {"order": placed, "reason": "no", "version": 1})] * 8)
    assert found == ["done"] + ["version"] * 7
