"""What a question costs, and the bucket that it is paid from.

Source: rate limit guide, read 2026-09: an object costs 1, a scalar nothing, a change 10, a connection by the
size asked for; 100 points a second on a standard plan, a question at most 1,000. The vendor's formula for
connections is not published. Ours is a rough fit to recorded costs (2026-04 to 2026-06): 5 of one object 4,
of two 8; 50 of two 16; amounts of money, `userErrors` and a change's own result nothing.
"""

import math
from datetime import datetime
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from entrepot.channels.shopify.emulator_wire import Json

COST_MAX = 1_000
CHANGE = 10
FREE = frozenset({
    "MoneyBag", "MoneyV2", "PageInfo", "TaxLine", "InventoryQuantity", "FulfillmentTrackingInfo",
    "DiscountAllocation", "LocationAddress", "MailingAddress",
})  # fmt: skip


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """The bucket of one app in one shop: `most` points, `per_s` restored every second."""

    most: int = 2_000
    per_s: int = 100
    spent: float = 0.0  # points missing at `at`
    at: datetime | None = None

    def now(self, now: datetime) -> "Points":
        """The bucket as it has filled until now."""
        gained = (now - self.at).total_seconds() * self.per_s if self.at else 0.0
        return msgspec.structs.replace(self, spent=max(self.spent - max(gained, 0.0), 0.0), at=now)

    def pay(self, points: float) -> "Points":
        """The bucket after that."""
        return msgspec.structs.replace(self, spent=self.spent + points)

    @property
    def left(self) -> int:
        return int(self.most - self.spent)

    def told(self, requested: int, actual: int | None) -> Json:
        """`extensions.cost`."""
        status = {"maximumAvailable": self.most, "currentlyAvailable": self.left, "restoreRate": self.per_s}
        return {
            "cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}
        }


def cost(schema: GraphQLSchema, document: DocumentNode, variables: Json) -> int:
    """The points that a question asks for."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    meter = _Meter(schema, fragments, variables)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return round(sum(meter.operation(one) for one in operations))


class _Meter:
    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], variables: Json
    ) -> None:
        self._schema, self._fragments, self._variables = schema, fragments, variables

    def operation(self, one: OperationDefinitionNode) -> float:
        if one.operation.value == "mutation":
            return sum(
                CHANGE + self._inside(node, self._field(self._schema.mutation_type, node))
                for node in self._fields(one.selection_set)
            )
        return self._of(one.selection_set, self._schema.query_type)

    def _of(self, selection: SelectionSetNode | None, kind: Any) -> float:
        """The fields of a selection."""
        total = 0.0
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                field = self._field(kind, node)
                total += self._one(node, field) if field else 0.0
            else:
                spread: Any = (
                    self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                )
                on = spread.type_condition.name.value if spread.type_condition else kind.name
                inner = self._of(spread.selection_set, self._schema.type_map[on])
                total += inner + (1 if on != kind.name and on not in FREE else 0)
        return total

    def _one(self, node: FieldNode, field: GraphQLField) -> float:
        kind, listed = _named(field.type)
        if not node.selection_set or kind.name == "UserError" or kind.name.endswith("UserError"):
            return 0.0
        if kind.name.endswith("Connection"):
            return self._sized(node, self._of(_nodes(node), _node_type(kind)) + _price(_node_type(kind)))
        inside = self._of(node.selection_set, kind) + _price(kind)
        if field.args.keys() & {"ids"}:
            return inside * self._size(node, "ids")
        return self._sized(node, inside) if listed and "first" in field.args else inside

    def _inside(self, node: FieldNode, field: GraphQLField | None) -> float:
        return self._of(node.selection_set, _named(field.type)[0]) if field else 0.0

    def _sized(self, node: FieldNode, inside: float) -> float:
        size = self._size(node, "first") or 250
        return round(inside * (1.4 + 1.15 * math.log2(size)))

    def _size(self, node: FieldNode, name: str) -> int:
        """The number, or the length of the list, that an argument has."""
        for one in node.arguments or ():
            if one.name.value == name:
                value: Any = one.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                if isinstance(value, ListValueNode):
                    return len(value.values)
                given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else 0
                return len(given) if isinstance(given, list) else int(given or 0)
        return 0

    def _field(self, kind: Any, node: FieldNode) -> GraphQLField | None:
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            found: GraphQLField | None = kind.fields.get(node.name.value)
            return found
        return None

    def _fields(self, selection: SelectionSetNode) -> list[FieldNode]:
        return [node for node in selection.selections if isinstance(node, FieldNode)]


def _named(kind: Any) -> tuple[Any, bool]:
    """(the type without wrappings, whether it is a list)."""
    listed = False
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        listed = listed or isinstance(kind, GraphQLList)
        kind = kind.of_type
    return kind, listed


def _nodes(node: FieldNode) -> SelectionSetNode | None:
    """What is asked of the nodes of a connection, whether by `nodes` or by `edges`."""
    for one in node.selection_set.selections if node.selection_set else ():
        if isinstance(one, FieldNode) and one.name.value == "nodes":
            return one.selection_set
        if isinstance(one, FieldNode) and one.name.value == "edges":
            inner = one.selection_set.selections if one.selection_set else ()
            found = [two for two in inner if isinstance(two, FieldNode) and two.name.value == "node"]
            return found[0].selection_set if found else None
    return None


def _node_type(connection: Any) -> Any:
    return _named(connection.fields["nodes"].type)[0]


def _price(kind: Any) -> int:
    return 0 if kind.name in FREE or kind.name.endswith(("Payload", "AdjustmentGroup")) else 1
