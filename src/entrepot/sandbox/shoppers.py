"""Shoppers: who buys what, where and when, drawn from a seed. Some change their mind."""

from collections.abc import Iterator, Sequence
from random import Random

import msgspec

from entrepot.channels.kit.emulate import Good

CANCELS, EDITS = 0.03, 0.02
"""Shares of web orders that are cancelled or changed some seconds later."""

WEB_SHARE = 0.6


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase, `wait_s` after the one before. `store` None: on the web; else the number of the till.
    `regret` '' or 'cancel' or 'edit', some seconds later."""

    wait_s: float
    basket: dict[str, int]
    store: int | None
    regret: str = ""


ASSORTMENT: tuple[tuple[str, str, str], ...] = (
    ("TEA-ASSAM-100", "Assam, 100 g", "7.90"),
    ("TEA-SENCHA-100", "Sencha, 100 g", "11.50"),
    ("TEA-ROOIBOS-100", "Rooibos, 100 g", "5.40"),
    ("POT-GLASS-1L", "Glass teapot, 1 l", "34.00"),
    ("POT-IRON-08L", "Cast-iron teapot, 0.8 l", "79.00"),
    ("CUP-PORCELAIN", "Porcelain cup", "12.50"),
    ("CUP-STONEWARE", "Stoneware cup", "9.90"),
    ("FILTER-STEEL", "Steel strainer", "8.20"),
    ("TIN-SMALL", "Tea tin, small", "6.60"),
    ("HONEY-250", "Linden honey, 250 g", "6.80"),
)
"""(SKU, title, price) of the demo's brand."""


def goods(locations: Sequence[str]) -> list[Good]:
    """The assortment, with nothing in stock: the hub says what there is."""
    nothing = dict.fromkeys(locations, 0)
    return [Good(sku=sku, title=title, price=price, stock=nothing) for sku, title, price in ASSORTMENT]


def wishes(random: Random, *, per_s: float, stores: int) -> Iterator[Wish]:
    """Purchases without end, `per_s` a second on average; a few SKUs are wanted much more than the others."""
    skus = [sku for sku, _title, _price in ASSORTMENT]
    popularity = [1.0 / (rank + 1) for rank in range(len(skus))]
    while True:
        lines = random.choice((1, 1, 1, 2, 2, 3))
        wanted = random.choices(skus, popularity, k=lines)
        store = None if random.random() < WEB_SHARE else random.randrange(stores)
        regret = random.random()
        yield Wish(
            wait_s=random.expovariate(per_s),
            basket={sku: random.choice((1, 1, 1, 2)) for sku in wanted},
            store=store,
            regret="" if store is not None else _regret(regret),
        )


def _regret(drawn: float) -> str:
    if drawn < CANCELS:
        return "cancel"
    return "edit" if drawn < CANCELS + EDITS else ""
