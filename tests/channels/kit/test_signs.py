"""What answers say of the connection: another version of the API, clocks that differ."""

from datetime import timedelta

import httpx2
import msgspec
import pytest

from entrepot.channels.kit.answers import Answered
from entrepot.channels.kit.signs import signs
from entrepot.channels.kit.times import http_text
from entrepot.kernel import VirtualClock
from tests.channels.kit.world import about, api_on

NOW = VirtualClock().now()
CORNER = msgspec.structs.replace(about(), version_header="x-version", clock_ahead_max_s=2.0)
OTHER = (
    "Corner Shop answers with API version 2 in place of 1, which it no longer keeps: update this hub before "
    "its answers change under it."
)
AHEAD = (
    "This machine's clock is ahead of Corner Shop's, which refuses changes from the future: let it follow a "
    "time server."
)


def answered(*, behind_s: float = 0.0, **headers: str) -> Answered:
    """An answer of a platform whose clock is behind ours by so much."""
    dated = {"date": http_text(NOW - timedelta(seconds=behind_s))}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answered(status=200, headers=dated | named, body=b"", began_at=NOW, at=NOW)


@pytest.mark.parametrize(
    ("answer", "before", "said"),
    [
        (answered(), set(), set()),
        (answered(x_version="1"), set(), set()),
        (answered(x_version="2"), set(), {OTHER}),
        (answered(x_version="1"), {OTHER}, set()),
        (answered(behind_s=2), set(), set()),
        (answered(behind_s=3), set(), {AHEAD}),
        (answered(behind_s=2), {AHEAD}, {AHEAD}),  # at the limit nothing changes
        (answered(behind_s=1), {AHEAD}, set()),
        (answered(behind_s=-60), set(), set()),
        (answered(behind_s=9, x_version="2"), set(), {OTHER, AHEAD}),
    ],
)
def test_what_an_answer_shows(answer: Answered, before: set[str], said: set[str]) -> None:
    assert signs(CORNER, answer, frozenset(before)) == said


def test_a_platform_that_declares_neither_is_not_looked_at() -> None:
    assert signs(about(), answered(behind_s=99, x_version="2")) == frozenset()


class Watching:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def noticed(self, account: str, problems: tuple[str, ...]) -> None:
        assert account == "corner-1"
        self.told.append(problems)


def test_the_watch_is_told_at_first_and_of_every_change_but_not_of_files_from_elsewhere() -> None:
    versions = iter(["1", "1", "2", "2", "1"])

    def platform(request: httpx2.Request) -> httpx2.Response:
        said = "9" if request.url.host == "files.example" else next(versions)
        return httpx2.Response(200, json={}, headers={"x-version": said})

    watching = Watching()
    api = api_on(platform, about=CORNER, watch=watching)
    for _call in range(4):
        api.get("/orders")
        api.get("https://files.example/report")
    assert watching.told == [(), (OTHER,)]
    api.get("/orders")
    assert watching.told == [(), (OTHER,), ()]
