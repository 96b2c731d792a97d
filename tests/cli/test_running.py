"""The running hub: its threads, its lock and its notice; and commands typed beside it."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from entrepot.access import at_command_line
from entrepot.app import Hub, perform
from entrepot.app.home import read_notice, running
from entrepot.app.performing import open_for_command
from entrepot.app.running import Running
from entrepot.db import Store
from entrepot.kernel import Refusal, SystemClock
from entrepot.sync import views
from tests.cli.shop import Changes, Desk, at, serving, shop_with_cups, wired


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_connected_shop_is_read_and_written_without_being_asked(home: Path) -> None:
    shop = shop_with_cups(shown=0)
    desk = Desk(home).set_up()
    with serving(home, wired(shop)) as hub:
        changes = Changes(hub)
        arguments = {
            "platform": "woocommerce",
            "name": "web",
            "settings": shop.settings(),
            "hub_url": "http://h",
        }
        with open_for_command(hub.settings) as tell:
            tell("connection.add", arguments)
            tell("connection.flow", {"connection": "web", "flow": "stock_out", "level": "on"})
        changes.until(lambda: set(shop.shown().values()) == {10})
        shop.place({"CUP": 3}, SystemClock().now())
        with open_for_command(hub.settings) as tell:
            tell("stock.receive", {"sku": "CUP", "location": "main", "quantity": "5", "reference": "r2"})
        changes.until(lambda: 15 in shop.shown().values() or 12 in shop.shown().values())
    assert desk.ask("verify")["violations"] == []


def test_a_second_hub_is_refused(home: Path) -> None:
    with serving(home), pytest.raises(Refusal) as refused:
        Running(at(home))
    assert refused.value.code == "hub_running"


def test_after_the_stop_the_home_is_free_and_the_notice_gone(home: Path) -> None:
    with serving(home):
        notice = home / "hub.json"
        assert stat.S_IMODE(notice.stat().st_mode) == 0o600
        assert running(home)
    assert not notice.exists()
    assert not running(home)
    with Running(at(home)):
        pass


def test_it_stops_within_three_seconds(home: Path) -> None:
    hub = Running(at(home), wire=wired(shop_with_cups(shown=0)))
    began = monotonic()
    hub.stop()
    hub.stop()
    assert monotonic() - began < 3.0


class Stumbling:
    """A book worker that falls over in its first round."""

    def __init__(self, hub: Hub) -> None:
        self._step, self.fell = hub.book.step, 0

    def step(self) -> int:
        if not self.fell:
            self.fell += 1
            raise RuntimeError("stumbled")
        return self._step()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_fell_over_is_stood_up_again(home: Path) -> None:
    def wire(store: Store) -> Hub:
        hub = Hub(store)
        hub.book = Stumbling(hub)  # type: ignore[assignment]
        return hub

    receipt = {"sku": "CUP", "location": "main", "quantity": "1", "reference": "r1"}
    with Running(at(home), wire=wire) as hub:
        changes = Changes(hub)
        perform(hub.hub, "location.add", {"code": "main"}, who=at_command_line("person"), source="test")
        perform(hub.hub, "sku.add", {"sku": "CUP"}, who=at_command_line("person"), source="test")
        perform(hub.hub, "stock.receive", receipt, who=at_command_line("person"), source="test")
        changes.until(lambda: hub.store.read(lambda tx: views.waiting(tx, ["book"])) == {})


def test_a_notice_that_a_killed_hub_left_is_taken_away_by_the_next_command(home: Path) -> None:
    desk = Desk(home).set_up()
    (home / "hub.json").write_text('{"url": "http://127.0.0.1:1", "token": "t"}')
    assert desk.ask("status")["running"] is False
    desk.ask("sku", "add", "POT")
    assert read_notice(home) is None


def test_a_command_beside_a_running_hub_goes_through_it_and_its_refusals_come_back(home: Path) -> None:
    desk = Desk(home)
    with serving(home):
        desk.set_up()
        refused = desk.type("stock", "receive", "NOPE", "main", "1")
        assert (refused.exit_code, refused.stderr) == (
            2,
            "entrepot: there is no SKU 'NOPE' (at sku). entrepot sku add NOPE\n",
        )
        assert desk.ask("stock", "CUP")["offerable"] == 10
        assert desk.ask("status")["running"] is True


def test_a_hub_that_does_not_answer_is_named(home: Path) -> None:
    with Running(at(home)) as hub:
        hub.announce("http://127.0.0.1:1")
        outcome = Desk(home).type("sku", "add", "CUP")
    assert outcome.exit_code == 2
    assert "the hub at http://127.0.0.1:1 holds the lock but does not answer" in outcome.stderr


def test_the_installed_command_works_beside_a_running_hub(home: Path) -> None:
    command = str(Path(sys.executable).with_name("entrepot"))
    kept = {name: value for name, value in os.environ.items() if name == "ENTREPOT_DATABASE"}
    environment = {"ENTREPOT_HOME": str(home), "PATH": "/usr/bin:/bin", **kept}

    def run(*words: str) -> dict[str, object]:
        done = subprocess.run(
            [command, *words, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    with serving(home):
        assert run("location", "add", "main") == {"location": "main", "name": "main"}
        run("sku", "add", "CUP")
        assert run("stock", "receive", "CUP", "main", "4", "--reference", "r1")["booked"] is True
        assert run("stock", "CUP")["offerable"] == 4
        assert run("status")["running"] is True


def test_the_web_framework_is_not_loaded_for_a_status() -> None:
    code = (
        "import sys, entrepot.cli; print([name for name in ('litestar', 'uvicorn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
