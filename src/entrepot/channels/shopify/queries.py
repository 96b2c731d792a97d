"""What we ask Shopify's GraphQL Admin API. Fields checked against its schema of 2026-07.

Order fields carry aliases that give an answer the names of the REST order, which is also what webhooks post
and what recorded payloads look like: one reading serves all of them (sale.order_seen).
"""

MONEY = """
fragment Money on MoneyBag {
  shop_money: shopMoney { amount currency_code: currencyCode }
  presentment_money: presentmentMoney { amount currency_code: currencyCode }
}"""

TAXES = "tax_lines: taxLines { title rate price_set: priceSet { ...Money } }"
DISCOUNTS = "discount_allocations: discountAllocations { amount_set: allocatedAmountSet { ...Money } }"
ADDRESS = """{
  name company address1 address2 city zip phone
  province province_code: provinceCode country_code: countryCodeV2
}"""

LINE = f"""
  id name sku quantity current_quantity: currentQuantity
  gift_card: isGiftCard requires_shipping: requiresShipping
  variant {{ id inventory_item: inventoryItem {{ id tracked }} }}
  price_set: originalUnitPriceSet {{ ...Money }}
  {DISCOUNTS}
  {TAXES}"""

REFUND_LINE = """
  quantity restock_type: restockType location { id } line_item: lineItem { id }
  subtotal_set: subtotalSet { ...Money } total_tax_set: totalTaxSet { ...Money }"""

SENT_LINE = "quantity line_item: lineItem { id }"
ASSIGNED_LINE = "remaining_quantity: remainingQuantity line_item: lineItem { id }"
MORE = "pageInfo { hasNextPage endCursor }"


def order_fields(most: int) -> str:
    """The fields of an order with up to `most` of everything it has several of, of its lines four times that.

    The many parts of a list without pages (refunds, fulfillments, transactions) end at `most`; the others say
    that there are more.
    """
    return f"""
  id name created_at: createdAt updated_at: updatedAt processed_at: processedAt
  cancelled_at: cancelledAt closed_at: closedAt test
  currency: currencyCode presentment_currency: presentmentCurrencyCode
  financial_status: displayFinancialStatus taxes_included: taxesIncluded duties_included: dutiesIncluded
  source_name: sourceName location: retailLocation {{ id }} discount_codes: discountCodes
  email phone
  total_price_set: totalPriceSet {{ ...Money }}
  total_tax_set: totalTaxSet {{ ...Money }}
  total_tip_received_set: totalTipReceivedSet {{ ...Money }}
  original_total_duties_set: originalTotalDutiesSet {{ ...Money }}
  additional_fees: additionalFees {{ name price_set: price {{ ...Money }} }}
  {TAXES}
  customer {{ id first_name: firstName last_name: lastName }}
  shipping_address: shippingAddress {ADDRESS}
  billing_address: billingAddress {ADDRESS}
  line_items: lineItems(first: {min(4 * most, 250)}) {{ nodes {{ {LINE} }} {MORE} }}
  shipping_lines: shippingLines(first: {most}) {{
    nodes {{ title is_removed: isRemoved price_set: originalPriceSet {{ ...Money }} {DISCOUNTS} {TAXES} }}
    {MORE}
  }}
  transactions(first: {most}) {{
    id kind status gateway processed_at: processedAt amount_set: amountSet {{ ...Money }}
    parent: parentTransaction {{ id }}
  }}
  fulfillments(first: {most}) {{
    id status created_at: createdAt location {{ id }}
    tracking_info: trackingInfo(first: 5) {{ company number }}
    line_items: fulfillmentLineItems(first: {most}) {{ nodes {{ {SENT_LINE} }} {MORE} }}
  }}
  refunds(first: {most}) {{
    id created_at: createdAt note return {{ id }}
    transactions(first: {most}) {{
      nodes {{ kind status amount_set: amountSet {{ ...Money }} }} {MORE}
    }}
    refund_line_items: refundLineItems(first: {most}) {{ nodes {{ {REFUND_LINE} }} {MORE} }}
  }}
  fulfillment_orders: fulfillmentOrders(first: {most}) {{
    nodes {{
      id status assigned_location: assignedLocation {{ location {{ id }} }}
      line_items: lineItems(first: {most}) {{ nodes {{ {ASSIGNED_LINE} }} {MORE} }}
    }}
    {MORE}
  }}"""


