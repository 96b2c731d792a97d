"""New SKUs, each with an item of its own unless told otherwise, and recipes for bundles and multipacks."""

from collections import Counter
from collections.abc import Mapping

from entrepot.catalog import rows
from entrepot.catalog.model import Sku, code_of
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal


def add_skus(tx: Tx, titles: Mapping[str, str], *, scale: int = 1) -> dict[str, Sku]:
    """The SKUs with these codes (code → title), made with an item 1:1 where new. Keyed by code as given."""
    codes = {given: code_of(given) for given in titles}
    known = {sku.code: sku for sku in rows.skus(tx, codes=codes.values())}
    items = rows.item_ids(tx, codes.values())
    new: dict[str, Sku] = {}
    for given, code in codes.items():
        if code not in known and code not in new:
            item_id = items.get(code) or tx.ids.new()
            new[code] = Sku(
                id=tx.ids.new(), code=code, title=titles[given] or code, scale=scale, recipe=((item_id, 1),)
            )
    rows.insert_items(tx, [(sku.recipe[0][0], code) for code, sku in new.items() if code not in items])
    rows.insert_skus(tx, list(new.values()))
    every = known | new
    return {given: every[code] for given, code in codes.items()}


def set_recipe(tx: Tx, code: str, parts: Mapping[str, int]) -> Sku:
    """Makes a SKU draw on other items: {item code: pieces}. Refusal `item_unknown` or `recipe_empty`.

    The caller makes sure that nothing was sold by the old recipe: claims on goods are made by it.
    """
    if not parts or any(pieces < 1 for pieces in parts.values()):
        raise Refusal("recipe_empty", "a recipe needs items, each with at least one piece", field="parts")
    wanted: Counter[str] = Counter()
    for given, pieces in parts.items():
        wanted[code_of(given)] += pieces
    items = rows.item_ids(tx, wanted)
    missing = sorted(set(wanted) - set(items))
    if missing:
        raise Refusal("item_unknown", f"there is no item {missing[0]!r}", field="parts")
    sku = add_skus(tx, {code: ""})[code]
    rows.delete_recipe(tx, sku.id)
    made = Sku(
        id=sku.id,
        code=sku.code,
        title=sku.title,
        scale=sku.scale,
        recipe=tuple(sorted((items[item], pieces) for item, pieces in wanted.items())),
    )
    rows.insert_recipes(tx, [made])
    events.append(
        tx, [Event(stream=f"sku:{made.id}", kind="RecipeChanged", body={"sku": made.id}, key=made.id)]
    )
    return made
