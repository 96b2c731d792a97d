"""Whole pieces. A fractional good is counted in its smallest unit: `scale` says how many make one."""

from decimal import Decimal
from fractions import Fraction

from entrepot.kernel.errors import Refusal

PIECES_MAX = 10**12
DIGITS_MAX = 28


def pieces(quantity: Decimal, scale: int = 1) -> int:
    """`quantity` of a good in whole pieces of its unit; Refusal `not_whole` if it is not a whole number of
    them.

    `scale` is the number of pieces in one sold unit: 1 for things, 1000 for a good sold by the kilogram and
    counted in grams. A negative quantity stays negative.
    """
    if not quantity.is_finite() or abs(quantity.adjusted()) > DIGITS_MAX:
        raise Refusal("not_whole", f"{quantity} is not a quantity")
    count = quantity if scale == 1 else Fraction(quantity) * scale  # a Decimal product may be rounded
    if count != (whole := int(count)):
        raise Refusal(
            "not_whole",
            f"{quantity} is not a whole number of pieces (counted in 1/{scale})",
            remedy="Set the item's scale to the number of its smallest units in one",
        )
    if abs(whole) > PIECES_MAX:
        raise Refusal("not_whole", f"{quantity} is more than any shop holds")
    return whole