FEW, SOME, MANY = 5, 20, 100
"""How much of an order's parts is asked for at once: in a sweep, of one order, of a very large one.
A question may cost 1,000 points, and the parts of the parts multiply."""

PAGE = 8
"""Orders on a page of a sweep: by our reckoning of their cost just under what one question may cost."""

ORDER, LARGE = (
    f"query Order($id: ID!) {{ order(id: $id) {{ {order_fields(most)} }} }} {MONEY}" for most in (SOME, MANY)
)

ORDERS = f"""query Orders($changed: String!, $page: Int!, $after: String) {{
  orders(first: $page, after: $after, sortKey: UPDATED_AT, query: $changed) {{
    nodes {{ {order_fields(FEW)} }} {MORE}
  }}
}} {MONEY}"""

PARTS = {
    ("Order", "line_items"): ("lineItems", LINE),
    ("Refund", "refund_line_items"): ("refundLineItems", REFUND_LINE),
    ("Fulfillment", "line_items"): ("fulfillmentLineItems", SENT_LINE),
    ("FulfillmentOrder", "line_items"): ("lineItems", ASSIGNED_LINE),
}
"""(kind of the whole, our name of its parts) → (Shopify's name of them, the fields of one)."""


def rest_of(kind: str, name: str) -> str:
    """The question for more parts of a node: takes $id and $after, answers `node.parts`."""
    field, fields = PARTS[kind, name]
    money = MONEY if "...Money" in fields else ""
    return f"""query Parts($id: ID!, $after: String) {{
  node(id: $id) {{ ... on {kind} {{ parts: {field}(first: 100, after: $after) {{
    nodes {{ {fields} }} {MORE}
  }} }} }}
}} {money}"""


ITEM = """
  id sku tracked updatedAt
  variants(first: 1) { nodes { id displayName barcode product { status } } }
  inventoryLevels(first: 25) { nodes { location { id } } pageInfo { hasNextPage endCursor } }"""

ITEMS = f"""query Items($after: String) {{
  inventoryItems(first: 50, after: $after) {{ nodes {{ {ITEM} }} {MORE} }}
}}"""

LEVELS_OF_ITEM = """query LevelsOfItem($id: ID!, $after: String) {
  inventoryItem(id: $id) {
    inventoryLevels(first: 100, after: $after) {
      nodes { location { id } quantities(names: ["available"]) { name quantity } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

LEVELS = """query Levels($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      id
      inventoryLevels(first: 10) {
        nodes { location { id } quantities(names: ["available"]) { name quantity } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""

ALL_ITEMS = """{
  inventoryItems {
    edges { node {
      id sku tracked updatedAt
      variants { edges { node { id displayName barcode product { status } } } }
      inventoryLevels { edges { node { id location { id } } } }
    } }
  }
}"""
"""The same catalogue for a bulk operation, which knows no pages and wants an id in every node with parts."""

VARIANTS_COUNT = "query { productVariantsCount(limit: 10000) { count } }"

LOCATIONS = """query Locations($after: String) {
  locations(first: 50, after: $after, includeInactive: true) {
    nodes { id name isActive address { countryCode } } pageInfo { hasNextPage endCursor }
  }
}"""

SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { createdAt }
    userErrors { field message code }
  }
}"""

HOOKS = """query Hooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri format } pageInfo { hasNextPage endCursor }
  }
}"""

HOOK = """mutation Hook($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
    webhookSubscription { id } userErrors { field message }
  }
}"""

UNHOOK = """mutation Unhook($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}"""

SHOP = """query Shop {
  shop { name myshopifyDomain currencyCode plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
}"""

BULKS = """query Bulks {
  bulkOperations(first: 10, sortKey: CREATED_AT, reverse: true) {
    nodes { id status errorCode url query completedAt }
  }
}"""

BULK = """mutation Bulk($query: String!) {
  bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { field message code } }
}"""
