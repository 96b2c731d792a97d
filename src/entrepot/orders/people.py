"""Whose orders are whose, by the ids of their people; the names are the room of customers' alone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from entrepot import customers
from entrepot.db import Tx, chunks, tables
from entrepot.kernel import Refusal


def person_of(tx: Tx, connection_id: str, number: str) -> str:
    """The person of an order, by its number or the channel's id. Refusal `order_unknown`, `order_nobody`."""
    table = tables.orders
    mine = table.c.connection_id == connection_id
    for column in (table.c.external_id, table.c.number):
        row = tx.row(select(table.c.person_id).where(mine, column == number).order_by(table.c.id.desc()))
        if row is not None and not row.person_id:
            raise Refusal("order_nobody", f"order {number} names nobody", field="order")
        if row is not None:
            return str(row.person_id)
    raise Refusal("order_unknown", f"there is no order {number}", field="order")


def orders_of(tx: Tx, person_ids: Sequence[str]) -> dict[str, list[str]]:
    """connection → the channel's ids of the orders of these people."""
    table, found = tables.orders, dict[str, list[str]]()
    for some in chunks(person_ids):
        asked = select(table.c.connection_id, table.c.external_id).where(table.c.person_id.in_(some))
        for row in tx.rows(asked.order_by(table.c.id)):
            found.setdefault(row.connection_id, []).append(row.external_id)
    return found


def of_forgotten(tx: Tx, connection_id: str, external_ids: Iterable[str]) -> set[str]:
    """Which of these orders are of people who were forgotten."""
    table, people = tables.orders, dict[str, str]()
    for some in chunks(external_ids):
        here = (table.c.connection_id == connection_id) & table.c.external_id.in_(some)
        asked = select(table.c.external_id, table.c.person_id).where(here, table.c.person_id.is_not(None))
        people |= {row.external_id: row.person_id for row in tx.rows(asked)}
    gone = customers.forgotten(tx, sorted(set(people.values())))
    return {external_id for external_id, person_id in people.items() if person_id in gone}
