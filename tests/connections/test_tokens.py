"""Tokens that end, and several who want to renew one: it happens once, is kept before it is used, and
survives whoever dies on the way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from entrepot import connections, places
from entrepot.channels.kit import oauth
from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.json import decode, encode
from entrepot.connections import Connection, Tokens
from entrepot.contract import Auth, OAuth, Setting
from entrepot.db import Tx, tables
from entrepot.kernel import Cause, ChannelError, VirtualClock
from tests.channels.kit.world import Notebook, Pacemaker
from tests.connections.shop import ABOUT
from tests.db.stores import NOON, inline

FLOW = OAuth(authorize_path="/authorize", token_path="/token", scopes=("all",), client_credentials=True)
CORNER = msgspec.structs.replace(
    ABOUT,
    auth=Auth.BEARER,
    oauth=FLOW,
    settings=(
        *(one for one in ABOUT.settings if one.name != "key"),
        Setting(name="client_id", label="Id", optional=True),
        Setting(name="client_secret", label="Secret", secret=True, optional=True),
        Setting(name="token", label="Token", secret=True),
        Setting(name="refresh_token", label="Refresh token", secret=True, filled_by_hub=True),
        Setting(name="token_until", label="End", filled_by_hub=True),
    ),
)
APP = {"url": "https://corner.example", "client_id": "c-1", "client_secret": "hush-hush"}
HOUR = timedelta(hours=1)


class Platform:
    """Grants tokens t-2, t-3, … for an hour; each refresh token works until the next one was used."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: Callable[[], httpx2.Response | None] = lambda: None
        self.meanwhile: Callable[[], None] = lambda: None

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        body: Any = decode(request.read())
        self.asked.append(str(body.get("refresh_token") or body["grant_type"]))
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if (wrong := self.fault()) is not None:
            return wrong
        n = len(self.asked) + 1
        told = {"access_token": f"t-{n}", "expires_in": 3600}
        more = {"refresh_token": f"r-{n}"} if body["grant_type"] == "refresh_token" else {}
        return httpx2.Response(200, content=encode(told | more))


class Corner:
    """An account whose token t-1 ends in an hour, and as many processes as one likes that use it."""

    def __init__(self, clock: VirtualClock, **settings: str) -> None:
        self.clock, self.store, self.platform = clock, inline(clock), Platform()
        granted = {"token": "t-1", "refresh_token": "r-1", "token_until": (NOON + HOUR).isoformat()}
        self.held = self.store.run(lambda tx: _connected(tx, APP | (granted | settings)))

    def process(self) -> Tokens:
        """What a process that has just started makes of the account."""
        return Tokens(self.store, CORNER, self.now(), self._door)

    def now(self) -> Connection:
        return self.store.read(lambda tx: connections.named(tx, "corner"))

    def problems(self) -> list[str]:
        table = tables.account_problem
        return [row.words for row in self.store.read(lambda tx: tx.rows(select(table)))]

    def _door(self, connection: Connection) -> HttpApi:
        return HttpApi(
            oauth.token_door(CORNER),
            account=connection.id,
            settings=connection.settings,
            clock=self.clock,
            permits=Pacemaker(),
            recorder=Notebook(),
            transport=httpx2.MockTransport(self.platform.answer),
        )


def _connected(tx: Tx, settings: dict[str, str]) -> Connection:
    network_id = places.add_network(tx, "web", [])
    given = {name: value for name, value in settings.items() if value}
    return connections.connect(
        tx, CORNER, name="corner", settings=given, network_id=network_id, hub_url="https://hub.example",
        since=NOON,
    )  # fmt: skip


@pytest.fixture
def corner(clock: VirtualClock) -> Iterator[Corner]:
    made = Corner(clock)
    yield made
    made.store.close()


def test_a_token_far_from_its_end_is_used_as_it_is(corner: Corner, clock: VirtualClock) -> None:
    tokens = corner.process()
    clock.sleep(3600 - 301)
    assert tokens.current()["token"] == "t-1"
    assert corner.platform.asked == []


def test_a_token_near_its_end_is_renewed_and_kept_before_anybody_uses_it(
    corner: Corner, clock: VirtualClock
) -> None:
    tokens = corner.process()
    clock.sleep(3600 - 300)
    assert tokens.current()["token"] == "t-2"
    assert corner.now().settings["token"] == "t-2"
    assert corner.now().settings["refresh_token"] == "r-2"
    assert corner.now().settings["token_until"] == "2026-03-02T13:55:00+00:00"
    assert tokens.current()["token"] == "t-2"
    assert corner.platform.asked == ["r-1"]


def test_of_two_processes_one_renews_and_the_other_goes_on_with_the_old_token(
    corner: Corner, clock: VirtualClock
) -> None:
    one, other = corner.process(), corner.process()
    clock.sleep(3600 - 300)
    found: list[str] = []
    corner.platform.meanwhile = lambda: found.append(other.current()["token"])
    assert one.current()["token"] == "t-2"
    assert (found, corner.platform.asked) == (["t-1"], ["r-1"])
    assert other.renewed("t-1") == corner.now().settings
    assert corner.platform.asked == ["r-1"]


def test_of_two_processes_after_its_end_one_renews_and_the_other_comes_back_in_two_seconds(
    corner: Corner, clock: VirtualClock
) -> None:
    one, other = corner.process(), corner.process()
    clock.sleep(3600)
    found: list[ChannelError] = []

    def meanwhile() -> None:
        with pytest.raises(ChannelError) as busy:
            other.current()
        found.append(busy.value)

    corner.platform.meanwhile = meanwhile
    assert one.current()["token"] == "t-2"
    assert [(error.cause, error.wait_s) for error in found] == [(Cause.BUSY, 2.0)]
    assert other.current()["token"] == "t-2"
    assert corner.platform.asked == ["r-1"]


