"""Transactions, tables, migrations, events, inbox, jobs: what every room stores itself with."""

from entrepot.db import events, inbox, jobs, keys, letters, tables
from entrepot.db.events import Event
from entrepot.db.jobs import Job
from entrepot.db.store import Circumstances, InlineStore, ReadingStore, Store, ThreadedStore
from entrepot.db.tx import Tx, chunks

__all__ = [
    "Circumstances",
    "Event",
    "InlineStore",
    "Job",
    "ReadingStore",
    "Store",
    "ThreadedStore",
    "Tx",
    "chunks",
    "events",
    "inbox",
    "jobs",
    "keys",
    "letters",
    "tables",
]
