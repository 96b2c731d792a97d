"""The first weeks of a real shop's history (Online Retail, doi 10.24432/C5BW33). It is not ours to publish:
ENTREPOT_DATA names a folder that has it."""

import os
from pathlib import Path

import pytest

from entrepot.sandbox.replay import Options, Replay, true

FILE = Path(os.environ.get("ENTREPOT_DATA", "data-not-here")) / "online-retail" / "online-retail.csv.gz"


@pytest.mark.timeout(600)
@pytest.mark.skipif(not FILE.is_file(), reason="ENTREPOT_DATA names no folder with online-retail.csv.gz")
def test_twenty_thousand_lines_of_a_real_shop_are_in_the_hub(tmp_path: Path) -> None:
    options = Options(file=FILE, home=tmp_path / "home", direct=True, lines=20_000)
    answer = Replay(options, lambda _sentence: None).run()
    assert (answer["lines"], answer["units"], answer["total"]) == (20_000, 155_318, "339603.98")
    assert (answer["file_lines"], answer["file_units"], answer["file_total"]) == (
        20_000,
        155_318,
        "339603.98",
    )
    assert (answer["invoices"], answer["orders"], answer["cancellations"], answer["corrections"]) == (
        938,
        756,
        104,
        78,
    )
    assert answer["matched"] == {"whole": 49, "partly": 0, "not": 196, "orders_refunded": 29}
    assert answer["kinds"]["sale"] == {"lines": 19_529, "units": 168_136, "total": "373696.86"}
    assert answer["kinds"]["shipping"] == {"lines": 53, "units": 99, "total": "11627.29"}
    assert answer["exceptions"] == {"returned_without_original": 196}
    assert answer["short"] == {"lines": 0, "pieces": 0}
    assert answer["items"] == {"checked": 2360, "wrong": 0}
    assert true(answer), answer["wrong"]
    assert answer["memory_mb"]["end"] < answer["memory_mb"]["at_10_percent"] + 100  # pages of the two stores
