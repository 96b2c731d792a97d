"""The commands of the guide to the API, typed as a reader would: curl against a real server. Its
`entrepot` lines are run with those of the other guides."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from entrepot import api as room
from entrepot import web
from tests.api.programs import TOKEN
from tests.conftest import need
from tests.web.shop import Shop

GUIDE = Path(__file__).parents[2] / "docs/guides/use-the-api.md"
FENCE = re.compile(r"^```bash$\n(.*?)^```", re.MULTILINE | re.DOTALL)

SAID = [
    '"sku":"TEAPOT","title":"Teapot, one litre"',
    '"number":"cart-1"',
    '"status":"accepted"',
    "HTTP/1.1 200 OK",
    '"cause":"receipt:PO-17"',
    '"code":"sku_unknown"',
    "event: OrderReceived",
]
"""What the reader sees, in this order."""


def typed() -> str:
    """The shell blocks of the guide, as one script."""
    blocks = FENCE.findall(GUIDE.read_text())
    return "\n".join(block for block in blocks if not block.startswith("export "))


def test_every_request_of_the_guide_is_answered_as_it_says(shop: Shop) -> None:
    need("curl", shutil.which("curl") is not None, "it types the guide's requests")
    shop.tell("sku.add", sku="TEAPOT", title="Teapot, one litre")
    shop.tell("stock.receive", sku="TEAPOT", location="main", quantity="10", reference="PO-17")
    shop.tell("seller.add", name="app", currency="EUR")
    serving = web.start(shop.hub, token=TOKEN, doors=(room.door(shop.hub, TOKEN),))
    try:
        script = f"set -e\nHUB={serving.url}/api/v1 TOKEN={TOKEN}\n{typed()}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    finally:
        serving.stop()
    assert done.returncode == 0, done.stderr
    at = 0
    for one in SAID:
        assert one in done.stdout[at:], (one, done.stdout)
        at = done.stdout.index(one, at)


def test_the_guide_types_what_the_document_has() -> None:
    paths = {re.sub(r"\?.*", "", path) for path in re.findall(r'"\$HUB(/[^"]*)"', typed())}
    assert paths == {"/stock", "/orders", "/moves", "/events/stream"}


pytestmark = pytest.mark.timeout(90)
