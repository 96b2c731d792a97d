"""Wiring: settings, the store, who reacts to what, the commands that people and programs give, the running
hub."""

from entrepot.app.callers import LOGIN_HEADER, Callers
from entrepot.app.commands import COMMANDS, command_of, perform
from entrepot.app.consent import come_back
from entrepot.app.keys import keyring
from entrepot.app.once import Once, performing_once
from entrepot.app.settings import Settings, from_environment
from entrepot.app.store import circumstances, open_for_hub, open_inline, open_reading
from entrepot.app.wiring import BOOK_JOBS, CALL_JOBS, REACTIONS, Hub

__all__ = [
    "BOOK_JOBS",
    "CALL_JOBS",
    "COMMANDS",
    "LOGIN_HEADER",
    "REACTIONS",
    "Callers",
    "Hub",
    "Once",
    "Settings",
    "circumstances",
    "come_back",
    "command_of",
    "from_environment",
    "keyring",
    "open_for_hub",
    "open_inline",
    "open_reading",
    "perform",
    "performing_once",
]
