"""Ways to connect, consent that works once, and what looks at an account leave behind."""

from typing import Any

import pytest
from sqlalchemy import select

from entrepot import connections
from entrepot.connections import State
from entrepot.connections.model import checked, needed
from entrepot.contract import Probed
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal, VirtualClock
from tests.connections.shop import ABOUT, connected
from tests.connections.test_tokens import APP, CORNER


def told(tx: Tx, kind: str) -> list[Any]:
    event = tables.event
    return [row.body for row in tx.rows(select(event).where(event.c.kind == kind).order_by(event.c.id))]


def state_of(url: str) -> str:
    return url.partition("state=")[2].partition("&")[0]


def waiting(tx: Tx, name: str = "corner") -> connections.Connection:
    """A connection by consent that nobody has consented to."""
    from_shop = connected(tx, f"other-{name}")
    return connections.connect(
        tx, CORNER, name=name, settings=APP, network_id=from_shop.network_id, hub_url="https://hub.example/",
        since=tx.now, consent=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "consent", "asked"),
    [
        ((), False, ["url", "client_id", "client_secret"]),  # the application itself
        (("token",), False, ["url", "token"]),
        ((), True, ["url", "client_id", "client_secret"]),
        (("token",), True, ["url", "client_id", "client_secret"]),
    ],
)
def test_each_way_to_connect_needs_its_own_settings(
    given: tuple[str, ...], consent: bool, asked: list[str]
) -> None:
    assert [one.name for one in needed(CORNER, given, consent=consent)] == asked


