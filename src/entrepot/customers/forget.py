"""Forgetting a buyer: the keys that their rows are sealed under are deleted, the rows emptied but kept.

An emptied row is what remembers that somebody was forgotten: the order points to it, and whatever its channel
says of that order later is kept without people.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec
from sqlalchemy import delete, func, or_, select, update

from entrepot.customers.people import BUYERS, Person, folded, key_of, mark, show
from entrepot.db import Tx, chunks, keys, tables
from entrepot.kernel import Refusal

SHORTEST = 6
"""Letters of a text that can tell somebody from others."""


def alike(tx: Tx, id: str) -> list[str]:
    """Every person that is the same buyer: by the channel's own name for them, or by their mail address on
    any channel; `id` among them. Refusal `person_unknown`."""
    table = tables.person
    row = tx.row(select(table.c.buyer, table.c.mail).where(table.c.id == id))
    if row is None:
        raise Refusal("person_unknown", f"there is no person {id}", field="person")
    same = [table.c.id == id]
    same += [
        column == value for column, value in ((table.c.buyer, row.buyer), (table.c.mail, row.mail)) if value
    ]
    return [one.id for one in tx.rows(select(table.c.id).where(or_(*same)).order_by(table.c.id))]


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """Keyed digests of what tells people from others. `sure`: mail and telephone; `likely`: names and
    streets, which others may share."""

    sure: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()


def traces(tx: Tx, ids: Sequence[str]) -> Traces:
    """What these people leave in the deliveries that name them."""
    tally = keys.find(tx, [BUYERS]).get(BUYERS)
    if tally is None:
        return Traces()
    held = keys.find(tx, [key_of(id) for id in ids])
    people = [show(tx, id) for id in ids if key_of(id) in held]
    sure = {mark(tally, text) for person in people for text in _long(_sure(person))}
    likely = {mark(tally, text) for person in people for text in _long(_likely(person))}
    return Traces(sure=tuple(sorted(sure)), likely=tuple(sorted(likely)))


def tracer(tx: Tx, found: Collection[str]) -> Callable[[Iterable[str]], bool]:
    """Says whether one of some texts leaves one of these traces."""
    tally, wanted = keys.find(tx, [BUYERS]).get(BUYERS), frozenset(found)

    def traced(texts: Iterable[str]) -> bool:
        return tally is not None and any(mark(tally, form) in wanted for form in _long(texts))

    return traced


def forget(tx: Tx, ids: Sequence[str]) -> None:
    """Makes these people unreadable for good. Twice is once."""
    keys.forget(tx, [key_of(id) for id in ids])
    for some in chunks(ids):
        tx.run(delete(tables.address).where(tables.address.c.person_id.in_(some)))
        tx.run(
            update(tables.person).where(tables.person.c.id.in_(some)).values(sealed=b"", buyer="", mail="")
        )


def forgotten(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Which of these people were forgotten."""
    table = tables.person
    gone = func.length(table.c.sealed) == 0
    return {
        row.id
        for some in chunks(ids)
        for row in tx.rows(select(table.c.id).where(table.c.id.in_(some), gone))
    }


def _sure(person: Person) -> list[str]:
    return [person.customer.email, person.customer.phone, *(one.phone for _kind, one in person.addresses)]


def _likely(person: Person) -> list[str]:
    there = [text for _kind, one in person.addresses for text in (one.name, *one.street)]
    return [person.customer.name, *there]


def _long(texts: Iterable[str]) -> set[str]:
    """The texts as they are compared, without those that are too short to tell anybody from others."""
    return {form for text in texts for form in _forms(text) if len(form) >= SHORTEST}


def _forms(text: str) -> set[str]:
    """A text as it is compared, and as a telephone number if it is one."""
    plain = folded(text)
    digits = "".join(letter for letter in plain if letter.isdigit())
    is_number = len(digits) >= SHORTEST and not any(letter.isalpha() for letter in plain)
    return {plain, f"telephone {digits[-9:]}"} if is_number else {plain}
