"""What a connection is told: checked against the platform's own list, and no secret ever shown again."""

from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot import connections, places
from entrepot.connections.model import checked
from entrepot.db import Tx, tables
from entrepot.kernel import Refusal
from tests.connections.shop import ABOUT, GOOD, SECRET, connected
from tests.db.stores import threaded


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({}, "setting_missing", "url"),
        ({"url": "https://corner.example"}, "setting_missing", "key"),
        (GOOD | {"key": ""}, "setting_missing", "key"),
        (GOOD | {"key": "  "}, "setting_missing", "key"),
        (GOOD | {"region": ""}, "setting_missing", "region"),
        (GOOD | {"url": "http://corner.example"}, "setting_malformed", "url"),
        (GOOD | {"url": "https://corner.example and more"}, "setting_malformed", "url"),
        (GOOD | {"url": "https://corner.example\nHost: evil.example"}, "setting_malformed", "url"),
        (GOOD | {"key": "sk_other"}, "setting_malformed", "key"),
        (GOOD | {"key": "ck_marker1secret!"}, "setting_malformed", "key"),
        (GOOD | {"color": "red"}, "setting_unknown", "color"),
    ],
)
def test_missing_malformed_and_unknown_settings_are_refused(
    given: dict[str, str], code: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        checked(ABOUT, given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_malformed_setting_is_shown_unless_it_is_secret() -> None:
    with pytest.raises(Refusal, match=r"'ftp://x' cannot be Address\. Begins with https\."):
        checked(ABOUT, GOOD | {"url": "ftp://x"})
    with pytest.raises(Refusal) as refused:
        checked(ABOUT, GOOD | {"key": "marker-secret"})
    assert "marker" not in str(refused.value) + repr(refused.value)
    assert str(refused.value) == "that value cannot be Key. Begins with ck_. (at key)"


def test_settings_are_filled_with_defaults_and_trimmed() -> None:
    assert checked(ABOUT, {"url": " https://corner.example\n", "key": SECRET}) == {
        "url": "https://corner.example",
        "key": SECRET,
        "region": "eu",
        "signing": "",
        "hook": "",
    }


def test_a_signing_key_that_the_platform_lets_us_choose_is_drawn(tx: Tx) -> None:
    one, other = connected(tx, "one"), connected(tx, "other")
    assert len(one.settings["signing"]) == 52
    assert one.settings["signing"] != other.settings["signing"]
    assert connected(tx, "third", signing="chosen").settings["signing"] == "chosen"


def test_secrets_are_sealed_and_the_rest_is_not(tmp_path: Path) -> None:
    store = threaded(tmp_path / "hub.db")
    made = store.run(connected)
    bytes_ = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"https://corner.example" in bytes_, "the test reads the file in which the row is"
    assert SECRET.encode() not in bytes_
    assert made.settings["signing"].encode() not in bytes_
    assert store.read(lambda tx: connections.connection(tx, id=made.id)) == made
    store.close()


def test_one_connections_secrets_do_not_open_in_anothers_row(tx: Tx) -> None:
    one, other = connected(tx, "one"), connected(tx, "other")
    table = tables.connection
    row = tx.row(select(table.c.sealed).where(table.c.id == other.id))
    assert row is not None
    tx.run(table.update().where(table.c.id == one.id).values(sealed=row.sealed))
    with pytest.raises(Refusal) as refused:
        connections.connection(tx, id=one.id)
    assert refused.value.code == "sealed"
    assert "marker" not in str(refused.value)


def test_a_connection_prints_no_setting(tx: Tx) -> None:
    made = connected(tx)
    for printed in (repr(made), str(made), f"{made}", repr([made]), repr({"x": made})):
        assert SECRET not in printed
        assert made.settings["signing"] not in printed
        assert "corner.example" not in printed
    assert repr(made) == f"Connection({made.id}, corner, 'corner', ready)"


def test_the_events_of_a_connection_hold_no_secret(tx: Tx) -> None:
    made = connected(tx)
    connections.keep_settings(tx, ABOUT, made, {"signing": "marker-signing"})
    connections.shut_out(tx, made.id, "401")
    bodies = repr([row.body for row in tx.rows(select(tables.event))])
    assert SECRET not in bodies
    assert "marker" not in bodies


def test_what_the_platform_tells_us_is_kept_with_the_rest(tx: Tx) -> None:
    made = connected(tx)
    kept = connections.keep_settings(tx, ABOUT, made, {"signing": "theirs", "hook": "h1"})
    assert connections.connection(tx, id=made.id) == kept
    assert (kept.settings["signing"], kept.settings["hook"], kept.settings["key"]) == ("theirs", "h1", SECRET)
    assert connections.keep_settings(tx, ABOUT, kept, {"hook": "h1"}) == kept
    (row,) = tx.rows(select(tables.connection))
    assert sorted(row.settings) == ["hook", "region", "url"]


def test_a_connection_needs_a_name_of_its_own(tx: Tx) -> None:
    connected(tx, "corner")
    for name, code in (("corner", "name_taken"), ("Corner", "name"), ("", "name"), ("a b", "name"),
                       ("-a", "name"), ("a/b", "name"), ("x" * 41, "name"), ("a\n", "name")):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            connected(tx, name)
        assert (refused.value.code, refused.value.field) == (code, "name")


def test_webhooks_are_sent_to_the_door_of_the_connection(tx: Tx) -> None:
    assert connected(tx, "north-2").callback_url == "https://hub.example/hooks/north-2"


def test_connections_are_found_by_id_and_name_and_listed_by_name(tx: Tx) -> None:
    later, earlier = connected(tx, "zoo"), connected(tx, "ape")
    assert connections.connection(tx, id=later.id) == later
    assert connections.connection(tx, name="ape") == earlier == connections.named(tx, "ape")
    assert connections.connections(tx) == [earlier, later]
    assert connections.connection(tx, name="none") is None
    with pytest.raises(Refusal, match="known: ape, zoo") as refused:
        connections.named(tx, "none")
    assert refused.value.code == "connection_unknown"


def test_without_connections_the_refusal_says_so(tx: Tx) -> None:
    places.seed(tx)
    with pytest.raises(Refusal, match="known: none yet"):
        connections.named(tx, "none")
