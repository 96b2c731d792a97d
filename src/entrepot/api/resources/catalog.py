"""SKUs and their recipes, listings and which SKU each is, locations."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from entrepot import places
from entrepot.access import Permission
from entrepot.api.answers import Every, LocationAdded, LocationView, RecipeView, SkuAdded
from entrepot.api.resources.stock import StockQuery
from entrepot.api.route import Ask, Paged, Route, Text
from entrepot.catalog import views
from entrepot.catalog.views import ListingView, SkuView
from entrepot.db import Tx
from entrepot.db.paging import Page


class ListingQuery(Paged, frozen=True):
    connection: Annotated[Text, Meta(description="Name of a connection.")] = ""
    sku: Annotated[Text, Meta(description="Code of a SKU.")] = ""
    item: Annotated[Text, Meta(description="The channel's own item.")] = ""
    mapped: Annotated[bool | None, Meta(description="Whether it is a SKU of ours.")] = None


def _skus(tx: Tx, ask: Ask) -> Page[SkuView]:
    return views.skus(tx, **_asked(ask))


def _sku(tx: Tx, ask: Ask) -> SkuView | None:
    return views.sku(tx, views.code_named(tx, ask.path["sku"]))


def _by_code(tx: Tx, ask: Ask) -> SkuView | None:
    """An edit names the code itself: a command makes what it does not find."""
    return views.sku(tx, ask.path["sku"])


def _recipe(tx: Tx, ask: Ask) -> RecipeView | None:
    sku = _by_code(tx, ask)
    return RecipeView(sku=sku.code, parts={part.item: part.pieces for part in sku.recipe}) if sku else None


def _listings(tx: Tx, ask: Ask) -> Page[ListingView]:
    return views.listings(tx, **_asked(ask))


def _listing(tx: Tx, ask: Ask) -> ListingView | None:
    return views.listed(tx, ask.path["connection"], ask.path["item"])


def _locations(tx: Tx, _ask: Ask) -> Every:
    here = places.load(tx).locations.values()
    return Every(
        rows=tuple(
            LocationView(id=one.id, code=one.code, name=one.name, authority=one.authority) for one in here
        )
    )


def _asked(ask: Ask) -> dict[str, Any]:
    return msgspec.structs.asdict(ask.query)


TAG = "Catalogue"
READ, WRITE = Permission.CATALOG_READ, Permission.CATALOG_WRITE
SEEN = "Send the ETag of what you read as If-Match."

ROUTES = (
    Route(
        method="GET",
        path="/skus",
        permission=READ,
        tag=TAG,
        name="list_skus",
        summary="SKUs with their recipes",
        about="By code; with a search by the word that was found.",
        query=StockQuery,
        answer=Page[SkuView],
        reads=_skus,
    ),
    Route(
        method="POST",
        path="/skus",
        permission=WRITE,
        tag=TAG,
        name="add_sku",
        summary="A new SKU, with an item of its own",
        about="Listings that carry its code are linked by themselves. One that is there already stays as "
        "it is.",
        answer=SkuAdded,
        command="sku.add",
        made="/skus/{sku}",
        problems=("sku_code", "scale"),
        example={"sku": "MUG", "title": "A mug"},
    ),
    Route(
        method="GET",
        path="/skus/{sku}",
        permission=READ,
        tag=TAG,
        name="show_sku",
        summary="One SKU",
        answer=SkuView,
        reads=_sku,
    ),
    Route(
        method="PUT",
        path="/skus/{sku}",
        permission=WRITE,
        tag=TAG,
        name="set_title",
        summary="Give a SKU another title",
        about=f"{SEEN} By its code alone.",
        answer=SkuView,
        command="sku.title",
        given={"sku": "sku"},
        guarded=_by_code,
        problems=("title",),
        example={"title": "A mug, indigo"},
    ),
    Route(
        method="GET",
        path="/skus/{sku}/recipe",
        permission=READ,
        tag=TAG,
        name="show_recipe",
        summary="What a SKU is made of",
        about="By its code alone.",
        answer=RecipeView,
        reads=_recipe,
    ),
    Route(
        method="PUT",
        path="/skus/{sku}/recipe",
        permission=WRITE,
        tag=TAG,
        name="set_recipe",
        summary="Make a SKU draw on other items",
        about=f"{SEEN} Refused once it was sold by its present recipe.",
        answer=RecipeView,
        command="sku.recipe",
        given={"sku": "sku"},
        guarded=_recipe,
        problems=("recipe_in_use", "recipe_empty", "item_unknown"),
        example={"parts": {"MUG": 4}},
    ),
    Route(
        method="GET",
        path="/listings",
        permission=READ,
        tag=TAG,
        name="list_listings",
        summary="What the channels offer, the last seen for the first time first",
        query=ListingQuery,
        answer=Page[ListingView],
        reads=_listings,
    ),
    Route(
        method="GET",
        path="/connections/{connection}/listings/{item}",
        permission=READ,
        tag=TAG,
        name="show_listing",
        summary="One listing, by the channel's own item",
        answer=ListingView,
        reads=_listing,
    ),
    Route(
        method="PUT",
        path="/connections/{connection}/listings/{item}",
        permission=WRITE,
        tag=TAG,
        name="map_listing",
        summary="Say which SKU a listing is",
        about=f"{SEEN} Orders that waited for it go on by themselves.",
        answer=ListingView,
        command="sku.map",
        given={"connection": "connection", "item": "item"},
        guarded=_listing,
        problems=("sku_unknown",),
        example={"sku": "MUG"},
    ),
    Route(
        method="GET",
        path="/locations",
        permission=READ,
        tag=TAG,
        name="list_locations",
        summary="Every location with goods",
        answer=Every,
        reads=_locations,
    ),
    Route(
        method="POST",
        path="/locations",
        permission=WRITE,
        tag=TAG,
        name="add_location",
        summary="A new place with goods of its own: a warehouse, a store",
        answer=LocationAdded,
        command="location.add",
        made="/locations",
        problems=("location_exists", "location_code"),
        example={"code": "harbour", "name": "Harbour store"},
    ),
)
