"""The pure parts of screens: masks, courses, words, forms, addresses."""

from datetime import UTC, datetime, timedelta

import pytest
from litestar.exceptions import ClientException

from entrepot.kernel import Refusal
from entrepot.sync.history import Entry
from entrepot.web import words
from entrepot.web.chart import steps
from entrepot.web.delays import median
from entrepot.web.desk import local
from entrepot.web.form import decoded
from entrepot.web.mask import masked, whole
from entrepot.web.past import moment
from entrepot.web.saved import plain
from entrepot.web.story import told

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"billing":{"first_name":"Ada","city":""}}', '{"billing": {"first_name": "•••","city": ""}}'),
        ('{"name":"A mug","email":"a@b.c"}', '{"name": "A mug","email": "•••"}'),
        (
            '{"customer":{"id":7,"orders":[{"name":"x"}]}}',
            '{"customer": {"id": 7,"orders": [{"name": "•••"}]}}',
        ),
        (
            '{"total":10.10,"big":12345678901234567890.123}',
            '{"total": 10.10,"big": 12345678901234567890.123}',
        ),
        ("not json at all, a@b.c", "•••"),
        ("[]", "[]"),
    ],
)
def test_what_names_people_is_masked_and_figures_stay(body: str, shown: str) -> None:
    lines = masked(body)[0].split("\n")
    assert "".join(line.strip() for line in lines) == shown


def test_a_delivery_is_spread_with_every_figure_as_it_came() -> None:
    assert whole('{"total":10.10}') == '{\n  "total": 10.10\n}'
    assert whole("{oops") == "{oops"


def test_a_course_is_drawn_in_steps_to_scale() -> None:
    hour = NINE + timedelta(hours=1)
    course = ((NINE, 10), (NINE + timedelta(minutes=15), 7), (NINE + timedelta(minutes=30), 0))
    drawn = steps(course, since=NINE, until=hour, at=NINE + timedelta(minutes=45))
    assert drawn is not None
    assert [drawn.line, drawn.at, drawn.most, drawn.least] == [
        "M0 4 H250 V32 H500 V96 H1000", 750, 10, 0,
    ]  # fmt: skip
    assert drawn.area == "M0 4 H250 V32 H500 V96 H1000 V96 H0 Z"
    assert steps(course[:1], since=NINE, until=hour, at=None) is None


FROM_SHELF, TO_SHELF = "3 from main shelf to main promised", "5 from supplier to main shelf"
TOLD = [
    ("move", FROM_SHELF, "order:o1:2", {}, [f"Moved {FROM_SHELF}", "", "o1"]),
    ("move", TO_SHELF, "receipt:r7", {}, [f"Moved {TO_SHELF}", "received r7", ""]),
    ("figure", "wanted 9", "", {}, ["web 11 wants to show 9", "", ""]),
    ("figure", "acknowledged 9", "", {}, ["web 11 has acknowledged 9", "", ""]),
    ("event", "LineShort", "", {"order": "o1"}, ["A line is short", "", "o1"]),
    ("event", "SomethingNewHappened", "", {}, ["Something new happened", "", ""]),
]


@pytest.mark.parametrize(("kind", "what", "cause", "body", "said"), TOLD)
def test_an_entry_is_told_in_words(
    kind: str, what: str, cause: str, body: dict[str, str], said: list[str]
) -> None:
    entry = Entry(
        id="1", at=NINE, kind=kind, what=what, about="web 11", cause=cause, actor="user:u1", body=body
    )
    one = told(entry, {"user:u1": "Ann"})
    assert [one.what, one.about, one.order_id] == said
    assert one.by == "Ann"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-02T09:00:00Z", NINE),
        ("2026-03-02T11:00+02:00", NINE),
        (" 2026-03-02 09:00 ", NINE),
        ("2026-03-02", NINE.replace(hour=0)),
        ("", None),
        ("noon", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2999-01-01", None),
    ],
)
def test_a_moment_of_an_address(text: str, found: datetime | None) -> None:
    assert moment(text) == found


def test_a_form_keeps_what_was_typed_beside_what_is_wrong() -> None:
    form = decoded(b"sku=A%20%C3%A4&chosen=1&chosen=2&setting.key=k&note=a%0D%0Ab&empty=")
    assert [form.one("sku"), form.every("chosen"), form.one("note"), form.one("none", "x")] == [
        "A ä", ["1", "2"], "a\nb", "x",
    ]  # fmt: skip
    assert form.group("setting") == {"key": "k"}
    refused = form.refused(Refusal("x", "it is wrong", field="sku", remedy="Mend it."))
    assert [dict(refused.errors), refused.one("sku")] == [{"sku": "It is wrong. Mend it."}, "A ä"]
    assert dict(form.refused(Refusal("x", "no such thing", field="elsewhere")).errors) == {
        "": "No such thing."
    }


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=1", b"&".join(b"a=1" for _ in range(6_000))])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ClientException):
        decoded(body)


def test_a_saved_view_keeps_filters_and_nothing_else() -> None:
    names = frozenset({"q", "channel"})
    assert plain("q=a+b&after=xyz&channel=&evil=%3Cscript%3E&channel=till", names) == "channel=till&q=a+b"


def test_only_addresses_of_our_own_are_gone_back_to() -> None:
    given = {
        "/orders?q=1": "/orders?q=1",
        "//evil": "/",
        "/\\evil": "/",
        "https://evil": "/",
        "": "/",
        "/a\r\nb": "/",
    }
    assert {text: local(text) for text in given} == given


def test_times_and_counts_in_words() -> None:
    assert [words.milliseconds(ms) for ms in (None, 0, 340, 1200, 61_000)] == [
        "–",
        "0 ms",
        "340 ms",
        "1.2 s",
        "1 min",
    ]
    assert [words.counted_up_to(n, 100) for n in (0, 99, 100)] == ["0", "99", "99+"]
    assert [median([]), median([0.3, 0.1, 0.2])] == [None, 200]
