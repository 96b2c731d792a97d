"""What a channel adds up itself: a second word on the parts of an order."""

import msgspec

from entrepot.kernel import Money


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """Sums that the channel itself states, to hold against the sum of their parts (`disagreements`).

    None where it does not state one; an adapter never works one out. `lines` and `shipping` are before
    discounts, `discounts` is what lines and charges have subtracted, `refunds` what was given back in all.
    `loose`: the channel rounds every part by itself, so that a sum may be off by half a minor unit a part.
    """

    lines: Money | None = None
    discounts: Money | None = None
    taxes: Money | None = None
    shipping: Money | None = None
    refunds: Money | None = None
    loose: bool = False
