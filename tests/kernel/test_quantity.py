"""Quantities are whole pieces of the good's smallest unit, or refused."""

from decimal import Decimal

import pytest

from entrepot.kernel import Refusal, pieces


@pytest.mark.parametrize(
    ("quantity", "scale", "count"),
    [
        ("3", 1, 3),
        ("3.000", 1, 3),
        ("-2", 1, -2),
        ("0", 1, 0),
        ("0.5", 1000, 500),
        ("1.234", 1000, 1234),
        ("-0.001", 1000, -1),
        ("1E+3", 1, 1000),
        ("0.5", 2, 1),
        ("1000000000000", 1, 10**12),
    ],
)
def test_a_quantity_is_counted_in_whole_pieces(quantity: str, scale: int, count: int) -> None:
    assert pieces(Decimal(quantity), scale) == count


@pytest.mark.parametrize(
    ("quantity", "scale"),
    [
        ("0.5", 1),
        ("1.2345", 1000),
        ("0.3", 3),
        ("1.0000000000000000000000000000000001", 1),  # more digits than a Decimal context keeps
        ("0.9999999999999999999999999999999999", 1),
        ("1000000000001", 1),
        ("1E+999999", 1),
        ("1E-999999", 1),
        ("NaN", 1),
        ("sNaN", 1),
        ("Infinity", 1),
        ("-Infinity", 1),
    ],
)
def test_what_is_no_whole_number_of_pieces_is_refused(quantity: str, scale: int) -> None:
    with pytest.raises(Refusal) as refused:
        pieces(Decimal(quantity), scale)
    assert refused.value.code == "not_whole"
