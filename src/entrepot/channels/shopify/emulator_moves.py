"""What the merchant of the emulated shop decides about the way of an order: to send it from elsewhere.

Sources: `fulfillmentOrderMove` in the schema of 2026-07 (a fulfillment order that is moved whole stays the
same one). That the order counts as updated by it: a developer's report in the vendor's forum, read 2026-11.
"""

from datetime import datetime

from entrepot.channels.shopify.emulator_shop import Shop
from entrepot.channels.shopify.emulator_wire import Json, stamp


def move(shop: Shop, order: Json, location: str, now: datetime) -> None:
    """What is still to be sent is to be sent from `location`: committed there, free where it was."""
    for one in order["fulfillmentOrders"]:
        if one["status"] != "OPEN" or one[" location"] == location:
            continue
        for part in one["lineItems"]:
            item, units = part["lineItem"][" article"].item, part["remainingQuantity"]
            shop.move((item, one[" location"]), now, available=units, committed=-units)
            shop.move((item, location), now, available=-units, committed=units)
        place = {
            "name": shop.locations[location],
            "countryCode": "US",
            "location": shop.location(location),
        }
        one |= {"assignedLocation": place, "updatedAt": stamp(now), " location": location}
