"""The only statements that write connections, their locations and watermarks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert, or_, select, update

from entrepot.connections.model import Connection, State
from entrepot.contract import LocationSeen
from entrepot.db import Tx, resealing, tables


def insert_connection(tx: Tx, connection: Connection, secret: Iterable[str]) -> None:
    tx.run(
        insert(tables.connection).values(
            id=connection.id,
            platform=connection.platform,
            name=connection.name,
            flows=dict(connection.flows),
            network_id=connection.network_id,
            callback_url=connection.callback_url,
            state=connection.state,
            why=connection.why,
            account=connection.account,
            facts={},
            since=connection.since,
            created_at=tx.now,
            **_sealed(tx, connection.id, connection.settings, frozenset(secret)),
        )
    )


def update_settings(tx: Tx, connection: Connection, secret: Iterable[str]) -> None:
    tx.run(
        update(tables.connection)
        .where(tables.connection.c.id == connection.id)
        .values(**_sealed(tx, connection.id, connection.settings, frozenset(secret)))
    )


def update_state(tx: Tx, id: str, state: State, why: str) -> bool:
    """True if the state changed."""
    table = tables.connection
    changed = tx.run(
        update(table).where(table.c.id == id, table.c.state != state).values(state=state, why=why[:500])
    )
    return changed.rowcount == 1


def update_flows(tx: Tx, id: str, flows: Mapping[str, str]) -> None:
    tx.run(update(tables.connection).where(tables.connection.c.id == id).values(flows=dict(flows)))


def locked(tx: Tx, id: str) -> Connection:
    """The connection as it is now; nobody else changes it before this transaction ends."""
    table = tables.connection
    row = tx.row(select(table).where(table.c.id == id).with_for_update())
    assert row is not None, f"there is no connection {id}"
    return _connection(tx, row)


def set_lease(tx: Tx, id: str, until: datetime | None) -> None:
    """Nobody else renews the account's token before `until`."""
    tx.run(update(tables.connection).where(tables.connection.c.id == id).values(renewing_until=until))


def claim_lease(tx: Tx, id: str, until: datetime) -> bool:
    """True if the token may be renewed here until then, False if somebody else does it."""
    table = tables.connection
    free = or_(table.c.renewing_until.is_(None), table.c.renewing_until <= tx.now)
    return tx.run(update(table).where(table.c.id == id, free).values(renewing_until=until)).rowcount == 1


def set_found(tx: Tx, id: str, account: str, facts: Mapping[str, str]) -> None:
    """Keeps what a look at the account found out."""
    tx.run(
        update(tables.connection)
        .where(tables.connection.c.id == id)
        .values(account=account, facts=dict(facts))
    )


def problems(tx: Tx, id: str, source: str) -> set[str]:
    """The problems of an account that a source has named."""
    table = tables.account_problem
    here = (table.c.connection_id == id) & (table.c.source == source)
    return {row.words for row in tx.rows(select(table.c.words).where(here))}


def change_problems(tx: Tx, id: str, source: str, *, fresh: Iterable[str], gone: Iterable[str]) -> None:
    table = tables.account_problem
    here = {"connection_id": id, "source": source}
    tx.write(insert(table), [here | {"words": words, "since": tx.now} for words in fresh])
    tx.run(
        delete(table).where(
            table.c.connection_id == id, table.c.source == source, table.c.words.in_(list(gone))
        )
    )


def keep_consent(tx: Tx, id: str, digest: str, until: datetime) -> None:
    """From now on only this digest of a state is waited for."""
    table = tables.consent
    tx.run(delete(table).where(table.c.connection_id == id))
    tx.run(insert(table).values(connection_id=id, digest=digest, until=until))


def take_consent(tx: Tx, id: str, digest: str) -> bool:
    """True, once, if this digest is waited for."""
    table = tables.consent
    mine = (table.c.connection_id == id) & (table.c.digest == digest) & (table.c.until > tx.now)
    return tx.run(delete(table).where(mine)).rowcount == 1


def connections(tx: Tx) -> list[Connection]:
    """Every connection, opened, by name."""
    return [
        _connection(tx, row) for row in tx.rows(select(tables.connection).order_by(tables.connection.c.name))
    ]


def connection(tx: Tx, *, id: str = "", name: str = "") -> Connection | None:
    table = tables.connection
    row = tx.row(select(table).where(table.c.id == id if id else table.c.name == name))
    return _connection(tx, row) if row else None


def see_locations(tx: Tx, connection_id: str, seen: Sequence[LocationSeen]) -> None:
    """Keeps the channel's locations by name; which location of ours each is, stays as it was."""
    table = tables.external_location
    statement = tx.insert(table)
    tx.write(
        statement.on_conflict_do_update(
            index_elements=[table.c.connection_id, table.c.external_id],
            set_={"name": statement.excluded.name},
        ),
        [
            {
                "connection_id": connection_id,
                "external_id": one.external_id,
                "name": one.name,
                "location_id": None,
            }
            for one in seen
        ],
    )


def map_location(tx: Tx, connection_id: str, external_id: str, location_id: str) -> bool:
    """False if the channel has no such location."""
    table = tables.external_location
    here = (table.c.connection_id == connection_id) & (table.c.external_id == external_id)
    return tx.run(update(table).where(here).values(location_id=location_id)).rowcount == 1


def locations(tx: Tx, connection_id: str) -> dict[str, str]:
    """The channel's location → ours, '' where nobody has said which."""
    table = tables.external_location
    return {
        row.external_id: row.location_id or ""
        for row in tx.rows(select(table).where(table.c.connection_id == connection_id))
    }


def watermarks(tx: Tx) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """(connection, kind) → (reached in the channel's clock, when the last whole reading ended by ours)."""
    return {
        (row.connection_id, row.kind): (row.reached, row.done_at) for row in tx.rows(select(tables.watermark))
    }


def set_watermark(tx: Tx, connection_id: str, kind: str, reached: datetime) -> None:
    table = tables.watermark
    values = {"connection_id": connection_id, "kind": kind, "reached": reached, "done_at": tx.now}
    tx.run(
        tx.insert(table)
        .values(**values)
        .on_conflict_do_update(
            index_elements=[table.c.connection_id, table.c.kind], set_={"reached": reached, "done_at": tx.now}
        )
    )


def reseal(tx: Tx, *, after: str, limit: int) -> tuple[int, str]:
    """Seals the next connections' secrets under the hub's newest key; see `db.resealing`."""
    table = tables.connection
    return resealing.reseal(
        tx, table.c.id, table.c.sealed, lambda id: f"connection:{id}", after=after, limit=limit
    )


def _sealed(tx: Tx, id: str, settings: Mapping[str, str], secret: frozenset[str]) -> dict[str, Any]:
    hidden = {name: value for name, value in settings.items() if name in secret}
    return {
        "settings": {name: value for name, value in settings.items() if name not in secret},
        "sealed": tx.keyring.seal(msgspec.json.encode(hidden), f"connection:{id}"),
    }


def _connection(tx: Tx, row: Any) -> Connection:
    hidden: dict[str, str] = msgspec.json.decode(tx.keyring.open(row.sealed, f"connection:{row.id}"))
    return Connection(
        id=row.id,
        platform=row.platform,
        name=row.name,
        settings=row.settings | hidden,
        flows=row.flows,
        network_id=row.network_id,
        callback_url=row.callback_url,
        state=State(row.state),
        since=row.since,
        why=row.why,
        account=row.account,
    )
