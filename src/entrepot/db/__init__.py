"""Transactions, tables, migrations, events, inbox, jobs: what every room stores itself with."""

from entrepot.db import answers, events, inbox, jobs, keys, letters, tables
from entrepot.db.claims import ClaimLost
from entrepot.db.events import Event
from entrepot.db.jobs import Job
from entrepot.db.store import Circumstances, HubStore, InlineStore, ReadingStore, Store, ThreadedStore
from entrepot.db.tx import Tx, chunks

__all__ = [
    "Circumstances",
    "ClaimLost",
    "Event",
    "HubStore",
    "InlineStore",
    "Job",
    "ReadingStore",
    "Store",
    "ThreadedStore",
    "Tx",
    "answers",
    "chunks",
    "events",
    "inbox",
    "jobs",
    "keys",
    "letters",
    "tables",
]
