"""WooCommerce orders as testimony (REST wc/v3; field and meta names read in its source, 11.x, in 2026-11)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from entrepot.channels.kit.json import digest, encode
from entrepot.channels.kit.numbers import exact, integer, money, rounded_money, text
from entrepot.channels.kit.pages import link_pages
from entrepot.channels.kit.times import naive_utc
from entrepot.channels.woocommerce.amounts import charges, discounts, rounding, stated, taxes
from entrepot.channels.woocommerce.people import address, customer
from entrepot.channels.woocommerce.refunds import put_back, refunded_lines, refunds_seen
from entrepot.channels.woocommerce.shapes import Raw, item, meta, moment, record, rows
from entrepot.contract import (
    Api,
    Commercial,
    Hint,
    Kind,
    LineSeen,
    OrderSeen,
    Payment,
    PaymentSeen,
    Version,
)
from entrepot.kernel import Cause, ChannelError, Refusal

STATES: dict[str, tuple[Commercial, Payment]] = {
    "auto-draft": (Commercial.DRAFT, Payment.PENDING),
    "draft": (Commercial.DRAFT, Payment.PENDING),
    "checkout-draft": (Commercial.DRAFT, Payment.PENDING),
    "pending": (Commercial.OPEN, Payment.PENDING),
    "on-hold": (Commercial.OPEN, Payment.PENDING),
    "processing": (Commercial.OPEN, Payment.PAID),
    "completed": (Commercial.CLOSED, Payment.PAID),
    "cancelled": (Commercial.CANCELLED, Payment.PENDING),
    "refunded": (Commercial.CANCELLED, Payment.REFUNDED),  # CLOSED if it had been completed
    "failed": (Commercial.CANCELLED, Payment.FAILED),  # until the shopper pays it after all
}
"""What each status of the core says. A plugin's own status is UNKNOWN and noted."""

ENDED = frozenset({"cancelled", "refunded", "failed"})
"""Statuses in which nothing more is sent."""

LOWERED = frozenset({"on-hold", "processing", "completed", "refunded"})
"""Statuses in which the shop has taken an order's goods off its own figures."""

