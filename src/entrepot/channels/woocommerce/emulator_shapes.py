"""The emulated shop's resources in the shape that wc/v3 shows them (10.7, recorded 2026-05)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.channels.woocommerce.emulator_hooks import Hook
from entrepot.channels.woocommerce.emulator_plain import PRODUCT, VARIATION
from entrepot.channels.woocommerce.emulator_shop import Charge, Line, Order, Product, Refund, Shop

ZONE = timedelta(hours=2)
"""The shop's own zone is ahead of UTC, so that a reader of the wrong time field is found out."""

_STAMP = "%Y-%m-%dT%H:%M:%S"


def stamps(name: str, at: datetime | None) -> dict[str, str | None]:
    """`date_x` in the shop's zone and `date_x_gmt`, both without zone and in whole seconds."""
    if at is None:
        return {f"date_{name}": None, f"date_{name}_gmt": None}
    return {f"date_{name}": (at + ZONE).strftime(_STAMP), f"date_{name}_gmt": at.strftime(_STAMP)}


def product_shape(shop: Shop, product: Product) -> dict[str, Any]:
    """A product or variation; without management of stock its figure is null."""
    holder = shop.holder(product)
    return {
        **(_of_variation(product) if product.parent else _of_product(shop, product)),
        "id": product.id,
        "name": product.option or product.name,
        "parent_id": product.parent,
        "type": product.type,
        "status": product.status,
        "sku": product.sku,
        "global_unique_id": product.gtin,
        "price": product.price,
        "regular_price": product.price,
        "sale_price": "",
        "manage_stock": product.managed,
        "stock_quantity": holder.stock if product.managed else None,
        "stock_status": "instock" if not product.managed or holder.stock > 0 else "outofstock",
        "backorders": holder.backorders,
        "backorders_allowed": holder.backorders != "no",
        "backordered": bool(product.managed) and holder.stock < 0,
        **stamps("created", product.created),
        **stamps("modified", product.modified),
    }


def _of_product(shop: Shop, product: Product) -> dict[str, Any]:
    slug, variations = product.name.lower().replace(" ", "-"), shop.variations(product.id)
    sizes = [one.option for one in variations]
    size = {"id": 0, "name": "Size", "slug": "Size", "position": 0, "visible": True, "variation": True}
    return {
        **PRODUCT,
        "slug": slug,
        "permalink": f"https://shop.example/product/{slug}/",
        "price_html": f"<span>{product.price}</span>",
        "has_options": bool(variations),
        "variations": [one.id for one in variations],
        "attributes": [size | {"options": sizes}] if variations else [],
    }


def _of_variation(product: Product) -> dict[str, Any]:
    size = {"id": 0, "name": "Size", "slug": "size", "option": product.option}
    link = f"https://shop.example/product/{product.parent}/?attribute_size={product.option}"
    return {**VARIATION, "permalink": link, "attributes": [size] if product.option else []}


def order_shape(shop: Shop, order: Order) -> dict[str, Any]:
    """An order with its refunds as amounts only."""
    return {
        "id": order.id,
        "parent_id": 0,
        "number": order.number or str(order.id),
        "status": order.status,
        "currency": shop.currency,
        "currency_symbol": "&euro;",
        "version": "10.7.0",
        "prices_include_tax": True,
        "order_key": f"wc_order_{order.id:013d}",
        "created_via": "checkout",
        "customer_ip_address": "",
        "customer_user_agent": "",
        "cart_hash": "",
        "payment_url": f"https://shop.example/checkout/order-pay/{order.id}/?pay_for_order=true",
        "is_editable": order.status in {"pending", "on-hold"},
        "needs_payment": order.status in {"pending", "failed"},
        "needs_processing": True,
        "customer_id": order.customer,
        **_people(order.buyer),
        "payment_method": "bacs",
        "payment_method_title": "Direct bank transfer",
        "transaction_id": "",
        "customer_note": "",
        "meta_data": [],
        **_totals(shop, order),
        "refunds": [_summary(shop, refund) for refund in reversed(order.refunds)],
        **stamps("created", order.created),
        **stamps("modified", order.modified),
        **stamps("paid", order.paid),
        **stamps("completed", order.completed),
    }


def refund_shape(shop: Shop, order: Order, refund: Refund) -> dict[str, Any]:
    """A refund with negative lines that name the order's own."""
    lines = [line for line in order.lines if line.id in refund.units]
    return {
        "id": refund.id,
        "amount": _shown(shop, refund.amount),
        "reason": refund.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": [_refund_line(shop, line, refund) for line in lines],
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        **stamps("created", refund.at),
    }


def hook_shape(hook: Hook) -> dict[str, Any]:
    """A webhook; its secret is never shown."""
    resource, _, event = hook.topic.partition(".")
    return {
        "id": hook.id,
        "name": hook.name,
        "status": hook.status,
        "topic": hook.topic,
        "resource": resource,
        "event": event,
        "hooks": [],
        "delivery_url": hook.delivery_url,
        **stamps("created", hook.created),
        **stamps("modified", hook.modified),
    }


