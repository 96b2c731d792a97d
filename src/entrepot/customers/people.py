"""People, each sealed under a key of their own. Nothing outside this room holds a name or a street."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from entrepot.contract import AddressSeen, CustomerSeen
from entrepot.db import Tx, chunks, keys, tables
from entrepot.kernel import Refusal
from entrepot.kernel.seal import open_under


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer as one order names them. `id` '' for one not yet kept."""

    customer: CustomerSeen
    ship_to: AddressSeen | None = None
    bill_to: AddressSeen | None = None
    id: str = ""


NOBODY = CustomerSeen()


def keep(tx: Tx, connection_id: str, people: Sequence[Person]) -> list[str]:
    """Seals people; their ids in order. One with an id is written anew under the same key; a person whose key
    was forgotten stays forgotten."""
    ids = [person.id or tx.ids.new() for person in people]
    old = [person.id for person in people if person.id]
    known = keys.find(tx, [_key(id) for id in old])
    fresh = keys.make(tx, [_key(id) for id, person in zip(ids, people, strict=True) if not person.id])
    sealing = known | fresh
    kept = [(id, person) for id, person in zip(ids, people, strict=True) if _key(id) in sealing]
    for some in chunks(old):
        tx.run(delete(tables.address).where(tables.address.c.person_id.in_(some)))
    _write(tx, connection_id, kept, sealing, new=frozenset(fresh))
    return ids


def show(tx: Tx, id: str) -> Person:
    """A person, opened; Refusal `person_forgotten` if the key is gone, `person_unknown`."""
    row = tx.row(select(tables.person).where(tables.person.c.id == id))
    if row is None:
        raise Refusal("person_unknown", f"there is no person {id}")
    key = keys.find(tx, [_key(id)]).get(_key(id))
    if key is None:
        raise Refusal("person_forgotten", f"person {id} was forgotten")
    addresses = {
        one.kind: msgspec.json.decode(
            open_under(key, one.sealed, f"address:{id}:{one.kind}"), type=AddressSeen
        )
        for one in tx.rows(select(tables.address).where(tables.address.c.person_id == id))
    }
    customer = msgspec.json.decode(open_under(key, row.sealed, f"person:{id}"), type=CustomerSeen)
    return Person(
        id=id, customer=customer, ship_to=addresses.get("ship_to"), bill_to=addresses.get("bill_to")
    )


def _key(id: str) -> str:
    return f"person:{id}"


def _write(
    tx: Tx,
    connection_id: str,
    people: Sequence[tuple[str, Person]],
    sealing: Mapping[str, bytes],
    *,
    new: frozenset[str],
) -> None:
    persons: list[dict[str, Any]] = []
    addresses: list[dict[str, Any]] = []
    for id, person in people:
        key = sealing[_key(id)]

        def seal(value: msgspec.Struct, where: str, key: bytes = key) -> bytes:
            return tx.keyring.seal_under(key, msgspec.json.encode(value), where)

        persons.append(
            {
                "id": id,
                "connection_id": connection_id,
                "external_id": "",
                "sealed": seal(person.customer, f"person:{id}"),
                "created_at": tx.now,
            }
        )
        addresses.extend(
            {"person_id": id, "kind": kind, "sealed": seal(address, f"address:{id}:{kind}")}
            for kind, address in (("ship_to", person.ship_to), ("bill_to", person.bill_to))
            if address is not None
        )
    tx.write(insert(tables.person), [row for row in persons if _key(row["id"]) in new])
    tx.write(
        update(tables.person).where(tables.person.c.id == bindparam("this")).values(sealed=bindparam("new")),
        [{"this": row["id"], "new": row["sealed"]} for row in persons if _key(row["id"]) not in new],
    )
    tx.write(insert(tables.address), addresses)
