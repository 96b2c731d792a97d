"""GraphQL in the emulated Shopify: the vendor's own types (emulator.graphql), executed over the shop's state.

Errors as recorded 2026-06: a change without @idempotent or a row without `changeFromQuantity` fails as a
whole at the top, everything else stands in `userErrors`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationType,
    build_schema,
    execute_sync,
    get_directive_values,
    get_named_type,
    parse,
    validate,
)

from entrepot.channels.shopify.emulator_cost import FREE, Points, cost
from entrepot.channels.shopify.emulator_lists import PAGE_MAX, connection, whole
from entrepot.channels.shopify.emulator_state import State
from entrepot.channels.shopify.emulator_wire import Json, Wrong, number, stamp

SCHEMA = build_schema((Path(__file__).parent / "emulator.graphql").read_text())
IDEMPOTENT = SCHEMA.get_directive("idempotent")
UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
BY_ID = (
    "node", "order", "inventoryItem", "location", "productVariant", "webhookSubscription", "bulkOperation",
)  # fmt: skip
RECENT = timedelta(days=60)
"""Older orders are told to none but apps with `read_all_orders`."""

NEEDED = {
    **dict.fromkeys(("order", "orders"), "read_orders"),
    **dict.fromkeys(("productVariant", "productVariants", "productVariantsCount"), "read_products"),
    **dict.fromkeys(("inventoryItem", "inventoryItems"), "read_inventory"),
    **dict.fromkeys(("location", "locations"), "read_locations"),
    "inventorySetQuantities": "write_inventory",
}
"""First field -> the scope that it needs; to write includes to read."""

Info = GraphQLResolveInfo[Any]


class Asking(msgspec.Struct):
    """One question on its way through the resolvers. `met`: the objects that were told."""

    state: State
    now: datetime
    bulk: bool = False
    met: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The body of the answer, and the bucket after it."""

    body: Json
    points: Points


def answer(state: State, body: Mapping[str, Any], points: Points, now: datetime) -> Answer:
    """Parses, validates, prices and executes one question."""
    filled, variables = points.now(now), dict(body.get("variables") or {})
    document = understood(str(body.get("query") or ""))
    if not isinstance(document, DocumentNode):
        return Answer(body={"errors": document}, points=filled)
    asked = cost(SCHEMA, document, variables)
    if asked > 1_000:
        text = f"Query cost is {asked}, which exceeds the single query max cost limit (1000)."
        return Answer(body=_refusal(text, "MAX_COST_EXCEEDED", filled.told(asked, None)), points=filled)
    if asked > filled.left:
        return Answer(body=_refusal("Throttled", "THROTTLED", filled.told(asked, None)), points=filled)
    asking = Asking(state, now)
    told = execute_sync(
        SCHEMA, document, None, asking, variables, body.get("operationName"),
        field_resolver=resolve, type_resolver=kind_of,
    )  # fmt: skip
    definitions: Any = document.definitions
    changes = definitions[0].operation is OperationType.MUTATION
    spent = asked if changes else min(asked, asking.met)
    paid = filled.pay(spent)
    formatted: Any = told.formatted
    return Answer(body={**formatted, "extensions": paid.told(asked, spent)}, points=paid)


@lru_cache(maxsize=64)  # a pure reading of a text, and by far the dearest part of an answer
def understood(query: str) -> DocumentNode | list[Any]:
    """The document of a question that the schema allows, else its errors."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error.formatted]
    return [_invalid(one) for one in validate(SCHEMA, document)] or document


def _invalid(error: GraphQLError) -> Any:
    """What is wrong with a question; a field that is not there in the words of Shopify's own engine."""
    unknown = UNKNOWN_FIELD.match(error.message)
    if unknown is None:
        return error.formatted
    field, kind = unknown.groups()
    told = {"message": f"Field '{field}' doesn't exist on type '{kind}'"}
    return (
        error.formatted
        | told
        | {"extensions": {"code": "undefinedField", "typeName": kind, "fieldName": field}}
    )


