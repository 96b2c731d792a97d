"""A filled store is a store as the rooms leave it, and the benchmark of its lists says what it measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepot.app import circumstances, open_inline
from entrepot.db import tables
from entrepot.kernel import Keyring, VirtualClock
from entrepot.monitor import verify
from entrepot.sandbox.bench import Sizes, fill
from entrepot.sandbox.bench.lists import LISTS, PAGES, _whole
from tests.web.shop import START


def test_a_filled_store_breaks_no_invariant_and_has_the_size_it_was_asked_for() -> None:
    clock = VirtualClock(START)
    store = open_inline(
        ":memory:", circumstances(Keyring({"k0000001": b"\x01" * 32}, "k0000001"), clock=clock)
    )
    fill(store, clock, Sizes(skus=60, orders=300, channels=4, seed=3))
    counts = store.read(
        lambda tx: [
            tx.rows(select(func.count()).select_from(table))[0][0]
            for table in (tables.sku, tables.orders, tables.connection, tables.slot)
        ]
    )
    assert counts == [60, 300, 4, 180]
    assert verify(store).violations == []
    assert (clock.now() - START).days == 365
    store.close()


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("SCAN orders", True),
        ("SCAN orders USING INDEX ix_orders_placed_at_id", False),
        ("SEARCH orders USING INDEX ix_orders_number_id (number=?)", False),
        ("SCAN location", False),
        ("->  Seq Scan on orders  (cost=0.00..18334.00 rows=500000 width=8)", True),
        ("->  Index Scan using pk_orders on orders  (cost=0.42..8.44 rows=1)", False),
        ("Seq Scan on connection  (cost=0.00..1.10 rows=10)", False),
    ],
)
def test_a_plan_that_reads_a_large_table_whole_is_told_from_one_along_an_index(
    line: str, *, whole: bool
) -> None:
    assert _whole(line, {"orders"}) is whole


def test_the_command_asks_for_every_list_and_page_and_each_is_answered(tmp_path: Path) -> None:
    entrepot, home = str(Path(sys.executable).parent / "entrepot"), str(tmp_path / "home")
    sizes = ["--skus", "40", "--orders", "120", "--channels", "3", "--times", "2"]
    asked = [entrepot, "bench", "lists", "--json", "--home", home, *sizes]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=110, check=False)
    report = json.loads(said.stdout)
    assert report["refused"] == [], said.stderr
    assert {one["name"] for one in report["took"]} == {*PAGES, *LISTS}
    assert report["rows"]["orders"] == 120
    assert said.returncode == (1 if report["slow"] else 0)
