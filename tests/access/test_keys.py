"""Rotating the keys: while the hub runs, stopped anywhere, with nothing that cannot be read on the way."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from entrepot import access, connections, customers
from entrepot.access import Role, links, totp
from entrepot.app import Hub, circumstances, keyring, open_inline, perform
from entrepot.app.commands import sealing
from entrepot.app.keys import add_key, drop_keys, names, use_key
from entrepot.cli import app
from entrepot.contract import CustomerSeen, Delivery
from entrepot.customers import Person
from entrepot.db import InlineStore, Tx, inbox, tables
from entrepot.kernel import Refusal, SystemClock
from tests.cli.shop import at, serving

ANYBODY = access.at_command_line("test")
PEOPLE = 25
LIMIT = 10


@pytest.fixture(autouse=True)
def database(home_database: str) -> str:
    return home_database


def opened(home: Path) -> InlineStore:
    """The store of this home, in a process that has just begun."""
    return open_inline(at(home).database, circumstances(keyring(home, make=True), clock=SystemClock()))


def filled(home: Path) -> None:
    """A connection, people, a delivery and a user with an app."""
    store = opened(home)

    def fill(tx: Tx) -> None:
        network = {"id": "n1", "code": "web", "name": "web"}
        tx.run(insert(tables.network).values(network))
        connection = connections.Connection(
            id="c1", platform="shop", name="web", settings={"token": "t-secret"}, flows={}, network_id="n1",
            callback_url="", state=connections.State.READY, since=tx.now, why="", account="",
        )  # fmt: skip
        connections.rows.insert_connection(tx, connection, ["token"])
        customers.keep(tx, "c1", [Person(customer=CustomerSeen(name=f"Ada {n}")) for n in range(PEOPLE)])
        told = Delivery(headers={}, body=b"{}", url="", received_at=tx.now)
        inbox.put(tx, connection_id="c1", key="d1", delivery=told)
        user = links.made(tx, "anna", name="Anna", role=Role.OWNER)
        totp.offer_totp(tx, user)

    store.run(fill)
    store.close()


def everything(home: Path) -> list[Any]:
    """All that is sealed, read by a process that has just begun."""
    store = opened(home)

    def read(tx: Tx) -> list[Any]:
        ids = [row.id for row in tx.rows(select(tables.person.c.id).order_by(tables.person.c.id))]
        (letter,) = tx.rows(select(tables.inbox.c.id))
        shown = inbox.show(tx, letter.id)
        assert shown is not None
        return [
            [one.settings for one in connections.connections(tx)],
            [customers.show(tx, id).customer.name for id in ids],
            shown.delivery.body,
            totp.offered(tx, access.known(tx, "anna")),
        ]

    found = store.read(read)
    store.close()
    return found


def under(home: Path) -> dict[str, int]:
    store = opened(home)
    found = store.read(sealing.under)
    store.close()
    return found


def test_a_rotation_that_is_cut_off_anywhere_leaves_everything_readable(tmp_path: Path) -> None:
    filled(tmp_path)
    before = everything(tmp_path)
    assert under(tmp_path) == {"k0000001": PEOPLE + 4}
    use_key(tmp_path, add_key(tmp_path))
    assert everything(tmp_path) == before
    done, cuts = 0, 0
    for room in sealing.SEALED:
        after: str | None = None
        while after != "":
            store = opened(tmp_path)  # a new process each time: the one before has been killed
            given = {"room": room, "after": after or "", "limit": LIMIT}
            answer = perform(Hub(store, found={}), "keys.reseal", given, who=ANYBODY, source="test")
            store.close()
            done, after, cuts = done + answer["resealed"], answer["after"], cuts + 1
            assert everything(tmp_path) == before
            found = under(tmp_path)
            assert [found["k0000002"], sum(found.values())] == [done, PEOPLE + 4]
    assert [done, cuts] == [PEOPLE + 4, 5]
    drop_keys(tmp_path, ["k0000001"])
    assert everything(tmp_path) == before
    assert names(tmp_path) == (["k0000002"], "k0000002")


def test_a_hub_at_work_goes_on_under_the_new_key(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        runner = CliRunner()
        there = {"ENTREPOT_HOME": str(tmp_path)}

        def type_(*words: str) -> dict[str, Any]:
            outcome = runner.invoke(app, [*words, "--json"], env=there)
            assert outcome.exit_code == 0, outcome.output
            answer: dict[str, Any] = json.loads(outcome.stdout)
            return answer

        old = running.store.run(lambda tx: customers.keep(tx, "c", [Person(customer=CustomerSeen(name="A"))]))
        assert type_("keys", "rotate") == {"newest": "k0000002", "resealed": 2}
        new = running.store.run(lambda tx: customers.keep(tx, "c", [Person(customer=CustomerSeen(name="B"))]))
        assert type_("keys", "list")["keys"] == [
            {"name": "k0000001", "newest": False, "values": 0},
            {"name": "k0000002", "newest": True, "values": 3},
        ]
        assert type_("keys", "rotate", "--drop-old") == {"dropped": ["k0000001"]}
        shown = [running.store.read(lambda tx, id=id: customers.show(tx, id)) for id in (*old, *new)]  # type: ignore[misc]
        assert [one.customer.name for one in shown] == ["A", "B"]
        assert type_("keys", "rotate") == {"newest": "k0000003", "resealed": 3}


def test_what_is_in_use_is_not_dropped(tmp_path: Path) -> None:
    filled(tmp_path)
    use_key(tmp_path, add_key(tmp_path))
    outcome = CliRunner().invoke(app, ["keys", "rotate", "--drop-old"], env={"ENTREPOT_HOME": str(tmp_path)})
    assert [outcome.exit_code, f"there are still {PEOPLE + 4} under k0000001" in outcome.stderr] == [2, True]
    assert names(tmp_path)[0] == ["k0000001", "k0000002"]


def test_a_rotation_that_was_stopped_goes_on_with_its_key(tmp_path: Path) -> None:
    filled(tmp_path)
    use_key(tmp_path, add_key(tmp_path))
    outcome = CliRunner().invoke(app, ["keys", "rotate", "--json"], env={"ENTREPOT_HOME": str(tmp_path)})
    assert json.loads(outcome.stdout) == {"newest": "k0000002", "resealed": PEOPLE + 4}


def test_a_prepared_key_waits_until_it_is_used(tmp_path: Path) -> None:
    filled(tmp_path)
    there = {"ENTREPOT_HOME": str(tmp_path)}
    prepared = [CliRunner().invoke(app, ["keys", "rotate", "--prepare", "--json"], env=there) for _ in "ab"]
    assert [json.loads(one.stdout) for one in prepared] == [{"waiting": "k0000002"}] * 2
    assert names(tmp_path) == (["k0000001", "k0000002"], "k0000001")
    assert keyring(tmp_path).seal(b"", "")[:8] == b"k0000001"
    outcome = CliRunner().invoke(app, ["keys", "rotate", "--json"], env=there)
    assert json.loads(outcome.stdout)["newest"] == "k0000002"


def test_the_key_file_is_its_owners_alone_and_replaced_as_a_whole(tmp_path: Path) -> None:
    keys = keyring(tmp_path, make=True)
    file = tmp_path / "keys.json"
    before = file.open()
    (tmp_path / "keys.0badcafe").write_text("half a fi")  # of a process that was killed while it wrote
    use_key(tmp_path, add_key(tmp_path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "k0000002" not in before.read(), "who has it open still reads the one before, whole"
    before.close()
    assert keys.seal(b"", "")[:8] == b"k0000002", "who holds the keys hears of it by itself"
    secret = json.loads(file.read_text())["keys"]["k0000002"]
    assert secret not in repr(keys)


def test_without_a_key_file_nothing_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        add_key(tmp_path)
    assert refused.value.code == "keys_missing"
