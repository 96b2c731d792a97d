"""Who ordered, and where it goes: personal data, named nowhere else in this adapter."""

from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.woocommerce.shapes import Raw
from entrepot.contract import AddressSeen, CustomerSeen

_PLACE = ("address_1", "city", "postcode", "country")


def customer(raw: Raw) -> CustomerSeen | None:
    """The buyer as the billing address names them; customer 0 is a guest."""
    billing = raw.get("billing")
    if not isinstance(billing, dict):
        return None
    id = integer(text(raw.get("customer_id")) or "0")
    return CustomerSeen(
        external_id=str(id) if id else "",
        name=_name(billing),
        email=text(billing.get("email")),
        phone=text(billing.get("phone")),
    )


def address(row: object) -> AddressSeen | None:
    """A billing or shipping address; None where the shop left it blank (it then has [] or empty texts)."""
    if not isinstance(row, dict) or not any(text(row.get(field)) for field in _PLACE):
        return None
    return AddressSeen(
        name=_name(row),
        company=text(row.get("company")),
        street=tuple(filter(None, (text(row.get("address_1")), text(row.get("address_2"))))),
        city=text(row.get("city")),
        region=text(row.get("state")),
        postcode=text(row.get("postcode")),
        country=text(row.get("country")),
        phone=text(row.get("phone")),
    )


def _name(row: Raw) -> str:
    return " ".join(filter(None, (text(row.get("first_name")), text(row.get("last_name")))))
