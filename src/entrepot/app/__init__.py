"""Wiring: settings, the store, who reacts to what, the commands that people and programs give, the running
hub."""

from entrepot.app.commands import COMMANDS, perform
from entrepot.app.settings import Settings, from_environment, keyring
from entrepot.app.store import circumstances, open_inline, open_reading, open_threaded
from entrepot.app.wiring import BOOK_JOBS, CALL_JOBS, REACTIONS, Hub

__all__ = [
    "BOOK_JOBS",
    "CALL_JOBS",
    "COMMANDS",
    "REACTIONS",
    "Hub",
    "Settings",
    "circumstances",
    "from_environment",
    "keyring",
    "open_inline",
    "open_reading",
    "open_threaded",
    "perform",
]