def everything(state: State, query: str, now: datetime) -> Json:
    """The answer to a bulk question, whole; Wrong if it is none."""
    document = understood(query)
    if not isinstance(document, DocumentNode):
        raise Wrong(document[0]["message"])
    told = execute_sync(
        SCHEMA, document, None, Asking(state, now, bulk=True), field_resolver=resolve, type_resolver=kind_of
    )
    formatted: Any = told.formatted
    if formatted.get("errors"):
        raise Wrong(formatted["errors"][0]["message"])
    return dict(formatted["data"])


def resolve(source: Any, info: Info, **args: Any) -> Any:
    """The value of any field: by its own resolver, else what the object holds under its name."""
    asking: Asking = info.context
    if source is None:
        require(asking.state.scopes, info.field_name, args)
    found = FIELDS.get((info.parent_type.name, info.field_name))
    if found is not None:
        value = found(asking, source, args, info)
    else:
        value = source.get(info.field_name) if isinstance(source, dict) else None
    if isinstance(value, list) and get_named_type(info.return_type).name.endswith("Connection"):
        value = whole(value) if asking.bulk else connection(value, args)
    elif isinstance(value, list) and args.get("first"):
        value = value[: args["first"]]
    if get_named_type(info.return_type).name not in FREE:
        asking.met += len(value) if isinstance(value, list) else isinstance(value, dict)
    return value


def require(scopes: tuple[str, ...], name: str, args: Mapping[str, Any]) -> None:
    """Raises where the app lacks the scope that a first field needs, or gives it a list that is too long."""
    needed = NEEDED.get(name, "")
    if needed and needed not in scopes and needed.replace("read_", "write_") not in scopes:
        access = f"`{needed}` access scope."
        raise Wrong(f"Access denied for {name} field. Required access: {access}", "ACCESS_DENIED")
    lists = [args.get("ids"), (args.get("input") or {}).get("quantities")]
    if longest := max((len(one) for one in lists if isinstance(one, list)), default=0):
        told = f"The input array size of {longest} is greater than the maximum allowed of {PAGE_MAX}."
        if longest > PAGE_MAX:
            raise Wrong(told, "MAX_INPUT_SIZE_EXCEEDED")


def kind_of(value: Any, _info: Info, _abstract: Any) -> str:
    """The type of a node: its id says it."""
    return str(value["id"]).split("/")[3]


