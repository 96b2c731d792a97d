"""The demo as a user runs it: over HTTP, with lost, doubled and late webhooks, and calls that fail."""

import json
import os
import subprocess
import sys
from pathlib import Path

ENTREPOT = Path(sys.executable).with_name("entrepot")


def test_the_demo_loses_nothing_doubles_nothing_and_ends_in_sync() -> None:
    ended = subprocess.run(
        [ENTREPOT, "demo", "--orders", "60", "--seed", "7", "--exit", "--json", "--port", "0"],
        capture_output=True,
        timeout=110,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )
    assert ended.returncode == 0, ended.stderr.decode()[-3000:]
    figures = json.loads(ended.stdout)
    assert figures["orders_placed"] == figures["orders_in_hub"] == 60
    assert (figures["lost"], figures["duplicates"]) == (0, 0)
    assert figures["slots"] == figures["slots_in_sync"] == 30
    assert figures["wrong"] == []
    assert figures["latency_ms"]["placed_to_hub"]["p50"] > 0
    assert figures["latency_ms"]["change_to_ack"]["p99"] > 0
