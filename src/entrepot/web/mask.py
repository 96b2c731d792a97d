"""What a delivery says of people, masked: the screen shows its shape, and the names only to who may see
them."""

from decimal import Decimal
from typing import Any

import msgspec

PERSONAL = frozenset({
    "name", "first_name", "last_name", "given_name", "family_name", "display_name", "recipient_name",
    "company", "email", "email_address", "buyer_email_address", "phone", "phone_number", "address",
    "address1", "address2", "address_1", "address_2", "address_line_1", "address_line_2", "address_line_3",
    "street", "city", "locality", "postcode", "postal_code", "zip", "state", "province", "latitude",
    "longitude", "customer_note", "note", "ip", "browser_ip", "customer_ip_address", "customer_user_agent",
    "user_agent", "birthday",
})  # fmt: skip
"""Fields that name somebody, or where they live."""

PEOPLE = frozenset({
    "customer", "billing", "shipping", "billing_address", "shipping_address", "default_address", "recipient",
    "shipment_details", "client_details", "buyer",
})  # fmt: skip
"""Objects that are about somebody: there every personal field is masked, elsewhere only those below."""

ALWAYS = PERSONAL - {"name", "company", "state", "note", "address", "city", "province"}
DOTS = "•••"


ENCODER = msgspec.json.Encoder(decimal_format="number")


def masked(body: str) -> tuple[str, bool]:
    """The JSON of a delivery, spread over lines, without what it says of people; and whether anything was
    masked. What is no JSON is not shown at all."""
    try:
        value = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    except msgspec.DecodeError:
        return DOTS, True
    clean = _masked(value, inside=False)
    return whole(ENCODER.encode(clean).decode()), clean != value


def whole(body: str) -> str:
    """The JSON of a delivery, spread over lines with every figure as it came; what is no JSON stays as it
    is."""
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body


def _masked(value: Any, *, inside: bool) -> Any:
    if isinstance(value, list):
        return [_masked(one, inside=inside) for one in value]
    if not isinstance(value, dict):
        return value
    hidden = PERSONAL if inside else ALWAYS
    return {
        name: DOTS
        if name in hidden and one not in ("", None) and not isinstance(one, dict | list)
        else _masked(one, inside=inside or name in PEOPLE)
        for name, one in value.items()
    }
