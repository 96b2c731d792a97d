"""The emulated Square's inventory: a history of changes applied in the order in which they happened.

Source: Inventory API process flow, read 2026-09: counts are the adjustments since the last physical count by
`occurred_at`, from zero; there is no guard at zero. The till's way of a return (SOLD → RETURNED_BY_CUSTOMER →
IN_STOCK) is from real history in the developer forum (2024-05).
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.channels.kit.numbers import exact
from entrepot.channels.square.emulator_wire import Wrong, moment, page, quantity, stamp
from entrepot.kernel import Refusal

Slot = tuple[str, str]
"""(variation, location)"""

COUNT = "PHYSICAL_COUNT"
ADJUSTMENT = "ADJUSTMENT"
TRACKED = ("IN_STOCK", "WASTE", "RETURNED_BY_CUSTOMER")
BY_API = frozenset(
    {
        ("NONE", "IN_STOCK"),
        ("IN_STOCK", "SOLD"),
        ("IN_STOCK", "WASTE"),
        ("UNLINKED_RETURN", "IN_STOCK"),
        ("UNLINKED_RETURN", "WASTE"),
    }
)
"""Adjustments that a request may make; other states are read only or not tracked."""

CHANGES_MAX = 100
OLDEST = timedelta(hours=24)


class Change(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One entry of the history. Sorts as Square applies it: by the caller's time, then as it came."""

    occurred_at: datetime
    number: int
    slot: Slot
    kind: str
    source: str = ""  # '' for a physical count
    target: str
    amount: Decimal
    created_at: datetime
    reference: str = ""
    transaction: str = ""


