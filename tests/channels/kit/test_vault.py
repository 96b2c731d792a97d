"""Tokens that end, as the door to a platform meets them: renewed once, and never said aloud."""

from collections.abc import Mapping

import httpx2
import pytest

from entrepot.kernel import Cause, ChannelError
from tests.channels.kit.world import SETTINGS, Notebook, api_on


class Renewing:
    """A vault that holds tokens in a row, each of which takes the place of the one before."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.refused: list[str] = []

    def current(self) -> Mapping[str, str]:
        return SETTINGS | {"token": self._tokens[0]}

    def renewed(self, refused: str) -> Mapping[str, str] | None:
        self.refused.append(refused)
        self._tokens = self._tokens[1:]
        return self.current() if self._tokens else None


def taking(*good: str, seen: list[str] | None = None) -> httpx2.MockTransport:
    """A platform that takes these tokens only."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if seen is not None:
            seen.append(f"{request.method} {token}")
        return httpx2.Response(200 if token in good else 401, json={})

    return httpx2.MockTransport(answer)


def test_a_refused_token_is_renewed_and_the_call_made_once_more() -> None:
    seen: list[str] = []
    vault = Renewing("old-1", "new-2")
    assert api_on(taking("new-2", seen=seen), vault=vault).get("/orders").status == 200
    assert (seen, vault.refused) == (["GET old-1", "GET new-2"], ["old-1"])


def test_a_change_whose_token_was_refused_did_nothing_and_is_made_again_too() -> None:
    seen: list[str] = []
    api = api_on(taking("new-2", seen=seen), vault=Renewing("old-1", "new-2"))
    assert api.post("/stock", {"n": 1}).status == 200
    assert seen == ["POST old-1", "POST new-2"]


def test_a_second_refusal_ends_it() -> None:
    vault, notebook = Renewing("old-1", "new-2", "newer-3"), Notebook()
    with pytest.raises(ChannelError) as failed:
        api_on(taking(), vault=vault, recorder=notebook).get("/orders")
    assert failed.value.cause is Cause.DENIED
    assert str(failed.value) == "denied: GET /orders: 401, and for a new token too: connect again"
    assert (vault.refused, len(notebook.calls)) == (["old-1"], 2)


def test_where_no_other_token_is_to_be_had_the_refusal_stands() -> None:
    with pytest.raises(ChannelError) as failed:
        api_on(taking(), vault=Renewing("old-1")).get("/orders")
    assert (failed.value.cause, str(failed.value)) == (Cause.DENIED, "denied: GET /orders: 401")


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_only_a_401_asks_for_another_token(status: int) -> None:
    vault = Renewing("old-1", "new-2")
    api = api_on(lambda _request: httpx2.Response(status, json={}), vault=vault)
    with pytest.raises(ChannelError):
        api.post("/stock", {})
    assert vault.refused == []


def test_a_file_that_the_platform_named_is_fetched_without_any_token() -> None:
    vault = Renewing("old-1", "new-2")
    api = api_on(lambda _request: httpx2.Response(401, json={}), vault=vault)
    with pytest.raises(ChannelError):
        api.get("https://files.example/report")
    assert vault.refused == []


def test_the_new_token_is_hidden_too() -> None:
    def quoting(request: httpx2.Request) -> httpx2.Response:
        if request.headers["authorization"].endswith("old-1"):
            return httpx2.Response(401)
        return httpx2.Response(400, json={"message": "what is new-token-2 to us"})

    with pytest.raises(ChannelError) as failed:
        api_on(quoting, vault=Renewing("old-1", "new-token-2")).get("/new-token-2/orders")
    assert "new-token-2" not in str(failed.value)
    assert str(failed.value) == "refused: GET /…/orders: 400, what is … to us"
