"""What stock commands share: a SKU by its code, its own item, a quantity in pieces."""

from decimal import Decimal

from entrepot import catalog
from entrepot.db import Tx
from entrepot.kernel import Refusal, pieces
from entrepot.kernel.money import decimal


def sku_of(tx: Tx, code: str) -> catalog.Sku:
    found = catalog.skus(tx, codes=[catalog.code_of(code)])
    if not found:
        raise Refusal(
            "sku_unknown", f"there is no SKU {code!r}", remedy=f"entrepot sku add {code}", field="sku"
        )
    return found[0]


def own_item(sku: catalog.Sku) -> str:
    """The item that a SKU's stock is counted in; Refusal `bundle` for one that has no stock of its own."""
    if len(sku.recipe) != 1 or sku.recipe[0][1] != 1:
        raise Refusal("bundle", f"{sku.code} is made of other items: book those", field="sku")
    return sku.recipe[0][0]


def pieces_of(quantity: str, sku: catalog.Sku) -> int:
    return pieces(_number(quantity), sku.scale)


def _number(text: str) -> Decimal:
    try:
        return decimal(text)
    except Refusal:
        raise Refusal("quantity", f"{text!r} is not a quantity", field="quantity") from None
