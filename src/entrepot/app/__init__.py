"""Wiring: settings, the store, who reacts to what, the commands that people and programs give, the running
hub."""

from entrepot.app.commands import COMMANDS, perform
from entrepot.app.consent import come_back
from entrepot.app.settings import Settings, from_environment, keyring
from entrepot.app.store import circumstances, open_for_hub, open_inline, open_reading
from entrepot.app.wiring import BOOK_JOBS, CALL_JOBS, REACTIONS, Hub

__all__ = [
    "BOOK_JOBS",
    "CALL_JOBS",
    "COMMANDS",
    "REACTIONS",
    "Hub",
    "Settings",
    "circumstances",
    "come_back",
    "from_environment",
    "keyring",
    "open_for_hub",
    "open_inline",
    "open_reading",
    "perform",
]
