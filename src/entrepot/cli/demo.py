"""`entrepot demo`: a whole hub in a folder of its own, the emulated street around it, and the figures at the
end."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from entrepot import api, web
from entrepot.app import Hub, Settings
from entrepot.app.running import Running
from entrepot.cli.people import demo_link
from entrepot.cli.showing import emit, note
from entrepot.sandbox.demo import EVERY_S, PER_S, Demo

BROWSE_PER_S = 1.0
"""Orders a second while somebody looks on."""

TOLD_EVERY_S = 2.0


def run(*, orders: int, seed: int, leave: bool, as_json: bool, port: int) -> int:
    """Runs the demo; 0 if nothing was lost, doubled or is out of sync. Without `leave` it goes on until
    Ctrl-C."""
    ended = threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-demo-") as home,
        _ending(ended),
        _hub(Path(home), port) as (
            running,
            serving,
            link,
        ),
    ):
        demo = Demo(running.hub, hub_url=serving.url, seed=seed)
        try:
            note("Opening one web shop and two stores with tills …")
            demo.open()
            note(f"\n  The hub      {serving.url}\n  Sign in once {serving.url}{link}\n")
            return _shop(demo, ended, orders=orders, leave=leave, as_json=as_json)
        finally:
            demo.close()


def _shop(demo: Demo, ended: threading.Event, *, orders: int, leave: bool, as_json: bool) -> int:
    """Shoppers buy; then, unless somebody looks on, the world is settled and the checker speaks."""
    shopping = threading.Thread(
        target=partial(
            demo.shop,
            orders,
            per_s=PER_S if leave else BROWSE_PER_S,
            placed=_Teller(orders, quiet=not leave).placed,
        ),
        daemon=True,
    )
    shopping.start()
    while shopping.is_alive() and not ended.wait(0.1):
        pass
    if not leave:
        note("Ctrl-C ends the demo.")
        ended.wait()
        note("\nThe shops close.")
        return 0
    outcome = demo.settle()
    report = demo.report(outcome)
    if as_json:
        emit(report)
    else:
        _tell(report)
    return 0 if outcome.true else 1


class _Teller:
    """Says now and then how many orders have been placed."""

    def __init__(self, orders: int, *, quiet: bool) -> None:
        self._orders, self._quiet, self._told = orders, quiet, monotonic()

    def placed(self, number: int) -> None:
        if not self._quiet and (monotonic() - self._told > TOLD_EVERY_S or number == self._orders):
            self._told = monotonic()
            note(
                f"  {number} of {self._orders} orders placed" if self._orders else f"  {number} orders placed"
            )


@contextmanager
def _hub(home: Path, port: int) -> Iterator[tuple[Running, web.Serving, str]]:
    """A hub at work in `home` with its web server, and a link to sign in once."""
    settings = Settings(home=home, port=port)
    with Running(settings, wire=lambda store: Hub(store, every_s=EVERY_S)) as running:
        doors = [api.door(running.hub, running.token)]
        serving = web.start(running.hub, token=running.token, port=port, doors=doors)
        try:
            running.announce(serving.url)
            yield running, serving, demo_link(running.store)
        finally:
            serving.stop()


@contextmanager
def _ending(ended: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set `ended`."""

    def told(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {one: signal.signal(one, told) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(report: dict[str, Any]) -> None:
    """The figures for people."""
    hub, ack = report["latency_ms"]["placed_to_hub"], report["latency_ms"]["change_to_ack"]
    faults = ", ".join(
        f"{number} {name.replace('_', ' ')}" for name, number in sorted(report["faults"].items())
    )
    note(
        f"""
  {report["orders_in_hub"]} of {report["orders_placed"]} orders are in the hub: {report["lost"]} lost, \
{report["duplicates"]} doubled, {report["oversold"]} pieces oversold
  {report["slots_in_sync"]} of {report["slots"]} stock slots show what they should
  from the sale to the hub     {hub["p50"]} ms (p50), {hub["p99"]} ms (p99)
  from a change to its answer  {ack["p50"]} ms (p50), {ack["p99"]} ms (p99)
  went wrong on the way        {faults or "nothing"}
  took {report["seconds"]} s, seed {report["seed"]}"""
    )
    for difference in report["wrong"]:
        note(f"  wrong: {difference}")