def test_two_that_are_refused_at_once_renew_once(corner: Corner) -> None:
    one, other = corner.process(), corner.process()
    assert (one.renewed("t-1") or {})["token"] == "t-2"
    assert (other.renewed("t-1") or {})["token"] == "t-2"
    assert corner.platform.asked == ["r-1"]


class Death(BaseException):
    """The process ends."""


def test_a_process_that_dies_while_it_renews_holds_nobody_up_for_more_than_its_lease(
    corner: Corner, clock: VirtualClock
) -> None:
    def die() -> httpx2.Response | None:
        raise Death

    corner.platform.fault = die
    clock.sleep(3600)
    with pytest.raises(Death):
        corner.process().current()
    corner.platform.fault = lambda: None

    clock.sleep(149)
    with pytest.raises(ChannelError) as busy:
        corner.process().current()
    assert busy.value.cause is Cause.BUSY
    clock.sleep(1)
    assert corner.process().current()["token"] == "t-3"
    assert corner.platform.asked == ["r-1", "r-1"]


def test_after_a_lost_answer_the_same_refresh_token_is_used_again_ten_seconds_later(
    corner: Corner, clock: VirtualClock
) -> None:
    def lose() -> httpx2.Response | None:
        raise httpx2.ReadTimeout("lost")

    corner.platform.fault = lose
    tokens = corner.process()
    clock.sleep(3600)
    with pytest.raises(ChannelError) as lost:
        tokens.current()
    assert (lost.value.cause, lost.value.retry) == (Cause.LOST, True)
    corner.platform.fault = lambda: None
    clock.sleep(9)
    with pytest.raises(ChannelError) as early:
        tokens.current()
    assert early.value.cause is Cause.BUSY
    clock.sleep(1)
    assert tokens.current()["token"] == "t-3"
    assert corner.platform.asked == ["r-1", "r-1"]


def test_a_renewal_that_is_refused_is_a_problem_before_the_token_ends_and_stops_the_account_then(
    corner: Corner, clock: VirtualClock
) -> None:
    corner.platform.fault = lambda: httpx2.Response(
        400, json={"error": "invalid_grant", "error_description": "gone"}
    )
    tokens = corner.process()
    clock.sleep(3600 - 300)
    assert tokens.current()["token"] == "t-1"
    (problem,) = corner.problems()
    assert problem.startswith("The platform gives no new token for this account")
    clock.sleep(29)
    tokens.current()
    assert len(corner.platform.asked) == 1, "it does not ask again at every call"

    clock.sleep(271)
    with pytest.raises(ChannelError) as denied:
        tokens.current()
    assert denied.value.cause is Cause.DENIED
    assert str(denied.value) == (
        "denied: the access is not renewed any more, connect again (POST /token: 400, invalid_grant, gone)"
    )
    assert not any(secret in str(denied.value) for secret in ("r-1", "hush-hush", "t-1"))


def test_a_person_who_consents_meanwhile_is_not_overruled_by_a_renewal(
    corner: Corner, clock: VirtualClock
) -> None:
    theirs = {"token": "t-person", "refresh_token": "r-person", "token_until": ""}

    def consents() -> None:
        corner.store.run(lambda tx: connections.keep_grant(tx, CORNER, corner.held.id, theirs, used=None))

    tokens = corner.process()
    corner.platform.meanwhile = consents
    assert (tokens.renewed("t-1") or {})["token"] == "t-person"
    assert corner.now().settings["refresh_token"] == "r-person"


def test_a_renewal_that_works_again_takes_the_problem_away(corner: Corner, clock: VirtualClock) -> None:
    corner.platform.fault = lambda: httpx2.Response(
        400, json={"error": "invalid_grant", "error_description": "gone"}
    )
    with pytest.raises(ChannelError):
        corner.process().renewed("t-1")
    assert len(corner.problems()) == 1
    corner.platform.fault = lambda: None
    corner.process().renewed("t-1")
    assert corner.problems() == []


def test_without_a_refresh_token_the_application_is_granted_one_itself(clock: VirtualClock) -> None:
    corner = Corner(clock, token="", refresh_token="", token_until="")
    tokens = corner.process()
    assert tokens.current()["token"] == "t-2"
    assert (corner.platform.asked, tokens.current()["token"]) == (["client_credentials"], "t-2")
    clock.sleep(3600)
    assert tokens.current()["token"] == "t-3"
    corner.store.close()


def test_a_token_that_a_person_typed_is_nobodys_to_renew(clock: VirtualClock) -> None:
    corner = Corner(clock, client_id="", client_secret="", refresh_token="", token_until="")
    tokens = corner.process()
    assert tokens.current()["token"] == "t-1"
    assert tokens.renewed("t-1") is None
    assert corner.platform.asked == []
    corner.store.close()


def test_what_the_hub_keeps_meanwhile_does_not_bring_an_old_token_back(corner: Corner) -> None:
    read_before = corner.now()
    corner.process().renewed("t-1")
    corner.store.run(lambda tx: connections.keep_settings(tx, CORNER, read_before, {"hook": "h-1"}))
    assert (corner.now().settings["token"], corner.now().settings["hook"]) == ("t-2", "h-1")


def test_tokens_are_sealed(corner: Corner) -> None:
    corner.process().renewed("t-1")
    row = corner.store.read(lambda tx: tx.row(select(tables.connection)))
    assert row is not None
    assert {"token", "refresh_token", "client_secret"} & set(row.settings) == set()
