"""The sale that a Square order tells of, with what came back of it. Pure.

Source: Orders API, OpenAPI description of 2026-09-16; recorded sandbox answers of 2026-07 for refunds and
returns. All amounts that we take include tax, whether a tax is ADDITIVE or INCLUSIVE: `total_money` of a
line and of a service charge already has either in it.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.channels.kit.json import digest, encode
from entrepot.channels.kit.numbers import exact, integer, text
from entrepot.channels.kit.times import utc
from entrepot.channels.square.fulfilment import (
    customer,
    done,
    handed_over,
    ship_to,
    shipments,
    unknown_states,
)
from entrepot.channels.square.tenders import money, paid, payment_state, payments, refund_seen
from entrepot.contract import (
    ChargeKind,
    ChargeSeen,
    Commercial,
    DiscountSeen,
    LineSeen,
    OrderSeen,
    Payment,
    RefundLine,
    RefundSeen,
    Stated,
    TaxSeen,
    Version,
)
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import exponent, total

COMMERCIAL = {
    "DRAFT": Commercial.DRAFT,
    "OPEN": Commercial.OPEN,
    "COMPLETED": Commercial.CLOSED,
    "CANCELED": Commercial.CANCELLED,
}
ITEM_TYPES = frozenset({"ITEM", "CUSTOM_AMOUNT", "GIFT_CARD"})
SERVICE_KINDS = {"AUTO_GRATUITY": ChargeKind.TIP, "CUSTOM": ChargeKind.SERVICE}
GIVEN = frozenset({"COMPLETED", "APPROVED"})
NOT_GIVEN = frozenset({"REJECTED", "FAILED"})


class Back(msgspec.Struct, frozen=True):
    """A refund of one of a sale's payments, and its return order (None: Square does not show it)."""

    refund: dict[str, Any]
    order: dict[str, Any] | None


def sale(order: dict[str, Any], backs: Sequence[Back] = ()) -> OrderSeen:
    """The whole order, `backs` being every refund of its payments.

    The version sorts by the last change of the order or of one of its returns, because a return is an order
    of its own. Refusal for an order that cannot be understood; `shape` if it is not built as documented.
    """
    try:
        return _sale(order, backs)
    except (AttributeError, KeyError, TypeError) as error:
        raise Refusal("shape", f"an order of Square in no shape that we know ({error!r})") from None


def _sale(order: dict[str, Any], backs: Sequence[Back]) -> OrderSeen:
    seen = _settled(_bare(order, _currency(order)), order, backs)
    changed_at = max(utc(one["updated_at"]) for one in (order, *_returns(backs)))
    meaning = msgspec.to_builtins(msgspec.structs.replace(seen, changed_at=seen.placed_at))
    key = f"{changed_at:%Y-%m-%dT%H:%M:%S.%fZ} {integer(order.get('version') or 0):010d}"
    return msgspec.structs.replace(
        seen, changed_at=changed_at, version=Version(key, digest(meaning)), raw=encode(order)
    )


def _bare(order: dict[str, Any], currency: str) -> OrderSeen:
    """What the order itself says, money and lines aside."""
    missing = [name for name in ("id", "location_id", "created_at", "updated_at") if not order.get(name)]
    if missing:
        raise Refusal("shape", f"an order of Square without {', '.join(missing)}")
    return OrderSeen(
        external_id=order["id"],
        number=text(order.get("reference_id")) or order["id"],
        version=Version("", ""),
        placed_at=utc(order["created_at"]),
        changed_at=utc(order["updated_at"]),
        commercial=COMMERCIAL.get(text(order.get("state")), Commercial.UNKNOWN),
        payment=Payment.UNKNOWN,
        currency=currency,
        total=money(order.get("total_money"), currency),
        tax_inclusive=True,
        lines=(),
        shipments=shipments(order),
        customer=customer(order),
        ship_to=ship_to(order),
        location=order["location_id"],
        notes=_notes(order, currency),
    )


