"""Cuts the part out of the vendor's schema that the emulator executes: kept types, kept fields, no
descriptions.

`python -m entrepot.channels.shopify.emulator_part admin-2026-07.graphql > emulator.graphql`
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import parse, print_ast
from graphql.language import ast

KEPT = """
QueryRoot: bulkOperation bulkOperations currentAppInstallation inventoryItem inventoryItems location
  locations node nodes order orders productVariant productVariants productVariantsCount shop
  webhookSubscription webhookSubscriptions
Mutation: bulkOperationRunQuery inventorySetQuantities webhookSubscriptionCreate
  webhookSubscriptionDelete
AccessScope: description handle
AdditionalFee: id name price taxLines
ApiVersion: displayName handle supported
AppInstallation: accessScopes id
BulkOperation: completedAt createdAt errorCode id objectCount query rootObjectCount status type url
BulkOperationRunQueryPayload: bulkOperation userErrors
BulkOperationUserError: code field message
Count: count precision
Customer: displayName firstName id lastName legacyResourceId
DiscountAllocation: allocatedAmountSet
Fulfillment: createdAt fulfillmentLineItems id legacyResourceId location status trackingInfo updatedAt
FulfillmentLineItem: id lineItem quantity
FulfillmentOrder: assignedLocation createdAt id lineItems status updatedAt
FulfillmentOrderAssignedLocation: countryCode location name
FulfillmentOrderLineItem: id inventoryItemId lineItem remainingQuantity sku totalQuantity
FulfillmentTrackingInfo: company number url
InventoryAdjustmentGroup: changes createdAt id reason referenceDocumentUri
InventoryChange: delta item ledgerDocumentUri location name quantityAfterChange
InventoryItem: id inventoryLevel inventoryLevels legacyResourceId sku tracked updatedAt variants
InventoryLevel: id isActive item location quantities updatedAt
InventoryQuantity: id name quantity updatedAt
InventorySetQuantitiesPayload: inventoryAdjustmentGroup userErrors
InventorySetQuantitiesUserError: code field message
LineItem: currentQuantity discountAllocations id isGiftCard name originalUnitPriceSet quantity
  requiresShipping sku taxLines title variant
Location: address id isActive legacyResourceId name
LocationAddress: city countryCode
MailingAddress: address1 address2 city company countryCodeV2 firstName id lastName name phone province
  provinceCode zip
MoneyBag: presentmentMoney shopMoney
MoneyV2: amount currencyCode
Order: additionalFees billingAddress cancelReason cancelledAt closed closedAt createdAt currencyCode
  currentTotalPriceSet customer discountCodes displayFinancialStatus displayFulfillmentStatus
  dutiesIncluded email fulfillmentOrders fulfillments id legacyResourceId lineItems name
  originalTotalDutiesSet phone presentmentCurrencyCode processedAt refunds retailLocation
  shippingAddress shippingLines sourceName taxesIncluded taxLines test totalPriceSet totalTaxSet
  totalTipReceivedSet transactions updatedAt
OrderTransaction: amountSet createdAt gateway id kind parentTransaction processedAt status
PageInfo: endCursor hasNextPage hasPreviousPage startCursor
Product: handle id legacyResourceId status title
ProductVariant: barcode displayName id inventoryItem inventoryPolicy legacyResourceId price product sku
  title updatedAt
Refund: createdAt id legacyResourceId note refundLineItems return transactions totalRefundedSet
  updatedAt
RefundLineItem: id lineItem location quantity restocked restockType subtotalSet totalTaxSet
Return: id name status
ShippingLine: discountAllocations discountedPriceSet id isRemoved originalPriceSet taxLines title
Shop: currencyCode id myshopifyDomain name plan taxesIncluded
ShopPlan: publicDisplayName shopifyPlus
TaxLine: priceSet rate title
UserError: field message
WebhookSubscription: apiVersion createdAt format id legacyResourceId topic updatedAt uri
WebhookSubscriptionCreatePayload: userErrors webhookSubscription
WebhookSubscriptionDeletePayload: deletedWebhookSubscriptionId userErrors
InventorySetQuantitiesInput: name quantities reason referenceDocumentUri
InventoryQuantityInput: changeFromQuantity inventoryItemId locationId quantity
WebhookSubscriptionInput: filter format includeFields name uri
Node: id
DisplayableError: field message
LegacyInteroperability: legacyResourceId
"""
"""Type → its fields that the emulator knows. Connections and edges of kept types, enums and scalars come
along."""

PREFACE = """\
# The part of Shopify's GraphQL Admin API 2026-07 that the emulated shop executes: names and signatures,
# which whoever answers in the API's place has to have; no descriptions. Cut out of the introspection
# text by `python -m entrepot.channels.shopify.emulator_part`; which types and fields stands there."""

