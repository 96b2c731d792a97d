"""Who ordered, and where it goes: personal data, named nowhere else in this adapter.

Shopify hides it (null) from apps that have no access to protected customer data.
"""

from entrepot.channels.kit.numbers import text
from entrepot.channels.shopify.shapes import Raw, number
from entrepot.contract import AddressSeen, CustomerSeen

_PLACE = ("address1", "city", "zip", "country_code")


def customer(order: Raw) -> CustomerSeen | None:
    """The buyer; a guest and most till sales have no customer."""
    known = order.get("customer") or {}
    names = (text(known.get("first_name")), text(known.get("last_name")))
    seen = CustomerSeen(
        external_id=number(known.get("id")),
        name=" ".join(filter(None, names)) or text((order.get("billing_address") or {}).get("name")),
        email=text(order.get("email")) or text(known.get("email")),
        phone=text(order.get("phone")) or text(known.get("phone")),
    )
    return seen if seen != CustomerSeen() else None


def address(row: object) -> AddressSeen | None:
    """A shipping or billing address; None where there is none or it is hidden."""
    if not isinstance(row, dict) or not any(text(row.get(field)) for field in _PLACE):
        return None
    names = (text(row.get("first_name")), text(row.get("last_name")))
    return AddressSeen(
        name=text(row.get("name")) or " ".join(filter(None, names)),
        company=text(row.get("company")),
        street=tuple(filter(None, (text(row.get("address1")), text(row.get("address2"))))),
        city=text(row.get("city")),
        region=text(row.get("province_code")) or text(row.get("province")),
        postcode=text(row.get("zip")),
        country=text(row.get("country_code")),
        phone=text(row.get("phone")),
    )
