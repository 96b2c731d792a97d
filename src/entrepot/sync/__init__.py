"""The engine that talks to channels: door, pull, offer, push, readings and their timetable, workers."""

from entrepot.sync.believed import Slot, believed, contradicted, in_sync
from entrepot.sync.call import Call, Handler, fetch_job
from entrepot.sync.door import receive
from entrepot.sync.forgetting import FORGET, Search, forget_letters, search_job
from entrepot.sync.offer import offer, offer_connection, offer_items
from entrepot.sync.probe import probe
from entrepot.sync.push import push_stock
from entrepot.sync.read import (
    after_orders,
    fetch_order,
    keep_hooks,
    read_listings,
    read_locations,
    read_stock,
    sweep_orders,
)
from entrepot.sync.timetable import EVERY_S, due, enqueue_due, look_again, next_at
from entrepot.sync.worker import BookWorker, CallWorker

__all__ = [
    "EVERY_S",
    "FORGET",
    "BookWorker",
    "Call",
    "CallWorker",
    "Handler",
    "Search",
    "Slot",
    "after_orders",
    "believed",
    "contradicted",
    "due",
    "enqueue_due",
    "fetch_job",
    "fetch_order",
    "forget_letters",
    "in_sync",
    "keep_hooks",
    "look_again",
    "next_at",
    "offer",
    "offer_connection",
    "offer_items",
    "probe",
    "push_stock",
    "read_listings",
    "read_locations",
    "read_stock",
    "receive",
    "search_job",
    "sweep_orders",
]
