"""Listings: what a channel offers, and which SKU of ours each is."""

from collections.abc import Sequence

import msgspec

from entrepot.catalog import rows
from entrepot.catalog.model import Listing, code_of
from entrepot.contract import ListingSeen
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal


def see_listings(tx: Tx, connection_id: str, seen: Sequence[ListingSeen]) -> dict[str, Listing]:
    """Keeps what the channel says of its listings; one whose SKU text is a code of ours is linked by itself.

    A link once made is never undone by a changed text. Returns the listings by the channel's item.
    """
    latest = {one.item: one for one in seen}
    known = rows.listings(tx, connection_id, latest)
    ours = {
        sku.code: sku.id for sku in rows.skus(tx, codes={_code(one.sku) for one in latest.values()} - {""})
    }
    new, changed = [], []
    for item, one in latest.items():
        before = known.get(item)
        sku_id = (before.sku_id if before else "") or ours.get(_code(one.sku), "")
        after = Listing(
            id=before.id if before else tx.ids.new(),
            connection_id=connection_id,
            item=item,
            sku_text=one.sku,
            title=one.title,
            sku_id=sku_id,
            gtin=one.gtin,
            active=one.active,
            shared_pool=one.shared_pool,
        )
        if before is None:
            new.append(after)
        elif before != after:
            changed.append(after)
        known[item] = after
    rows.insert_listings(tx, new)
    rows.update_listings(tx, changed)
    _tell(tx, [one for one in new + changed if one.sku_id])
    return known


def link(tx: Tx, connection_id: str, item: str, code: str) -> Listing:
    """Says which SKU a listing is; whatever waited for it goes on by itself. Refusal `listing_unknown`,
    `sku_unknown`."""
    found = rows.listings(tx, connection_id, [item]).get(item)
    if found is None:
        raise Refusal("listing_unknown", f"the channel has shown no item {item!r} yet", field="item")
    skus = rows.skus(tx, codes=[code_of(code)])
    if not skus:
        raise Refusal(
            "sku_unknown", f"there is no SKU {code!r}", remedy=f"entrepot sku add {code}", field="sku"
        )
    linked = msgspec.structs.replace(found, sku_id=skus[0].id)
    rows.update_listings(tx, [linked])
    _tell(tx, [linked])
    return linked


def link_by_code(tx: Tx, codes: Sequence[str]) -> int:
    """Links every unlinked listing whose text is one of these codes (they are new SKUs); how many."""
    skus = {sku.code: sku.id for sku in rows.skus(tx, codes=codes)}
    waiting = rows.unlinked(tx, codes)
    linked = [msgspec.structs.replace(one, sku_id=skus[_code(one.sku_text)]) for one in waiting]
    rows.update_listings(tx, linked)
    _tell(tx, linked)
    return len(linked)


def _tell(tx: Tx, listings: Sequence[Listing]) -> None:
    events.append(
        tx,
        [
            Event(
                stream=f"listing:{one.id}",
                kind="ListingLinked",
                body={"connection": one.connection_id, "item": one.item, "sku": one.sku_id},
                key=f"{one.connection_id}:{one.item}",
            )
            for one in listings
        ],
    )


def _code(text: str) -> str:
    try:
        return code_of(text)
    except Refusal:
        return ""
