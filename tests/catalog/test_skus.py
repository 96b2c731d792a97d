"""SKUs: one spelling each, an item of their own, or a recipe of others."""

import pytest

from entrepot import catalog
from entrepot.catalog import code_of
from entrepot.db import Tx
from entrepot.kernel import Refusal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A-1", "A-1"),
        ("  A-1\t\n", "A-1"),
        ("000123", "000123"),
        ("0", "0"),
        ("a-1", "a-1"),
        ("A 1", "A 1"),
        ("Cafe\u0301", "Caf\u00e9"),  # two letters for é become one
        ("\u212b", "\u00c5"),  # the sign of the ångström is the letter
        ("\ufb01", "\ufb01"),  # a ligature stays: NFC, not NFKC
        ("½", "½"),
        ("商品", "商品"),
        ("🍞", "🍞"),
        ("=1+1", "=1+1"),
        ("'; DROP TABLE sku; --", "'; DROP TABLE sku; --"),
        ("x" * 100, "x" * 100),
        (" " + "x" * 100 + " ", "x" * 100),
    ],
)
def test_a_text_becomes_the_one_spelling_of_its_code(text: str, code: str) -> None:
    assert code_of(text) == code
    assert code_of(code) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t\n",
        "\u00a0",
        "x" * 101,
        "a\x00b",
        "a\nb",
        "a\tb",
        "a\x7fb",
        "a\x85b",
        "a\u200bb",  # a blank of no width
        "a\u202eb",  # turns the direction of reading
        "\ufeffA-1",  # a byte order mark
        "\ud800",  # half a letter
        "\ue000",  # for private use
    ],
)
def test_what_nobody_could_read_or_type_is_no_code(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        code_of(text)
    assert (refused.value.code, refused.value.field) == ("sku_code", "sku")


def test_a_new_sku_has_an_item_of_its_own(tx: Tx) -> None:
    made = catalog.add_skus(tx, {"A-1": "Apples", "B-1": ""})
    (item_a, pieces_a), (item_b, pieces_b) = made["A-1"].recipe[0], made["B-1"].recipe[0]
    assert (made["A-1"].code, made["A-1"].title, made["A-1"].scale) == ("A-1", "Apples", 1)
    assert made["B-1"].title == "B-1"
    assert (pieces_a, pieces_b) == (1, 1)
    assert catalog.item_ids(tx, ["A-1", "B-1"]) == {"A-1": item_a, "B-1": item_b}
    assert item_a != item_b


def test_a_known_sku_is_left_as_it_is(tx: Tx) -> None:
    before = catalog.add_skus(tx, {"A-1": "Apples"}, scale=1000)["A-1"]
    after = catalog.add_skus(tx, {"A-1": "Pears"}, scale=1)["A-1"]
    assert after == before
    assert (after.title, after.scale) == ("Apples", 1000)


def test_two_spellings_of_one_code_are_one_sku(tx: Tx) -> None:
    made = catalog.add_skus(tx, {"Cafe\u0301": "Coffee", " Caf\u00e9 ": "Kaffee"})
    assert len({sku.id for sku in made.values()}) == 1
    assert sorted(made) == [" Caf\u00e9 ", "Cafe\u0301"]
    assert len(catalog.skus(tx, codes=["Caf\u00e9"])) == 1


def test_capitals_and_leading_zeros_tell_skus_apart(tx: Tx) -> None:
    made = catalog.add_skus(tx, {"a1": "", "A1": "", "0123": "", "123": ""})
    assert len({sku.id for sku in made.values()}) == 4


def test_skus_are_found_by_id_by_code_and_by_item(tx: Tx) -> None:
    made = catalog.add_skus(tx, {"A": "", "B": "", "BOX": ""})
    box = catalog.set_recipe(tx, "BOX", {"A": 2, "B": 1})
    item_a = made["A"].recipe[0][0]
    assert [sku.code for sku in catalog.skus(tx, ids=[made["B"].id])] == ["B"]
    assert [sku.code for sku in catalog.skus(tx, codes=["A", "none"])] == ["A"]
    assert sorted(sku.code for sku in catalog.skus(tx, items=[item_a])) == ["A", "BOX"]
    assert catalog.skus(tx, items=[item_a], codes=["BOX"]).count(box) == 1
    assert catalog.skus(tx) == []


def test_more_codes_than_one_statement_takes_are_all_found(tx: Tx) -> None:
    titles = {f"{n:05}": "" for n in range(5_200)}
    catalog.add_skus(tx, titles)
    assert len(catalog.skus(tx, codes=titles)) == 5_200


def test_a_recipe_makes_a_sku_draw_on_other_items(tx: Tx) -> None:
    made = catalog.add_skus(tx, {"CAN": "", "CASE": "Case of cans"})
    can = made["CAN"].recipe[0][0]
    case = catalog.set_recipe(tx, "CASE", {"CAN": 24})
    assert case.recipe == ((can, 24),)
    assert case.id == made["CASE"].id
    assert catalog.skus(tx, codes=["CASE"]) == [case]
    assert catalog.set_recipe(tx, "CASE", {"CAN": 12}).recipe == ((can, 12),)


def test_a_recipe_makes_its_sku_where_it_is_new(tx: Tx) -> None:
    catalog.add_skus(tx, {"A": "", "B": ""})
    assert len(catalog.set_recipe(tx, "BOX", {"A": 2, "B": 1}).recipe) == 2
    assert [sku.code for sku in catalog.skus(tx, codes=["BOX"])] == ["BOX"]


def test_the_parts_of_a_recipe_are_spelled_like_any_code(tx: Tx) -> None:
    item = catalog.add_skus(tx, {"Caf\u00e9": ""})["Caf\u00e9"].recipe[0][0]
    assert catalog.set_recipe(tx, "BOX", {"Cafe\u0301": 2, " Caf\u00e9": 1}).recipe == ((item, 3),)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "recipe_empty"),
        ({"A": 0}, "recipe_empty"),
        ({"A": 1, "B": -1}, "recipe_empty"),
        ({"NONE": 1}, "item_unknown"),
        ({"A": 1, "": 1}, "sku_code"),
    ],
)
def test_a_recipe_of_nothing_or_of_unknown_items_is_refused(tx: Tx, parts: dict[str, int], code: str) -> None:
    catalog.add_skus(tx, {"A": "", "B": ""})
    with pytest.raises(Refusal) as refused:
        catalog.set_recipe(tx, "BOX", parts)
    assert refused.value.code == code