HEAD = (
    PREFACE,
    "schema {\n  query: QueryRoot\n  mutation: Mutation\n}",
    "directive @idempotent(key: String!) on FIELD",
)

NAMED = (ast.ScalarTypeDefinitionNode, ast.EnumTypeDefinitionNode)
FIELDED = (ast.ObjectTypeDefinitionNode, ast.InterfaceTypeDefinitionNode, ast.InputObjectTypeDefinitionNode)


def part(text: str) -> str:
    """The part of a schema text that KEPT names, sorted by name."""
    definitions: Any = parse(text, no_location=True).definitions
    every = {one.name.value: one for one in definitions if getattr(one, "name", None)}
    kept = {name: _cut(every[name], fields) for name, fields in _kept().items()}
    for _ in range(3):  # a connection names its edge, an edge its node: three rounds reach them all
        names = {used for one in kept.values() for used in _uses(one)} - kept.keys()
        for name in names & every.keys():
            if name.endswith(("Connection", "Edge")):
                kept[name] = _cut(every[name], {"edges", "nodes", "pageInfo", "cursor", "node"})
            elif isinstance(every[name], NAMED):
                kept[name] = _bare(every[name])
    known = kept.keys() | {"ID", "Int", "Float", "String", "Boolean"}
    return "\n\n".join([*HEAD, *(print_ast(_known(kept[name], known)) for name in sorted(kept))]) + "\n"


def _kept() -> dict[str, set[str]]:
    rows = (row.partition(": ") for row in KEPT.strip().replace("\n  ", " ").splitlines())
    return {name: set(fields.split()) for name, _, fields in rows}


def _cut(node: Any, fields: set[str]) -> Any:
    missing = fields - {one.name.value for one in node.fields}
    assert not missing or node.name.value.endswith(("Connection", "Edge")), (
        f"{node.name.value} lacks {missing}"
    )
    return replace(_bare(node), fields=tuple(_bare(one) for one in node.fields if one.name.value in fields))


def _bare(node: Any) -> Any:
    """The node without what only people read, all the way down."""
    changed: dict[str, Any] = {}
    for name in ("description", "directives"):
        if hasattr(node, name):
            changed[name] = None if name == "description" else ()
    for name in ("arguments", "values"):
        if getattr(node, name, None):
            changed[name] = tuple(_bare(one) for one in getattr(node, name))
    return replace(node, **changed)


def _uses(node: Any) -> set[str]:
    """The names of all types that a definition speaks of."""
    fields = getattr(node, "fields", None) or ()
    arguments = [one for field in fields for one in getattr(field, "arguments", None) or ()]
    return {_named(one.type) for one in (*fields, *arguments)}


def _known(node: Any, known: Any) -> Any:
    """The definition without fields, arguments and interfaces of types that are not kept."""
    changed: dict[str, Any] = {}
    if isinstance(node, FIELDED):
        parts: Any = node.fields
        fields = [one for one in parts if _named(one.type) in known]
        changed["fields"] = tuple(_arguments(one, known) for one in fields)
    if getattr(node, "interfaces", None):
        changed["interfaces"] = tuple(one for one in node.interfaces if one.name.value in known)
    return replace(node, **changed) if changed else node


def _arguments(field: Any, known: Any) -> Any:
    if not getattr(field, "arguments", None):
        return field
    return replace(field, arguments=tuple(one for one in field.arguments if _named(one.type) in known))


def _named(kind: Any) -> str:
    while not isinstance(kind, ast.NamedTypeNode):
        kind = kind.type
    return kind.name.value


if __name__ == "__main__":
    sys.stdout.write(part(Path(sys.argv[1]).read_text()))
