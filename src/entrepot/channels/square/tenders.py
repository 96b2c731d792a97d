"""The money of a Square order: tenders in, refunds out. Source: Orders API, Tender, and Refunds API,
PaymentRefund.
"""

from collections.abc import Sequence
from typing import Any

from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.kit.times import utc
from entrepot.contract import Payment, PaymentSeen, RefundLine, RefundSeen
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import total

STATES = {
    "AUTHORIZED": Payment.AUTHORISED,
    "CAPTURED": Payment.PAID,
    "COMPLETED": Payment.PAID,
    "PENDING": Payment.PENDING,
    "VOIDED": Payment.FAILED,
    "FAILED": Payment.FAILED,
}
"""`status` of a tender's details by kind: card, bank account, buy now pay later, Square account."""


def money(value: dict[str, Any] | None, currency: str) -> Money:
    """Square's {amount: minor units, currency}; zero where it is left out. Another currency is a Refusal."""
    if not value or value.get("amount") is None:
        return Money(0, currency)
    if value.get("currency", currency) != currency:
        raise Refusal("currency_mix", f"an amount in {value['currency']} in an order in {currency}")
    return Money(integer(value["amount"]), currency)


def payments(order: dict[str, Any], currency: str) -> tuple[PaymentSeen, ...]:
    """One per tender, tips included. Only a tender with details can be open: cash and the like are money at
    once.
    """
    return tuple(_payment(tender, currency) for tender in order.get("tenders") or ())


def _payment(tender: dict[str, Any], currency: str) -> PaymentSeen:
    details = (part for name, part in tender.items() if name.endswith("_details") and isinstance(part, dict))
    status = next((part["status"] for part in details if part.get("status")), "CAPTURED")
    return PaymentSeen(
        external_id=tender["id"],
        method=text(tender.get("type")).lower(),
        amount=money(tender.get("amount_money"), currency),
        state=STATES.get(status, Payment.UNKNOWN),
        at=utc(tender["created_at"]) if tender.get("created_at") else None,
    )


def paid(order: dict[str, Any], tenders: Sequence[PaymentSeen], due: Money) -> bool:
    """Whether the order is fully paid, which is when Square takes its goods off the count.

    A completed order is paid by definition, also one of nothing (a free sale, an even exchange).
    """
    if order.get("state") == "COMPLETED":
        return True
    got = total([one.amount for one in tenders if one.state is Payment.PAID], due.currency)
    return due.minor > 0 and got.minor >= due.minor


def payment_state(tenders: Sequence[PaymentSeen], *, paid: bool, refunded: Money) -> Payment:
    """The state of the money as a whole; the first rule that fits wins."""
    got = sum(one.amount.minor for one in tenders if one.state is Payment.PAID)
    states = {one.state for one in tenders}
    if refunded.minor > 0:
        return Payment.REFUNDED if refunded.minor >= got else Payment.PARTLY_REFUNDED
    if paid:
        return Payment.PAID
    if Payment.UNKNOWN in states:
        return Payment.UNKNOWN
    if Payment.AUTHORISED in states:
        return Payment.AUTHORISED
    return Payment.FAILED if states == {Payment.FAILED} else Payment.PENDING


def refund_seen(refund: dict[str, Any], currency: str, lines: tuple[RefundLine, ...] = ()) -> RefundSeen:
    """One refund; the units that came back stand in its return order."""
    return RefundSeen(
        external_id=refund["id"],
        amount=money(refund.get("amount_money"), currency),
        at=utc(refund["created_at"]) if refund.get("created_at") else None,
        reason=text(refund.get("reason")),
        lines=lines,
        place=text(refund.get("location_id")),
    )
