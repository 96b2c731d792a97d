"""Connected accounts: settings, flows, sealed secrets, permits, state."""

from entrepot.connections.connect import check_name, connect, keep_settings, let_in, named, set_flow, shut_out
from entrepot.connections.model import Connection, Flow, Level, State
from entrepot.connections.permits import LocalPermits
from entrepot.connections.rows import (
    connection,
    connections,
    locations,
    map_location,
    see_locations,
    set_watermark,
    watermarks,
)

__all__ = [
    "Connection",
    "Flow",
    "Level",
    "LocalPermits",
    "State",
    "check_name",
    "connect",
    "connection",
    "connections",
    "keep_settings",
    "let_in",
    "locations",
    "map_location",
    "named",
    "see_locations",
    "set_flow",
    "set_watermark",
    "shut_out",
    "watermarks",
]
