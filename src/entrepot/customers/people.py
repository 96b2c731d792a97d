"""People, each sealed under a key of their own. Nothing outside this room holds a name or a street.

Beside the sealed row stand two keyed digests, of the channel's own name for the buyer and of the mail
address: with them all that is held of one buyer is found without opening anybody else's.
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

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

    @property
    def addresses(self) -> list[tuple[str, AddressSeen]]:
        """Those that are known, with what each is for."""
        both = (("ship_to", self.ship_to), ("bill_to", self.bill_to))
        return [(kind, address) for kind, address in both if address is not None]


NOBODY = CustomerSeen()

CHANGES = ("sealed", "buyer", "mail")
"""What a later word of a person changes in their row."""

BUYERS = "buyers"
"""The name of the key of the digests that buyers are found by."""


def keep(tx: Tx, connection_id: str, people: Sequence[Person]) -> list[str]:
    """Seals people; their ids in order. One with an id is written anew under the same key; a person whose key
    was forgotten stays forgotten."""
    if not people:
        return []
    ids = [person.id or tx.ids.new() for person in people]
    old = [person.id for person in people if person.id]
    known = keys.find(tx, [*(key_of(id) for id in old), BUYERS])
    tally = known.get(BUYERS) or keys.make(tx, [BUYERS])[BUYERS]
    fresh = keys.make(tx, [key_of(id) for id, person in zip(ids, people, strict=True) if not person.id])
    sealing = known | fresh
    kept = [(id, person) for id, person in zip(ids, people, strict=True) if key_of(id) in sealing]
    for some in chunks(old):
        tx.run(delete(tables.address).where(tables.address.c.person_id.in_(some)))
    marks = {id: marks_of(tally, connection_id, person.customer) for id, person in kept}
    _write(tx, connection_id, kept, sealing=sealing, marks=marks, new=frozenset(fresh))
    return ids


def show(tx: Tx, id: str) -> Person:
    """A person, opened; Refusal `person_forgotten` if the key is gone, `person_unknown`."""
    row = tx.row(select(tables.person).where(tables.person.c.id == id))
    if row is None:
        raise Refusal("person_unknown", f"there is no person {id}")
    key = keys.find(tx, [key_of(id)]).get(key_of(id))
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


def key_of(id: str) -> str:
    """The name of a person's key."""
    return f"person:{id}"


def marks_of(tally: bytes, connection_id: str, customer: CustomerSeen) -> dict[str, str]:
    """What a buyer is found by: keyed digests, '' of what is not known of them."""
    mail = folded(customer.email)
    return {
        "buyer": mark(tally, f"buyer:{connection_id}:{customer.external_id}") if customer.external_id else "",
        "mail": mark(tally, f"mail:{mail}") if mail else "",
    }


def mark(tally: bytes, text: str) -> str:
    """A digest that says nothing to who has not the key."""
    return hmac.new(tally, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:32]


def folded(text: str) -> str:
    """A text as it is compared: without the difference of case and of blanks."""
    return " ".join(text.split()).casefold()


def _write(
    tx: Tx,
    connection_id: str,
    people: Sequence[tuple[str, Person]],
    *,
    sealing: Mapping[str, bytes],
    marks: Mapping[str, Mapping[str, str]],
    new: frozenset[str],
) -> None:
    def seal(id: str, value: msgspec.Struct, where: str) -> bytes:
        return tx.keyring.seal_under(sealing[key_of(id)], msgspec.json.encode(value), where)

    changes = {
        id: {"sealed": seal(id, person.customer, f"person:{id}"), **marks[id]} for id, person in people
    }
    fresh = {id: values for id, values in changes.items() if key_of(id) in new}
    made = {"connection_id": connection_id, "created_at": tx.now}
    tx.write(insert(tables.person), [{"id": id, **made, **values} for id, values in fresh.items()])
    tx.write(
        update(tables.person)
        .where(tables.person.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in CHANGES}),
        [
            {"this": id} | {f"new_{name}": values[name] for name in CHANGES}
            for id, values in changes.items()
            if id not in fresh
        ],
    )
    addresses = [
        {"person_id": id, "kind": kind, "sealed": seal(id, address, f"address:{id}:{kind}")}
        for id, person in people
        for kind, address in person.addresses
    ]
    tx.write(insert(tables.address), addresses)