def _settled(seen: OrderSeen, order: dict[str, Any], backs: Sequence[Back]) -> OrderSeen:
    """The order with its lines, its charges and what was paid and given back."""
    tenders, refunds = payments(order, seen.currency), _refunds(order, backs, seen.currency)
    whole, returned = paid(order, tenders, seen.total), _returned(order, backs)
    caught = [one.at for one in tenders if one.at and one.state is Payment.PAID]
    lines = order.get("line_items") or ()
    return msgspec.structs.replace(
        seen,
        payment=payment_state(
            tenders, paid=whole, refunded=total([one.amount for one in refunds], seen.currency)
        ),
        lines=tuple(
            _line(order, line, returned.get(text(line.get("uid")), Decimal(0)), taken=whole) for line in lines
        ),
        charges=_charges(order, seen.currency),
        discounts=_discounts(order, seen.currency),
        taxes=_taxes(order, seen.currency),
        stated=_stated(order, seen.currency),
        payments=tenders,
        refunds=refunds,
        paid_at=max(caught) if whole and caught else None,
    )


def _line(order: dict[str, Any], line: dict[str, Any], came_back: Decimal, *, taken: bool) -> LineSeen:
    """One line. The SKU stands in the catalogue only: the variation's id is the item.

    A line without a variation is an amount typed in, a gift card is money: neither has stock.
    """
    item, currency, ordered = text(line.get("catalog_object_id")), _currency(order), exact(line["quantity"])
    goods = bool(item) and text(line.get("item_type")) in {"", "ITEM"}
    counts = done(order, line, came_back)
    return LineSeen(
        external_id=text(line.get("uid")),
        item=item if goods else "",
        sku="",
        title=" – ".join(filter(None, (text(line.get("name")), text(line.get("variation_name"))))),
        ordered=ordered,
        amount=money(line.get("total_money"), currency),
        cancelled=counts.cancelled,
        shipped=counts.shipped,
        returned=counts.returned,
        taken=ordered if goods and taken else Decimal(0),
        unit_price=_unit_price(line, currency),
        discount=money(line.get("total_discount_money"), currency),
        tax=money(line.get("total_tax_money"), currency),
        handed_over=order["location_id"] if goods and handed_over(order) else "",
        goods=goods,
    )


def _unit_price(line: dict[str, Any], currency: str) -> Decimal | None:
    """Price of one in major units; None where the order does not say."""
    price = line.get("base_price_money")
    return Decimal(money(price, currency).minor).scaleb(-exponent(currency)) if price else None


def _charges(order: dict[str, Any], currency: str) -> tuple[ChargeSeen, ...]:
    """Service charges, tips, cash rounding. An apportioned service charge stands in its lines' totals
    already.
    """
    charges = [
        ChargeSeen(
            kind=SERVICE_KINDS.get(text(charge.get("type")) or "CUSTOM", ChargeKind.UNKNOWN),
            title=text(charge.get("name")),
            amount=money(charge.get("total_money"), currency),
            tax=money(charge.get("total_tax_money"), currency),
        )
        for charge in order.get("service_charges") or ()
        if charge.get("treatment_type") != "APPORTIONED_TREATMENT"
    ]
    rounding = order.get("rounding_adjustment") or {}
    extra = {
        ChargeKind.TIP: money(order.get("total_tip_money"), currency),
        ChargeKind.ROUNDING: money(rounding.get("amount_money"), currency),
    }
    charges += [
        ChargeSeen(kind=kind, title="", amount=amount) for kind, amount in extra.items() if amount.minor
    ]
    return tuple(charges)


def _discounts(order: dict[str, Any], currency: str) -> tuple[DiscountSeen, ...]:
    return tuple(
        DiscountSeen(title=text(one.get("name")), amount=money(one.get("applied_money"), currency))
        for one in order.get("discounts") or ()
    )