class Inventory:
    """Counts by variation, location and state. `known` says whether a slot can be counted at all."""

    def __init__(self, known: Callable[[Slot], None]) -> None:
        self._known = known
        self._history: dict[Slot, list[Change]] = {}
        self._counts: dict[Slot, dict[str, Decimal]] = {}
        self._number = 0
        self._changed: dict[Slot, None] = {}

    def count(self, slot: Slot, state: str = "IN_STOCK") -> Decimal:
        """How much is in a state now; zero for what was never counted."""
        return self._counts.get(slot, {}).get(state, Decimal(0))

    def slots(self) -> list[Slot]:
        """Every slot that has a history."""
        return sorted(self._history)

    def adjust(
        self, slot: Slot, source: str, target: str, amount: Decimal, *,
        occurred_at: datetime, now: datetime, reference: str = "", transaction: str = "",
    ) -> Change:  # fmt: skip
        """Moves an amount from one state to another."""
        return self._add(
            Change(
                occurred_at=occurred_at, number=self._number + 1, slot=slot, kind=ADJUSTMENT, source=source,
                target=target, amount=amount, created_at=now, reference=reference, transaction=transaction,
            )
        )  # fmt: skip

    def set(
        self, slot: Slot, amount: Decimal, *, occurred_at: datetime, now: datetime, state: str = "IN_STOCK"
    ) -> Change:
        """A physical count: whatever happened before it no longer matters for that state."""
        return self._add(
            Change(
                occurred_at=occurred_at, number=self._number + 1, slot=slot, kind=COUNT,
                target=state, amount=amount, created_at=now,
            )
        )  # fmt: skip

    def _add(self, change: Change) -> Change:
        self._number = change.number
        history, before = self._history.setdefault(change.slot, []), self.count(change.slot)
        late = bool(history) and change < history[-1]
        insort(history, change)
        if late:
            self._counts[change.slot] = {}
        for one in history if late else [change]:
            _apply(self._counts.setdefault(change.slot, {}), one)
        if self.count(change.slot) != before:
            self._changed[change.slot] = None
        return change

    def drain(self) -> list[dict[str, Any]]:
        """The IN_STOCK counts that changed since the last time this was asked."""
        changed, self._changed = self._changed, {}
        return [self.told(slot, "IN_STOCK") for slot in changed]

    def told(self, slot: Slot, state: str) -> dict[str, Any]:
        """An InventoryCount."""
        return {
            "catalog_object_id": slot[0],
            "catalog_object_type": "ITEM_VARIATION",
            "state": state,
            "location_id": slot[1],
            "quantity": quantity(self.count(slot, state)),
            "calculated_at": stamp(self._calculated(slot)),
        }

    def _calculated(self, slot: Slot) -> datetime:
        return max(change.created_at for change in self._history[slot])

    def change(self, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        """BatchChangeInventory: all of the request's changes, or none if one is wrong."""
        asked = body.get("changes") or []
        if len(asked) > CHANGES_MAX:
            raise Wrong("ARRAY_LENGTH_TOO_LONG", f"at most {CHANGES_MAX} changes", field="changes")
        wanted = [self._asked(one, f"changes[{n}]", now) for n, one in enumerate(asked)]
        made = []
        for one in wanted:
            if one.kind == COUNT and body.get("ignore_unchanged_counts", True) and self._same(one):
                continue
            made.append(self._add(msgspec.structs.replace(one, number=self._number + 1)))
        counts = [
            self.told(slot, state)
            for slot in dict.fromkeys(one.slot for one in wanted)
            for state in self._states(slot)
        ]
        return {"counts": counts, "changes": [change_told(one) for one in made]}

    def _same(self, one: Change) -> bool:
        history = self._history.get(one.slot, [])
        return bool(history) and history[-1].kind == COUNT and self.count(one.slot, one.target) == one.amount

    def _states(self, slot: Slot) -> list[str]:
        return [state for state in TRACKED if state in self._counts.get(slot, {})]

    def _asked(self, asked: dict[str, Any], where: str, now: datetime) -> Change:
        """The change that a request wants, checked against everything Square checks."""
        kind = asked.get("type")
        part = asked.get({COUNT: "physical_count", ADJUSTMENT: "adjustment"}.get(str(kind), ""))
        if not isinstance(part, dict):
            raise Wrong("INVALID_VALUE", "neither a physical count nor an adjustment", field=f"{where}.type")
        slot = (str(part.get("catalog_object_id", "")), str(part.get("location_id", "")))
        self._known(slot)
        occurred_at = moment(part.get("occurred_at"), f"{where}.occurred_at")
        if not now - OLDEST <= occurred_at <= now:
            detail = "occurred_at lies in the future or more than 24 hours back"
            raise Wrong("INVALID_TIME", detail, field=f"{where}.occurred_at")
        source, target = _states_of(part, str(kind), where)
        return Change(
            occurred_at=occurred_at, number=0, slot=slot, kind=str(kind), source=source, target=target,
            amount=_amount(part, where), created_at=now, reference=str(part.get("reference_id") or ""),
        )  # fmt: skip

    def of(self, variation: str, query: Mapping[str, str]) -> dict[str, Any]:
        """GetInventoryCount: of one variation, in all locations or in those that are named."""
        places = [one for one in query.get("location_ids", "").split(",") if one]
        body = {"catalog_object_ids": [variation], "location_ids": places, "cursor": query.get("cursor")}
        return self.counts(body)

    def counts(self, body: dict[str, Any]) -> dict[str, Any]:
        """BatchRetrieveInventoryCounts, newest first."""
        states = [state for state in TRACKED if state in (body.get("states") or TRACKED)]
        after = moment(body["updated_after"], "updated_after") if body.get("updated_after") else None
        slots = [
            slot
            for slot in self.slots()
            if _wanted(slot, body) and (after is None or self._calculated(slot) > after)
        ]
        slots.sort(key=self._calculated, reverse=True)
        rows = [self.told(slot, state) for slot in slots for state in states if state in self._states(slot)]
        return page(rows, body.get("cursor"), body.get("limit"), default=100, most=1000).json("counts")

    def changes(self, body: dict[str, Any]) -> dict[str, Any]:
        """BatchRetrieveInventoryChanges, oldest first."""
        after = moment(body["updated_after"], "updated_after") if body.get("updated_after") else None
        kinds = body.get("types") or [COUNT, ADJUSTMENT]
        rows = [
            change_told(one)
            for one in sorted(self._all())
            if _wanted(one.slot, body) and one.kind in kinds and (after is None or one.created_at > after)
        ]
        return page(rows, body.get("cursor"), body.get("limit"), default=100, most=1000).json("changes")

    def _all(self) -> Iterable[Change]:
        return (one for history in self._history.values() for one in history)


def change_told(one: Change) -> dict[str, Any]:
    """An InventoryChange."""
    told: dict[str, Any] = {
        "id": f"CHANGE{one.number:014d}",
        "catalog_object_id": one.slot[0],
        "catalog_object_type": "ITEM_VARIATION",
        "location_id": one.slot[1],
        "quantity": quantity(one.amount),
        "occurred_at": stamp(one.occurred_at),
        "created_at": stamp(one.created_at),
    }
    told |= {"reference_id": one.reference} if one.reference else {}
    if one.kind == COUNT:
        return {"type": COUNT, "physical_count": told | {"state": one.target}}
    told |= {"transaction_id": one.transaction} if one.transaction else {}
    return {"type": ADJUSTMENT, "adjustment": told | {"from_state": one.source, "to_state": one.target}}


def _apply(counts: dict[str, Decimal], one: Change) -> None:
    if one.kind == COUNT:
        counts[one.target] = one.amount
        return
    for state, amount in ((one.source, -one.amount), (one.target, one.amount)):
        if state in TRACKED:
            counts[state] = counts.get(state, Decimal(0)) + amount


def _wanted(slot: Slot, body: dict[str, Any]) -> bool:
    """Whether a slot passes the filters of a request; an empty filter lets everything pass."""
    filters = (body.get("catalog_object_ids"), body.get("location_ids"))
    return all(not wanted or part in wanted for part, wanted in zip(slot, filters, strict=True))


def _states_of(part: dict[str, Any], kind: str, where: str) -> tuple[str, str]:
    """(from, to) of a request's change; ('', state) for a count."""
    if kind == COUNT:
        if part.get("state") not in {"IN_STOCK", "WASTE"}:
            raise Wrong(
                "INVALID_VALUE", "no state that can be counted", field=f"{where}.physical_count.state"
            )
        return "", str(part["state"])
    pair = (str(part.get("from_state")), str(part.get("to_state")))
    if pair not in BY_API:
        raise Wrong(
            "INVALID_VALUE", f"no way from {pair[0]} to {pair[1]}", field=f"{where}.adjustment.to_state"
        )
    return pair


def _amount(part: dict[str, Any], where: str) -> Decimal:
    """A quantity: decimal text, not negative, at most five digits after the point."""
    field = f"{where}.quantity"
    if not isinstance(part.get("quantity"), str):
        raise Wrong("EXPECTED_STRING", "a quantity is a decimal string", field=field)
    try:
        amount = exact(part["quantity"])
    except Refusal:
        raise Wrong("INVALID_VALUE", "a quantity is a decimal string", field=field) from None
    if amount < 0 or amount != round(amount, 5):
        raise Wrong("INVALID_VALUE", "a quantity is not negative and has at most 5 digits", field=field)
    return amount
