"""Every `entrepot` command in the documents is run, in the order in which a reader would type it.

`entrepot serve` and the `make` targets are not run here: tests/cli starts the one, continuous integration the
others.
"""

import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot import catalog, connections
from entrepot.app import circumstances, from_environment, keyring, open_inline
from entrepot.cli import app
from entrepot.contract import ListingSeen, LocationSeen
from entrepot.db import Tx

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```sh$\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = {
    "opening.csv": "sku,location,quantity\nTEAPOT,main,3\nTEAPOT,old-town,2\nTEAPOT,riverside,1\n",
    "secret.txt": "cs_" + 20 * "b2",
    "token.txt": "EAAAl-a-token",
    "mended.json": "{}",
    "order.json": """\
{"seller": "field", "reference": "PO-4711", "total": "72.90",
 "lines": [{"sku": "TEAPOT", "quantity": "2", "unit_price": "34.00"}],
 "charges": [{"kind": "shipping", "amount": "4.90"}]}
""",
    "history.csv": """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,10001,Teapot,2,2026-03-01 09:30:00,34.00,501,United Kingdom
1001,POST,Postage,1,2026-03-01 09:30:00,4.90,501,United Kingdom
1002,10001,Teapot,1,2026-03-01 10:05:00,34.00,,Germany
C1003,10001,Teapot,-1,2026-03-04 15:00:00,34.00,501,United Kingdom
1004,10001,dropped,-1,2026-03-05 08:00:00,0,,United Kingdom
""",
}
NOT_HERE = ("entrepot serve", "entrepot demo")
KEY = "ck_" + 20 * "a1"

EXITS: dict[str, set[int]] = {
    "entrepot check": {0, 1},  # it says what is still missing
    "entrepot status": {0, 1},  # nothing has been read from a shop that does not exist
    "entrepot letters show": {2},  # there is no dead letter ID
    "entrepot letters edit": {2},
    "entrepot login-link": {2},  # nobody has followed a link yet
    "entrepot people end": {2},
    "entrepot people forget": {2},
    "entrepot people role ": {2},
    "entrepot tokens end": {2},
}


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md")),
            *sorted((ROOT / "docs" / "runbooks").glob("*.md"))]  # fmt: skip


def commands(document: Path) -> list[str]:
    """The `entrepot` lines of the document's shell blocks, whole."""
    blocks = [block.replace("\\\n", " ") for block in FENCE.findall(document.read_text())]
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("entrepot ")]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_in_a_document_runs(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home_database: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("ENTREPOT_HOME", str(tmp_path / "home"))
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    runner = CliRunner()
    if document.parent.name == "runbooks":  # written for a hub that sells already
        for line in commands(ROOT / "README.md"):
            run(runner, line, tmp_path)
    found = commands(document)
    if "entrepot grow" in found:
        if not home_database:
            pytest.skip("its commands are run with ENTREPOT_TEST_STORE=postgres")
        a_hub_on_sqlite(tmp_path / "home")
    assert found, f"{document.name} shows no command"
    for line in found:
        run(runner, line, tmp_path)


def run(runner: CliRunner, line: str, here: Path) -> None:
    """Types one line and looks at how it ended."""
    if line.startswith(NOT_HERE):
        return
    typed = line.replace("ck_…", KEY).replace("SKU", "TEAPOT").replace("CONNECTION", "web")
    ended = runner.invoke(app, shlex.split(typed)[1:])
    allowed = next((codes for start, codes in EXITS.items() if line.startswith(start)), {0})
    assert ended.exit_code in allowed, f"{line}\n{ended.output}\n{ended.exception!r}"
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    if " connect " in line:
        the_hub_reads(here)
    if " channels new " in line:
        the_package_is_installed(here)


def the_hub_reads(here: Path) -> None:
    """What a running hub would have read from the account by the time the reader types on."""

    def read(tx: Tx) -> None:
        for account in connections.connections(tx):
            connections.see_locations(
                tx, account.id, [LocationSeen(external_id="L8E2V0X0", name="Riverside")]
            )
            catalog.see_listings(tx, account.id, [ListingSeen(item="1234", sku="", title="Teapot")])

    settings = from_environment()
    store = open_inline(settings.database, circumstances(keyring(settings.home)))
    store.run(read)
    store.close()


def a_hub_on_sqlite(home: Path) -> None:
    """The store of a hub that has not grown yet."""
    open_inline(str(home / "hub.db"), circumstances(keyring(home, make=True))).close()


def the_package_is_installed(here: Path) -> None:
    """What pip does with the package that `entrepot channels new corner --folder entrepot-corner` wrote."""
    source = here / "entrepot-corner" / "src"
    known = source / "entrepot_corner-0.1.0.dist-info"
    known.mkdir()
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: entrepot-corner\nVersion: 0.1.0\n")
    points = tomllib.loads((here / "entrepot-corner" / "pyproject.toml").read_text())["project"][
        "entry-points"
    ]
    rows = [f"{name} = {place}" for name, place in points["entrepot.channels"].items()]
    (known / "entry_points.txt").write_text("\n".join(["[entrepot.channels]", *rows, ""]))
    sys.path.insert(0, str(source))