@pytest.mark.parametrize(
    ("given", "consent", "field"),
    [
        ({"url": "https://a.example", "client_id": "c"}, False, "client_secret"),
        ({"url": "https://a.example", "token": " "}, False, "client_id"),
        ({"url": "https://a.example", "token": "t"}, True, "client_id"),
    ],
)
def test_a_way_that_lacks_something_is_refused(given: dict[str, str], consent: bool, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(CORNER, given, consent=consent)
    assert (refused.value.code, refused.value.field) == ("setting_missing", field)


def test_a_platform_without_a_page_of_consent_says_so() -> None:
    with pytest.raises(Refusal) as refused:
        checked(ABOUT, {"url": "https://corner.example", "key": "ck_a"}, consent=True)
    assert refused.value.code == "consent_unsupported"


def test_an_account_by_consent_waits_and_a_state_lets_it_in_once(store: InlineStore) -> None:
    made = store.run(waiting)
    assert made.state is State.WAITING
    assert made.consent_url == "https://hub.example/connect/corner"
    url = store.run(lambda tx: connections.ask_consent(tx, CORNER, "corner"))
    assert "redirect_uri=https%3A%2F%2Fhub.example%2Fconnect%2Fcorner&state=" in url
    state = state_of(url)
    assert len(state) == 64
    taken = [store.run(lambda tx: connections.take_consent(tx, made.id, state)) for _ in range(2)]
    assert taken == [True, False]


def test_a_state_of_another_account_an_older_one_and_none_at_all_are_refused(store: InlineStore) -> None:
    one, other = store.run(waiting), store.run(lambda tx: waiting(tx, "second"))
    first = state_of(store.run(lambda tx: connections.ask_consent(tx, CORNER, "corner")))
    theirs = state_of(store.run(lambda tx: connections.ask_consent(tx, CORNER, "second")))
    newest = state_of(store.run(lambda tx: connections.ask_consent(tx, CORNER, "corner")))
    assert len({first, theirs, newest}) == 3

    def taken(id: str, state: str) -> bool:
        return store.run(lambda tx: connections.take_consent(tx, id, state))

    assert [taken(one.id, state) for state in (first, theirs, "", "x")] == [False] * 4
    assert taken(one.id, newest)
    assert taken(other.id, theirs)


@pytest.mark.parametrize(("waits_s", "taken"), [(1_799, True), (1_800, False)])
def test_a_state_lives_for_half_an_hour(
    store: InlineStore, clock: VirtualClock, waits_s: int, taken: bool
) -> None:
    made = store.run(waiting)
    state = state_of(store.run(lambda tx: connections.ask_consent(tx, CORNER, "corner")))
    clock.sleep(waits_s)
    assert store.run(lambda tx: connections.take_consent(tx, made.id, state)) is taken


def test_the_state_itself_is_not_kept(store: InlineStore) -> None:
    store.run(waiting)
    state = state_of(store.run(lambda tx: connections.ask_consent(tx, CORNER, "corner")))
    assert state.encode() not in store.snapshot()


def test_what_is_granted_takes_the_place_of_everything_before_and_lets_the_account_in(tx: Tx) -> None:
    made = waiting(tx)
    kept = connections.keep_grant(tx, CORNER, made.id, {"token": "t", "token_until": ""}, used=None)
    assert (kept.settings["token"], kept.settings["refresh_token"]) == ("t", "")
    assert connections.named(tx, "corner").state is State.READY
    assert told(tx, "ConsentGiven") == [{"connection": made.id}]


@pytest.mark.parametrize(
    ("given", "token", "refresh_token"),
    [
        ({"token": "typed"}, "typed", ""),
        ({"client_id": "c-2"}, "", ""),
        ({"client_secret": "rotated"}, "granted", "r-1"),
        ({"hook": "h-9"}, "granted", "r-1"),
    ],
)
def test_new_settings_end_what_was_granted_to_another_application_only(
    tx: Tx, given: dict[str, str], token: str, refresh_token: str
) -> None:
    made = waiting(tx)
    connections.keep_grant(tx, CORNER, made.id, {"token": "granted", "refresh_token": "r-1"}, used=None)
    connections.shut_out(tx, made.id, "401")
    changed = connections.change_settings(tx, CORNER, "corner", given, consent=False)
    assert (changed.settings["token"], changed.settings["refresh_token"]) == (token, refresh_token)
    assert connections.named(tx, "corner") == changed
    assert (changed.state, changed.why) == (State.READY, "")
    assert told(tx, "SettingsChanged") == [{"connection": made.id}]


def test_settings_that_are_wrong_change_nothing(tx: Tx) -> None:
    made = waiting(tx)
    with pytest.raises(Refusal) as refused:
        connections.change_settings(tx, CORNER, "corner", {"color": "red"}, consent=False)
    assert refused.value.code == "setting_unknown"
    assert connections.named(tx, "corner").settings == made.settings


def test_problems_appear_and_go_and_each_change_is_told_once(tx: Tx) -> None:
    id = connected(tx).id
    for problems in (["a", "b"], ["b", "a"], ["b", "c"], [], []):
        connections.see_problems(tx, id, "probe", problems)
    connections.see_problems(tx, id, "answers", ["a"])
    assert connections.problems(tx, id, "probe") == set()
    assert connections.problems(tx, id, "answers") == {"a"}
    assert told(tx, "AccountProblemsChanged") == [
        {"connection": id, "appeared": ["a", "b"], "gone": []},
        {"connection": id, "appeared": ["c"], "gone": ["a"]},
        {"connection": id, "appeared": [], "gone": ["b", "c"]},
        {"connection": id, "appeared": ["a"], "gone": []},
    ]


def test_what_a_look_found_out_is_kept_and_an_account_that_does_not_answer_keeps_the_last(tx: Tx) -> None:
    made = connected(tx)
    connections.see_account(tx, made.id, Probed(account="me", facts={"currency": "EUR"}))
    connections.see_account(tx, made.id, Probed(account="", facts={}, problems=("refused",)))
    row = tx.row(select(tables.connection))
    assert row is not None
    assert (row.account, row.facts) == ("me", {"currency": "EUR"})
    assert connections.problems(tx, made.id, "probe") == {"refused"}
