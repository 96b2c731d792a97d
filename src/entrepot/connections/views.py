"""Connections as screens and programs show them: what flows, what is wrong, what was read when, whose
locations are whose. Nothing that is sealed is opened, and no secret is in what they return."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, select, true

from entrepot.connections.model import State
from entrepot.db import Tx, tables
from entrepot.db.paging import plain_text

_connection, _problem, _watermark = tables.connection, tables.account_problem, tables.watermark
_external, _location = tables.external_location, tables.location
_member = tables.network_location


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be mended at an account. `source`: who found it (probe, answers, renewal)."""

    source: str
    words: str
    since: datetime


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """A reading that was done to the end. `reached`: in the channel's own clock, everything before is
    here."""

    kind: str
    reached: datetime
    done_at: datetime


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A location of the channel; `location` is ours, '' while nobody has said which."""

    external_id: str
    name: str
    location: str


class ConnectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One connection. `settings` are the ones that are no secrets, `draws_on` the locations it sells from in
    the order in which they are asked. `problems` none of which makes the hub ill, the oldest first."""

    id: str
    name: str
    platform: str
    state: State
    why: str
    flows: dict[str, str]
    settings: dict[str, str]
    account: str
    facts: dict[str, str]
    callback_url: str
    since: datetime
    created_at: datetime
    draws_on: tuple[str, ...]
    problems: tuple[ProblemView, ...]
    readings: tuple[ReadingView, ...]
    places: tuple[PlaceView, ...]


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """Every connection, by name: there are as many as a merchant has accounts."""

    rows: tuple[ConnectionView, ...]


def connections(tx: Tx) -> list[ConnectionView]:
    """Every connection, by name."""
    return _views(tx, true())


def connection(tx: Tx, name: str) -> ConnectionView | None:
    """One connection by its name; None if there is none."""
    return next(iter(_views(tx, _connection.c.name == plain_text(name, "connection"))), None)


def _views(tx: Tx, mine: ColumnElement[bool]) -> list[ConnectionView]:
    columns = [column for column in _connection.c if column.name != "sealed"]
    rows = tx.rows(select(*columns).where(mine).order_by(_connection.c.name))
    ids = [row.id for row in rows]
    problems, readings, places = _problems(tx, ids), _readings(tx, ids), _places(tx, ids)
    networks = _networks(tx, {row.network_id for row in rows})
    names = set(ConnectionView.__struct_fields__) - {"state", "draws_on", "problems", "readings", "places"}
    return [
        ConnectionView(
            **{name: getattr(row, name) for name in names},
            state=State(row.state),
            draws_on=tuple(networks[row.network_id]),
            problems=tuple(problems[row.id]),
            readings=tuple(readings[row.id]),
            places=tuple(places[row.id]),
        )
        for row in rows
    ]


def _problems(tx: Tx, ids: Iterable[str]) -> dict[str, list[ProblemView]]:
    found: dict[str, list[ProblemView]] = defaultdict(list)
    mine = select(_problem).where(_problem.c.connection_id.in_(ids))
    for row in tx.rows(mine.order_by(_problem.c.since, _problem.c.words)):
        found[row.connection_id].append(ProblemView(source=row.source, words=row.words, since=row.since))
    return found


def _readings(tx: Tx, ids: Iterable[str]) -> dict[str, list[ReadingView]]:
    found: dict[str, list[ReadingView]] = defaultdict(list)
    for row in tx.rows(
        select(_watermark).where(_watermark.c.connection_id.in_(ids)).order_by(_watermark.c.kind)
    ):
        found[row.connection_id].append(ReadingView(kind=row.kind, reached=row.reached, done_at=row.done_at))
    return found


def _places(tx: Tx, ids: Iterable[str]) -> dict[str, list[PlaceView]]:
    found: dict[str, list[PlaceView]] = defaultdict(list)
    statement = (
        select(_external, _location.c.code)
        .outerjoin(_location, _location.c.id == _external.c.location_id)
        .where(_external.c.connection_id.in_(ids))
        .order_by(_external.c.name, _external.c.external_id)
    )
    for row in tx.rows(statement):
        place = PlaceView(external_id=row.external_id, name=row.name, location=row.code or "")
        found[row.connection_id].append(place)
    return found


def _networks(tx: Tx, ids: Iterable[str]) -> dict[str, list[str]]:
    """network id → codes of its locations, in the order in which they are asked."""
    found: dict[str, list[str]] = defaultdict(list)
    statement: Any = (
        select(_member.c.network_id, _location.c.code)
        .join(_location, _location.c.id == _member.c.location_id)
        .where(_member.c.network_id.in_(ids))
        .order_by(_member.c.network_id, _member.c.rank)
    )
    for row in tx.rows(statement):
        found[row.network_id].append(row.code)
    return found
