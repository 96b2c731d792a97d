"""GraphQL over HTTP: questions and changes, what their errors amount to, pages, throttling."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from entrepot.channels.kit import graphql
from entrepot.channels.kit.graphql import UserError, ask, nodes, pages, throttled_s, user_errors
from entrepot.channels.kit.json import decode, encode
from entrepot.kernel import Cause, ChannelError, VirtualClock
from tests.channels.kit.world import Notebook, Pacemaker, api_on

QUESTION = "query Q($id: ID) { thing(id: $id) { name } }"


def answering(*bodies: Any, asked: list[Any] | None = None) -> Callable[[httpx2.Request], httpx2.Response]:
    """A platform that answers with these bodies, one after the other, and keeps what it was asked."""
    left = list(bodies)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append(decode(request.content))
        return httpx2.Response(200, content=encode(left.pop(0)))

    return answer


def error(code: str, message: str = "no") -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def throttled(left: int, cost: int = 100, per_s: int = 50) -> dict[str, Any]:
    status = {"maximumAvailable": 1000, "currentlyAvailable": left, "restoreRate": per_s}
    return {
        **error("THROTTLED"),
        "extensions": {"cost": {"requestedQueryCost": cost, "throttleStatus": status}},
    }


def test_a_question_is_put_with_its_variables_and_answered_with_data() -> None:
    asked: list[Any] = []
    api = api_on(answering({"data": {"thing": {"name": "cup"}}}, asked=asked))
    assert ask(api, "/graphql", QUESTION, {"id": "7"}).data == {"thing": {"name": "cup"}}
    assert asked == [{"query": QUESTION, "variables": {"id": "7"}}]


@pytest.mark.parametrize(
    ("code", "question", "change"),
    [
        ("ACCESS_DENIED", Cause.DENIED, Cause.DENIED),
        ("NOT_FOUND", Cause.MISSING, Cause.MISSING),
        ("INTERNAL_SERVER_ERROR", Cause.DOWN, Cause.LOST),
        ("TIMEOUT", Cause.DOWN, Cause.LOST),
        ("BAD_REQUEST", Cause.REFUSED, Cause.REFUSED),
        ("", Cause.REFUSED, Cause.REFUSED),
    ],
)
def test_every_code_has_its_cause(code: str, question: Cause, change: Cause) -> None:
    for changes, cause in ((False, question), (True, change)):
        with pytest.raises(ChannelError) as failed:
            ask(api_on(answering({**error(code), "data": None})), "/graphql", QUESTION, changes=changes)
        assert (failed.value.cause, failed.value.code) == (cause, code)


@pytest.mark.parametrize("body", [{}, [], "x", {"data": None}, {"data": []}, None])
def test_an_answer_without_data_is_nonsense(body: Any) -> None:
    with pytest.raises(ChannelError) as failed:
        ask(api_on(answering(body)), "/graphql", QUESTION)
    assert failed.value.cause is Cause.NONSENSE


def test_a_hidden_field_is_passed_over_as_long_as_something_is_told() -> None:
    hidden = {**error("ACCESS_DENIED"), "data": {"thing": {"name": None}}}
    assert ask(api_on(answering(hidden)), "/graphql", QUESTION).data == {"thing": {"name": None}}
    for body in (
        {**hidden, "data": {"thing": None}},
        {**hidden, "errors": error("ACCESS_DENIED")["errors"] + error("X")["errors"]},
    ):
        with pytest.raises(ChannelError):
            ask(api_on(answering(body)), "/graphql", QUESTION)


def test_an_error_quotes_neither_our_words_nor_a_person() -> None:
    said = "Variable $id of Jane Doe was invalid, write to jane@example.com"
    with pytest.raises(ChannelError) as failed:
        ask(api_on(answering(error("BAD", said))), "/graphql", QUESTION, {"name": "Jane Doe"})
    assert "BAD" in str(failed.value)
    assert not any(word in str(failed.value) for word in ("Jane", "Doe", "example.com"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (throttled(left=0), 2.0),
        (throttled(left=99), 1.0),
        (throttled(left=-900), 20.0),
        (throttled(left=-99_999), 60.0),
        (throttled(left=500), 1.0),
        (error("THROTTLED"), 2.0),
        (throttled(left=0, per_s=0), 2.0),
        (error("BUSY"), None),
        ({"data": {}}, None),
        ([], None),
        (None, None),
        ({"errors": "THROTTLED"}, None),
    ],
)
def test_how_long_a_throttled_question_waits(body: Any, expected: float | None) -> None:
    assert throttled_s(body) == expected


@pytest.mark.parametrize("changes", [False, True])
def test_a_short_throttle_is_sat_out_also_by_a_change_for_it_did_not_begin(changes: bool) -> None:
    clock, permits = VirtualClock(), Pacemaker()
    api = api_on(
        answering(throttled(left=0), throttled(left=50), {"data": {"ok": 1}}), clock=clock, permits=permits
    )
    began = clock.now()
    assert ask(api, "/graphql", QUESTION, changes=changes).data == {"ok": 1}
    assert ((clock.now() - began).total_seconds(), permits.told) == (3.0, [2.0, 1.0])


def test_a_long_throttle_is_left_to_the_queue_and_the_pace_is_told() -> None:
    permits = Pacemaker()
    with pytest.raises(ChannelError) as busy:
        ask(api_on(answering(throttled(left=-900)), permits=permits), "/graphql", QUESTION)
    assert (busy.value.cause, busy.value.wait_s, permits.told) == (Cause.BUSY, 20.0, [20.0])


def test_a_throttle_that_never_ends_is_left_to_the_queue() -> None:
    with pytest.raises(ChannelError) as busy:
        ask(api_on(answering(*[throttled(left=0)] * 11)), "/graphql", QUESTION)
    assert busy.value.cause is Cause.BUSY


def page(*names: str, after: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": after is not None, "endCursor": after}
    return {"data": {"things": {"nodes": [{"name": name} for name in names], "pageInfo": info}}}


def test_pages_are_read_to_the_last() -> None:
    asked: list[Any] = []
    api = api_on(answering(page("a", "b", after="2"), page("c", after="3"), page(), asked=asked))
    found = [
        one["name"]
        for told in pages(api, "/g", "q", {"n": 1}, root="things")
        for one in nodes(told.data["things"])
    ]
    assert found == ["a", "b", "c"]
    assert [one["variables"] for one in asked] == [
        {"n": 1, "after": None},
        {"n": 1, "after": "2"},
        {"n": 1, "after": "3"},
    ]


def test_a_list_that_repeats_a_page_or_does_not_say_where_it_goes_on_is_refused() -> None:
    for bodies in ([page("a", after="1")] * 2, [page("a", after="")]):
        with pytest.raises(ChannelError) as failed:
            list(pages(api_on(answering(*bodies)), "/g", "q", {}, root="things"))
        assert failed.value.cause is Cause.NONSENSE


def test_a_list_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql, "PAGES_MAX", 3)
    bodies = [page("a", after=str(n)) for n in range(3)]
    with pytest.raises(ChannelError) as failed:
        list(pages(api_on(answering(*bodies)), "/g", "q", {}, root="things"))
    assert failed.value.cause is Cause.NONSENSE


def test_nodes_of_a_connection_a_list_or_nothing() -> None:
    assert nodes({"nodes": [{"a": 1}, None]}) == [{"a": 1}]
    assert nodes([{"a": 1}, None, 3]) == [{"a": 1}]
    assert nodes(None) == []


def test_the_errors_of_a_change_name_their_place() -> None:
    told = {
        "userErrors": [
            {"field": ["input", "rows", "3"], "message": "no", "code": "STALE"},
            {"message": "odd"},
        ]
    }
    assert user_errors(told) == [
        UserError(field=("input", "rows", "3"), code="STALE", message="no"),
        UserError(field=(), code="", message="odd"),
    ]
    assert user_errors(None) == []


def test_a_file_that_the_platform_named_is_fetched_without_our_token_and_its_address_is_never_told() -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        lines = b'{"id":1}\n\n{"id":2}\n'
        return httpx2.Response(200, headers={"content-type": "application/jsonl"}, content=lines)

    book = Notebook()
    address = "https://storage.example/file.jsonl?Signature=se%2Fcret"
    assert api_on(answer, recorder=book).get(address).json == [{"id": 1}, {"id": 2}]
    assert (str(asked[0].url), "authorization" in asked[0].headers) == (address, False)
    assert book.calls == [("GET", "(a file that the platform named)", 200)]


def test_a_file_that_is_not_there_is_missing_and_its_address_stays_untold() -> None:
    with pytest.raises(ChannelError) as missing:
        api_on(lambda _: httpx2.Response(404)).get("https://storage.example/f?Signature=secret")
    assert missing.value.cause is Cause.MISSING
    assert "secret" not in str(missing.value)