SHRUNK_MAX = 3
STAMP = "%Y-%m-%dT%H:%M:%S"


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How far an order came. `early`, `late`: refunded units by line id, before and after the goods left."""

    status: str
    sent: bool
    void: bool  # nothing of it will be sent any more
    early: dict[str, Decimal]
    late: dict[str, Decimal]


def read_order(api: Api, id: str) -> OrderSeen:
    """One order with its refunds; ChannelError MISSING also for one in the trash."""
    raw = record(api.get(f"/orders/{id}").json)
    if raw.get("status") == "trash":
        raise ChannelError(Cause.MISSING, f"order {id} is in the trash", code="trash")
    return _with_refunds(api, raw)


def read_orders(api: Api, since: datetime) -> Iterator[OrderSeen | Hint]:
    """Every order changed since `since` (the shop's clock), by id; Hints for the trashed and unreadable.

    `modified_after` excludes its own second, so it is set one earlier. 'any' leaves out the trash, which is
    therefore asked for too; what was deleted for good is not found here.
    """
    after = (since - timedelta(seconds=1)).strftime(STAMP)
    for raw in _window(api, status="any", modified_after=after):
        yield _seen_or_hint(api, raw)
    for raw in _window(api, status="trash", modified_after=after):
        yield Hint(Kind.ORDER, str(integer(raw.get("id"))))


def order_seen(raw: Raw, refunds: Sequence[Raw] | None = None) -> OrderSeen:
    """An order resource; `refunds` are the resources of its refunds: without them only amounts are known."""
    currency, id = text(raw.get("currency")), str(integer(raw.get("id")))
    course = _course(raw, refunds or ())
    commercial, payment = _state(raw, course)
    created = naive_utc(raw.get("date_created_gmt"))
    changed = moment(raw, "date_modified") or created
    order = OrderSeen(
        external_id=id,
        number=text(raw.get("number")) or id,
        version=Version(changed.strftime(STAMP), ""),
        placed_at=created,
        changed_at=changed,
        commercial=commercial,
        payment=payment,
        currency=currency,
        total=money(raw.get("total"), currency),
        tax_inclusive=False,
        lines=tuple(_line(line, course, currency) for line in rows(raw.get("line_items"))),
        refunds=refunds_seen(raw, refunds, currency),
        paid_at=moment(raw, "date_paid"),
    )
    return _finished(_surrounded(order, raw), raw)


def _surrounded(order: OrderSeen, raw: Raw) -> OrderSeen:
    """The order with what stands beside its lines: charges, taxes, people, and what is not understood."""
    status = text(raw.get("status"))
    return msgspec.structs.replace(
        order,
        charges=charges(raw, order.currency),
        discounts=discounts(raw, order.currency),
        taxes=taxes(raw, order.currency),
        payments=_payments(raw, order.currency),
        customer=customer(raw),
        ship_to=address(raw.get("shipping")),
        bill_to=address(raw.get("billing")),
        stated=stated(raw, order.currency),
        notes=() if status in STATES else (f"unknown order status {status[:40]!r}",),
    )


def _finished(order: OrderSeen, raw: Raw) -> OrderSeen:
    """The order with its rounding, the digest of all it says, and the raw resource.

    The digest covers our reading, not WooCommerce's text: plugins shuffle meta data and types for no reason.
    """
    parts = [line.amount for line in order.lines]
    parts += [charge.amount for charge in order.charges]
    parts += [tax.amount for tax in order.taxes]
    rounded = msgspec.structs.replace(order, charges=(*order.charges, *rounding(order.total, parts)))
    version = Version(order.version.key, digest(rounded))
    return msgspec.structs.replace(rounded, version=version, raw=encode(raw))


def _course(raw: Raw, refunds: Sequence[Raw]) -> Course:
    """Units refunded before the order was completed never left: cancelled. Later ones came back: returned."""
    status, completed_at = text(raw.get("status")), moment(raw, "date_completed")
    sent = status == "completed" or (status in ENDED and completed_at is not None)
    early: dict[str, Decimal] = {}
    late: dict[str, Decimal] = {}
    for refund in refunds:
        at = moment(refund, "date_created")
        before = not sent or (at is not None and completed_at is not None and at < completed_at)
        counted = early if before else late
        for line, quantity in refunded_lines(refund):
            counted[line] = counted.get(line, Decimal(0)) + quantity
    return Course(status=status, sent=sent, void=status in ENDED and not sent, early=early, late=late)


def _state(raw: Raw, course: Course) -> tuple[Commercial, Payment]:
    commercial, payment = STATES.get(course.status, (Commercial.UNKNOWN, Payment.UNKNOWN))
    paid = moment(raw, "date_paid") is not None
    if course.status == "refunded" and course.sent:
        commercial = Commercial.CLOSED
    if paid and payment in {Payment.PENDING, Payment.UNKNOWN}:
        payment = Payment.PAID  # put on hold, or cancelled, after it was paid
    elif not paid and (course.status == "processing" or raw.get("payment_method") == "cod"):
        payment = payment if payment is Payment.FAILED else Payment.AUTHORISED  # paid at the door
    refunded = sum((abs(exact(refund.get("total"))) for refund in rows(raw.get("refunds"))), Decimal(0))
    if refunded and payment in {Payment.PAID, Payment.AUTHORISED}:
        payment = Payment.REFUNDED if refunded >= exact(raw.get("total")) else Payment.PARTLY_REFUNDED
    return commercial, payment


def _line(raw: Raw, course: Course, currency: str) -> LineSeen:
    id, ordered = text(raw.get("id")), exact(raw.get("quantity"))
    cancelled = ordered if course.void else min(course.early.get(id, Decimal(0)), ordered)
    shipped = ordered - cancelled if course.sent else Decimal(0)
    amount, price = rounded_money(raw.get("total"), currency), text(raw.get("price"))
    less = exact(raw.get("subtotal") or raw.get("total")) - exact(raw.get("total"))
    return LineSeen(
        external_id=id,
        item=item(raw.get("product_id"), raw.get("variation_id")),
        sku=text(raw.get("sku")),
        title=text(raw.get("name")),
        ordered=ordered,
        amount=amount,
        cancelled=cancelled,
        shipped=shipped,
        returned=min(course.late.get(id, Decimal(0)), shipped),
        taken=_taken(meta(raw), ordered, course.status),
        unit_price=exact(price) if price else None,
        discount=rounded_money(less, currency),
        tax=rounded_money(raw.get("total_tax") or "0", currency),
    )


def _taken(notes: dict[str, object], ordered: Decimal, status: str) -> Decimal:
    """Units that the shop has off its own figure for a line.

    `_reduced_stock` is that very number; it is absent where nothing was taken, and on orders of old versions:
    then the status decides, less what refunds put back (`_restock_refunded_items`).
    """
    counted = text(notes.get("_reduced_stock"))
    if counted:
        return exact(counted)
    return max(ordered - put_back(notes), Decimal(0)) if status in LOWERED else Decimal(0)


def _payments(raw: Raw, currency: str) -> tuple[PaymentSeen, ...]:
    at = moment(raw, "date_paid")
    if at is None:
        return ()
    return (
        PaymentSeen(
            external_id=text(raw.get("transaction_id")) or str(integer(raw.get("id"))),
            method=text(raw.get("payment_method")),
            amount=money(raw.get("total"), currency),
            state=Payment.PAID,
            at=at,
        ),
    )


def _with_refunds(api: Api, raw: Raw) -> OrderSeen:
    """The order with those refunds that it names itself. One made since it was read belongs to its next
    version: this one does not know yet what that refund put back."""
    if not rows(raw.get("refunds")):
        return order_seen(raw)
    pages = link_pages(api, f"/orders/{integer(raw.get('id'))}/refunds", per_page=100)
    named = {integer(refund.get("id")) for refund in rows(raw.get("refunds"))}
    every = [refund for page in pages for refund in rows(page.json)]
    return order_seen(raw, [refund for refund in every if integer(refund.get("id")) in named])


def _seen_or_hint(api: Api, raw: Raw) -> OrderSeen | Hint:
    """One unreadable order does not stop a sweep: it is named, and fails alone when it is fetched."""
    try:
        return _with_refunds(api, raw)
    except Refusal:
        return Hint(Kind.ORDER, str(integer(raw.get("id"))))


def _window(api: Api, **wanted: str) -> Iterator[Raw]:
    """Every order that fits, to the last page, again from the first if the list shrank meanwhile.

    Pages are counted, not chained: an order that leaves the list (into the trash) moves the later ones up, so
    that one of them would be skipped. New ones push others down, which only shows some twice.
    """
    for _ in range(SHRUNK_MAX):
        sizes: list[int] = []
        fixed = {"dates_are_gmt": "true", "orderby": "id", "order": "asc", "per_page": 100}
        for page in link_pages(api, "/orders", **fixed, **wanted):
            sizes.append(integer(page.headers.get("x-wp-total", "0")))
            yield from rows(page.json)
        if sizes == sorted(sizes):
            return
    raise ChannelError(Cause.CONFLICT, "the list of orders kept shrinking while it was read")