def _taxes(order: dict[str, Any], currency: str) -> tuple[TaxSeen, ...]:
    """Each tax of the order; percentages become fractions of 1."""
    return tuple(
        TaxSeen(
            title=text(one.get("name")),
            amount=money(one.get("applied_money"), currency),
            rate=f"{exact(one['percentage']) / 100:f}" if one.get("percentage") else "",
        )
        for one in order.get("taxes") or ()
    )


def _stated(order: dict[str, Any], currency: str) -> Stated:
    """What the order itself adds up: its discounts and its taxes. It knows no shipping: that is a charge."""

    def said(field: str) -> Money | None:
        return money(order[field], currency) if order.get(field) else None

    return Stated(discounts=said("total_discount_money"), taxes=said("total_tax_money"))


def _refunds(order: dict[str, Any], backs: Sequence[Back], currency: str) -> tuple[RefundSeen, ...]:
    """Money that went back. Two refunds of one return (two tenders) share its lines: the first one names
    them.
    """
    named: set[str] = set()
    refunds = []
    for back in backs:
        if text(back.refund.get("status")) not in GIVEN:
            continue
        lines = {} if not back.order or back.order["id"] in named else _returned(order, [back])
        named |= {back.order["id"]} if back.order else set()
        given = tuple(RefundLine(line=uid, quantity=count) for uid, count in lines.items())
        refunds.append(refund_seen(back.refund, currency, given))
    return tuple(refunds)


def _returned(order: dict[str, Any], backs: Sequence[Back]) -> dict[str, Decimal]:
    """Units that came back by line: itemised returns only, an amount without goods says nothing of them.

    Goods count from the return on, also while the money is still on its way; not if the refund failed.
    """
    counts: dict[str, Decimal] = {}
    for back_order in _returns(backs):
        for part in back_order.get("returns") or ():
            for line in (
                part.get("return_line_items") or () if part.get("source_order_id") == order["id"] else ()
            ):
                uid = text(line.get("source_line_item_uid"))
                if uid and line.get("item_type") != "CUSTOM_AMOUNT":
                    counts[uid] = counts.get(uid, Decimal(0)) + exact(line["quantity"])
    return counts


def _returns(backs: Sequence[Back]) -> list[dict[str, Any]]:
    """The return orders of refunds that did not fail, each once."""
    live = (back.order for back in backs if text(back.refund.get("status")) not in NOT_GIVEN)
    return list({one["id"]: one for one in live if one}.values())


def tied_sales(order: dict[str, Any]) -> set[str]:
    """The sales whose payments a return or an exchange gave money back of: `transaction_id` of its refunds.

    Their own reading finds this return again, by payment and refund.
    """
    sales = {text(refund.get("transaction_id")) for refund in order.get("refunds") or ()}
    sources = {text(part.get("source_order_id")) for part in order.get("returns") or ()}
    return (sales & sources) - {"", text(order.get("id"))}


def _notes(order: dict[str, Any], currency: str) -> tuple[str, ...]:
    """What needs a person: words that we do not know, goods that came back without a way to their sale."""
    notes = list(unknown_states(order))
    if text(order.get("state")) not in COMMERCIAL:
        notes.append(f"unknown state of the order: {text(order.get('state'))!r}")
    words = {text(line.get("item_type")) or "ITEM" for line in order.get("line_items") or ()} - ITEM_TYPES
    notes += [f"unknown type of a line: {word!r}" for word in sorted(words)]
    for part in order.get("returns") or ():
        source = text(part.get("source_order_id"))
        if source not in tied_sales(order):
            worth = money((part.get("return_amounts") or {}).get("total_money"), currency)
            notes.append(f"no refund ties a return of {worth} to {source or 'a sale'}")
    return tuple(notes)


def _currency(order: dict[str, Any]) -> str:
    """The order's one currency, a known one. A return order has no `total_money`, but net amounts."""
    amounts = (order.get("total_money"), (order.get("net_amounts") or {}).get("total_money"))
    for amount in amounts:
        if amount and amount.get("currency"):
            exponent(amount["currency"])
            return str(amount["currency"])
    raise Refusal("shape", f"order {text(order.get('id'))} of Square names no currency")
