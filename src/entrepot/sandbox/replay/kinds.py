"""What a line of the history is: two printed tables, and nothing guessed beside them.

The codes are those of the Online Retail data (doi 10.24432/C5BW33, read 2026-11): a merchant's own goods are
named by a pattern.
"""

import re
from enum import StrEnum

GOODS = r"[0-9]{5}[A-Za-z]{0,2}|DCGS[0-9A-Z]+"
"""Codes that are goods, unless somebody says otherwise: five digits with up to two letters, and one brand."""


class Kind(StrEnum):
    """What a line is. The first four move goods of an order, `CORRECTION` moves goods without one."""

    SALE = "sale"
    GIFT = "gift"  # goods for nothing, on an invoice: they leave all the same
    CANCELLED = "cancelled"  # matched to the sale that it takes back
    RETURNED = "returned_without_original"
    CORRECTION = "correction"  # goods without money and without a customer: found, damaged, counted
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    MANUAL = "manual"
    BANK = "bank_charge"
    FEE = "marketplace_fee"
    COMMISSION = "commission"
    SAMPLE = "sample"
    VOUCHER = "voucher"
    EXTRA = "extra"
    ADJUSTMENT = "adjustment"
    ODD_CODE = "unknown_code"
    ODD_SIGN = "odd_sign"


NOT_GOODS: tuple[tuple[str, Kind], ...] = (
    (r"POST|DOT|C2", Kind.SHIPPING),  # postage, Dotcom postage, carriage
    (r"D", Kind.DISCOUNT),
    (r"[Mm]", Kind.MANUAL),
    (r"BANK CHARGES", Kind.BANK),
    (r"AMAZONFEE", Kind.FEE),
    (r"CRUK", Kind.COMMISSION),
    (r"S", Kind.SAMPLE),
    (r"B", Kind.ADJUSTMENT),  # bad debt
    (r"PADS", Kind.EXTRA),
    (r"gift_[0-9]+_[0-9]+", Kind.VOUCHER),
)
"""Code → kind, in this order and before goods: money without stock."""

TAKEN_BACK = frozenset({Kind.CANCELLED, Kind.RETURNED})
SOLD = frozenset({Kind.SALE, Kind.GIFT})
GOODS_KINDS = frozenset({*SOLD, *TAKEN_BACK, Kind.CORRECTION})
"""Kinds that move goods; all others are money only."""

EXCEPTIONS = frozenset({Kind.RETURNED, Kind.ODD_CODE, Kind.ODD_SIGN})
"""Kinds that a person should look at: booked with their money, and named in the answer."""


class Rules:
    """The tables, ready to be asked; `goods` is a regular expression for the whole of a code."""

    def __init__(self, goods: str = GOODS) -> None:
        self._goods = re.compile(goods)
        self._codes: dict[str, Kind | None] = {}

    def of_code(self, code: str) -> Kind | None:
        """What a code that is not goods stands for; None for goods, ODD_CODE for one that no rule knows."""
        if code not in self._codes:
            named = (kind for pattern, kind in NOT_GOODS if re.fullmatch(pattern, code))
            self._codes[code] = next(named, None if self._goods.fullmatch(code) else Kind.ODD_CODE)
        return self._codes[code]

    def kind(self, invoice: str, code: str, *, quantity: int, pence: int, customer: str) -> Kind:
        """The kind of one line, by the first rule that fits:

        | invoice | code      | quantity | amount   | customer | kind                                      |
        |---------|-----------|----------|----------|----------|-------------------------------------------|
        | A…      | any       | any      | any      | any      | adjustment                                |
        | any     | not goods | any      | any      | any      | what NOT_GOODS says, or unknown code      |
        | any     | goods     | none     | any      | any      | odd sign                                  |
        | not C…  | goods     | below 0  | nothing  | any      | correction                                |
        | not C…  | goods     | above 0  | nothing  | any      | gift; correction if see `Daybook.settle`  |
        | not C…  | goods     | above 0  | above 0  | any      | sale                                      |
        | any     | goods     | below 0  | below 0  | any      | cancelled or returned, as matching finds  |
        | C…      | goods     | below 0  | nothing  | any      | the same                                  |
        | any     | goods     | else     | else     | any      | odd sign                                  |
        """
        if invoice[:1] == "A" and invoice[1:].isdigit():
            return Kind.ADJUSTMENT
        if (known := self.of_code(code)) is not None:
            return known
        back = invoice[:1] == "C"
        if quantity < 0:
            if pence == 0 and not back:
                return Kind.CORRECTION
            return Kind.RETURNED if pence <= 0 else Kind.ODD_SIGN
        if quantity == 0 or back or pence < 0:
            return Kind.ODD_SIGN
        return Kind.SALE if pence else Kind.GIFT
