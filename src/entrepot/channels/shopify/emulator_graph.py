"""GraphQL in the emulated Shopify: the vendor's own types (emulator.graphql), executed over the shop's state.

Errors as recorded 2026-06: a change without @idempotent or a row without `changeFromQuantity` fails as a
whole at the top, everything else stands in `userErrors`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
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
from entrepot.channels.shopify.emulator_lists import connection, whole
from entrepot.channels.shopify.emulator_state import State
from entrepot.channels.shopify.emulator_wire import Json, Wrong, number

SCHEMA = build_schema((Path(__file__).parent / "emulator.graphql").read_text())
IDEMPOTENT = SCHEMA.get_directive("idempotent")
BY_ID = (
    "node", "order", "inventoryItem", "location", "productVariant", "webhookSubscription", "bulkOperation",
)  # fmt: skip


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
    return [one.formatted for one in validate(SCHEMA, document)] or document


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


def kind_of(value: Any, _info: Info, _abstract: Any) -> str:
    """The type of a node: its id says it."""
    return str(value["id"]).split("/")[3]


def _orders(asking: Asking, _source: Any, args: Json, _info: Any) -> Json:
    query = str(args.get("query") or "")
    since = query.removeprefix("updated_at:>=").strip("'") if query.startswith("updated_at:>=") else ""
    if (query and not since) or args.get("sortKey") not in {"UPDATED_AT", "PROCESSED_AT"}:
        raise Wrong("the emulator searches orders by updated_at only", "NOT_IMPLEMENTED")
    field = "updatedAt" if args["sortKey"] == "UPDATED_AT" else "processedAt"
    found = [one for one in asking.state.book.orders.values() if one["updatedAt"] >= since]
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
    return asking.state.node(args["id"])


def _nodes(asking: Asking, _source: Any, args: Json, _info: Any) -> list[Json | None]:
    return [asking.state.node(id) for id in args["ids"]]


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