def _orders(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    query = str(args.get("query") or "")
    since = query.removeprefix("updated_at:>=").strip("'") if query.startswith("updated_at:>=") else ""
    if (query and not since) or args.get("sortKey") not in {"UPDATED_AT", "PROCESSED_AT"}:
        raise Wrong("the emulator searches orders by updated_at only", "NOT_IMPLEMENTED")
    field = "updatedAt" if args["sortKey"] == "UPDATED_AT" else "processedAt"
    oldest = "" if "read_all_orders" in asking.state.scopes else stamp(asking.now - RECENT)
    orders = asking.state.book.orders.values()
    found = [one for one in orders if one["updatedAt"] >= since and one["createdAt"] >= oldest]
    if asking.bulk:
        return whole(found)
    return connection(found, args, lambda one: (one[field], int(number(one["id"]))))


def _items(asking: Asking, _source: Any, args: Json, _info: Any) -> list[Json]:
    if args.get("query"):
        raise Wrong("the emulator does not search items", "NOT_IMPLEMENTED")
    return [asking.state.shop.item(one) for one in asking.state.shop.articles.values()]


def _variants(asking: Asking, _source: Any, args: Json, _info: Any) -> list[Json]:
    return [asking.state.shop.variant(one) for one in asking.state.shop.articles.values()]


def _locations(asking: Asking, _source: Any, args: Json, _info: Any) -> list[Json | None]:
    return [asking.state.shop.location(id) for id in asking.state.shop.locations]


def _node(asking: Asking, _source: Any, args: Json, _info: Any) -> Json | None:
    return _found(asking, args["id"])


def _nodes(asking: Asking, _source: Any, args: Json, _info: Any) -> list[Json | None]:
    return [_found(asking, id) for id in args["ids"]]


def _found(asking: Asking, id: str) -> Json | None:
    """A node by its id; what a bulk operation says of itself depends on the time."""
    if "/BulkOperation/" in id:
        return asking.state.bulks.one(number(id), asking.now)
    return asking.state.node(id)


def _quantities(asking: Asking, source: Json, args: Json, _info: Any) -> list[Json]:
    id = source["id"].replace("InventoryLevel", "InventoryQuantity")
    return [
        {
            "id": f"{id}&name={name}",
            "name": name,
            "quantity": source["figure"].quantity(name),
            "updatedAt": source["updatedAt"],
        }
        for name in args["names"]
    ]


def _level(asking: Asking, source: Json, args: Json, _info: Any) -> Json | None:
    slot = number(source["id"]), number(args["locationId"])
    return asking.state.shop.level(slot) if slot in asking.state.shop.figures else None


def _count(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    count = asking.state.variants()
    return {
        "count": min(count, args["limit"]),
        "precision": "EXACT" if count <= args["limit"] else "AT_LEAST",
    }


def _set(asking: Asking, _source: Any, args: Json, info: Info) -> Json:
    values: Any = get_directive_values(IDEMPOTENT, info.field_nodes[0], info.variable_values)  # type: ignore[arg-type]
    if not values:
        raise Wrong("The @idempotent directive is required for this mutation but was not provided.")
    if any("changeFromQuantity" not in row for row in args["input"]["quantities"]):
        text = "InventoryQuantityInput must include the following argument: changeFromQuantity."
        raise Wrong(text, "INVALID_FIELD_ARGUMENTS")
    return asking.state.set_quantities(values["key"], args["input"], asking.now)


def _subscribe(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    return asking.state.subscribe(args["topic"], args["webhookSubscription"], asking.now)


def _unsubscribe(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    return asking.state.unsubscribe(args["id"])


def _run(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    query = args["query"]
    return asking.state.bulks.run(query, lambda: everything(asking.state, query, asking.now), asking.now)


Resolver = Callable[[Asking, Any, Json, Any], Any]

FIELDS: dict[tuple[str, str], Resolver] = {
    ("QueryRoot", "shop"): lambda asking, *_: asking.state.told(),
    ("QueryRoot", "currentAppInstallation"): lambda asking, *_: asking.state.installation(),
    ("QueryRoot", "orders"): _orders,
    ("QueryRoot", "inventoryItems"): _items,
    ("QueryRoot", "productVariants"): _variants,
    ("QueryRoot", "productVariantsCount"): _count,
    ("QueryRoot", "locations"): _locations,
    ("QueryRoot", "webhookSubscriptions"): lambda asking, *_: list(asking.state.hooks.subscriptions.values()),
    ("QueryRoot", "bulkOperations"): lambda asking, *_: asking.state.bulks.told(asking.now),
    ("QueryRoot", "nodes"): _nodes,
    **{("QueryRoot", name): _node for name in BY_ID},
    ("InventoryItem", "inventoryLevel"): _level,
    ("InventoryLevel", "quantities"): _quantities,
    ("Mutation", "inventorySetQuantities"): _set,
    ("Mutation", "webhookSubscriptionCreate"): _subscribe,
    ("Mutation", "webhookSubscriptionDelete"): _unsubscribe,
    ("Mutation", "bulkOperationRunQuery"): _run,
}  # fmt: skip


def _refusal(message: str, code: str, extensions: Json) -> Json:
    return {"errors": [{"message": message, "extensions": {"code": code}}], "extensions": extensions}
