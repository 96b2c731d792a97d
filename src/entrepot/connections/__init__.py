"""Connected accounts: settings, flows, sealed secrets, permits, state."""

from entrepot.connections.connect import (
    change_settings,
    check_name,
    connect,
    keep_settings,
    let_in,
    named,
    set_flow,
    shut_out,
)
from entrepot.connections.consent import ask_consent, keep_grant, take_consent
from entrepot.connections.look import see_account, see_problems
from entrepot.connections.model import OWN, Connection, Flow, Level, State, needed
from entrepot.connections.permits import LocalPermits
from entrepot.connections.rows import (
    connection,
    connections,
    locations,
    map_location,
    problems,
    reseal,
    see_locations,
    set_watermark,
    watermarks,
)
from entrepot.connections.seller import ALWAYS, Reserve, add_seller, seller
from entrepot.connections.tokens import Tokens

__all__ = [
    "ALWAYS",
    "OWN",
    "Connection",
    "Flow",
    "Level",
    "LocalPermits",
    "Reserve",
    "State",
    "Tokens",
    "add_seller",
    "ask_consent",
    "change_settings",
    "check_name",
    "connect",
    "connection",
    "connections",
    "keep_grant",
    "keep_settings",
    "let_in",
    "locations",
    "map_location",
    "named",
    "needed",
    "problems",
    "reseal",
    "see_account",
    "see_locations",
    "see_problems",
    "seller",
    "set_flow",
    "set_watermark",
    "shut_out",
    "take_consent",
    "watermarks",
]