def _totals(shop: Shop, order: Order) -> dict[str, Any]:
    """Lines and sums: the total is rounded once, every part by itself."""
    goods_tax = sum((line.tax for line in order.lines), Decimal(0))
    goods_tax += sum(
        (shop.tax_on(charge.total) for charge in order.charges if not charge.shipping), Decimal(0)
    )
    shipping = sum((charge.total for charge in order.charges if charge.shipping), order.shipping)
    shipping_tax = shop.tax_on(shipping)
    return {
        "discount_total": _shown(shop, Decimal(0)),
        "discount_tax": _shown(shop, Decimal(0)),
        "shipping_total": _shown(shop, shipping),
        "shipping_tax": _shown(shop, shipping_tax),
        "cart_tax": _shown(shop, goods_tax),
        "total_tax": _shown(shop, goods_tax + shipping_tax),
        "total": _shown(shop, shop.total(order)),
        "line_items": [_line(shop, line) for line in order.lines],
        "tax_lines": _tax_lines(shop, goods_tax, shipping_tax),
        "shipping_lines": _shipping_lines(shop, order),
        "fee_lines": [_charge(shop, charge, "name") for charge in order.charges if not charge.shipping],
        "coupon_lines": [],
    }


def _summary(shop: Shop, refund: Refund) -> dict[str, Any]:
    return {"id": refund.id, "reason": refund.reason, "total": f"-{_shown(shop, refund.amount)}"}


def _line(shop: Shop, line: Line) -> dict[str, Any]:
    """A line; `price` is a JSON number with more digits than any price."""
    return {
        "id": line.id,
        "name": line.product.name,
        "product_id": line.product.parent or line.product.id,
        "variation_id": line.product.id if line.product.parent else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": _shown(shop, line.total),
        "subtotal_tax": _shown(shop, line.tax),
        "total": _shown(shop, line.total),
        "total_tax": _shown(shop, line.tax),
        "taxes": [{"id": 1, "total": f"{line.tax}", "subtotal": f"{line.tax}"}] if shop.tax_percent else [],
        "meta_data": _notes(line),
        "sku": line.product.sku,
        "price": line.total / line.quantity if line.quantity else 0,
    }


def _notes(line: Line) -> list[dict[str, Any]]:
    notes = {"_reduced_stock": line.reduced, "_restock_refunded_items": line.restocked or None}
    return [
        {
            "id": 10 * line.id + place,
            "key": key,
            "value": str(value),
            "display_key": key,
            "display_value": str(value),
        }
        for place, (key, value) in enumerate(notes.items())
        if value is not None
    ]


def _refund_line(shop: Shop, line: Line, refund: Refund) -> dict[str, Any]:
    """The part of a line that was given back, all of it negative but the price."""
    units = refund.units[line.id]
    total, tax = line.total * units / line.quantity, line.tax * units / line.quantity
    shown, taxed = f"-{_shown(shop, total)}", f"-{_shown(shop, tax)}"
    return {
        **_line(shop, line),
        "id": 1_000 * refund.id + line.id,
        "quantity": -units,
        "subtotal": shown,
        "subtotal_tax": taxed,
        "total": shown,
        "total_tax": taxed,
        "taxes": [{"id": 1, "total": f"{-tax}", "subtotal": f"{-tax}"}] if shop.tax_percent else [],
        "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": str(line.id)}],
    }


def _tax_lines(shop: Shop, goods: Decimal, shipping: Decimal) -> list[dict[str, Any]]:
    if not shop.tax_percent:
        return []
    return [
        {
            "id": 1,
            "rate_code": "VAT-1",
            "rate_id": 1,
            "label": "VAT",
            "compound": False,
            "tax_total": _shown(shop, goods),
            "shipping_tax_total": _shown(shop, shipping),
            "rate_percent": shop.tax_percent,
            "meta_data": [],
        }
    ]


def _shipping_lines(shop: Shop, order: Order) -> list[dict[str, Any]]:
    """The shop's flat rate, if it has one, and what else was charged for the way."""
    own = [Charge(id=1_000_000 + order.id, title="Flat rate", total=order.shipping)] if order.shipping else []
    beside = [charge for charge in order.charges if charge.shipping]
    return [{**_charge(shop, charge, "method_title"), "method_id": "flat_rate"} for charge in own + beside]


def _charge(shop: Shop, charge: Charge, title: str) -> dict[str, Any]:
    return {
        "id": charge.id,
        title: charge.title,
        "total": _shown(shop, charge.total),
        "total_tax": _shown(shop, shop.tax_on(charge.total)),
        "taxes": [],
        "meta_data": [],
    }


def _people(buyer: str) -> dict[str, Any]:
    first, _, last = (buyer or "Ada Example").partition(" ")
    place = {
        "first_name": first,
        "last_name": last,
        "company": "",
        "address_1": "1 Quay Street",
        "address_2": "",
    }
    place |= {"city": "Rotterdam", "state": "", "postcode": "3011 AA", "country": "NL", "phone": ""}
    return {"billing": {**place, "email": "shopper@example.org"}, "shipping": place}


def _shown(shop: Shop, amount: Decimal) -> str:
    return f"{shop.round(amount):f}"
