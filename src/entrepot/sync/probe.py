"""A look at an account, once a day and when its settings change: whose it is, and what stands in the way."""

from entrepot import connections
from entrepot.db import Tx
from entrepot.sync.call import Call


def probe(call: Call) -> None:
    """Keeps what the adapter's probe found out; problems that are gone are forgotten."""
    found = call.channel.probe(call.api)

    def finish(tx: Tx) -> None:
        connections.see_account(tx, call.connection.id, found)
        connections.set_watermark(tx, call.connection.id, "probe", tx.now)
        if found.facts:
            connections.let_in(tx, call.connection.id)
        call.done(tx)

    call.store.run(finish, source="probe")
