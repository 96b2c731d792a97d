"""Connected accounts: what is set, what flows, and whether the platform still lets us in."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot.contract import About
from entrepot.kernel import Refusal


class Flow(StrEnum):
    """Kinds of traffic, each off, observe or on."""

    ORDERS_IN = "orders_in"
    STOCK_OUT = "stock_out"


class Level(StrEnum):
    OFF = "off"
    OBSERVE = "observe"  # everything is computed and shown, nothing is written to the channel
    ON = "on"


FIRST_FLOWS: dict[Flow, Level] = {Flow.ORDERS_IN: Level.ON, Flow.STOCK_OUT: Level.OBSERVE}
"""What a new connection may do: it never overwrites the shop's stock before somebody says so."""


class State(StrEnum):
    READY = "ready"
    RECONNECT = "reconnect"  # the platform refuses our credentials: a person must act


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """`settings` holds everything an adapter needs, secrets too: never print, log or send it."""

    id: str
    platform: str
    name: str
    settings: Mapping[str, str]
    flows: Mapping[str, str]
    network_id: str
    callback_url: str
    state: State
    since: datetime
    why: str = ""

    def __repr__(self) -> str:
        return f"Connection({self.id}, {self.platform}, {self.name!r}, {self.state})"

    def flow(self, flow: Flow) -> Level:
        return Level(self.flows.get(flow, Level.OFF))


def checked(about: About, given: Mapping[str, str]) -> dict[str, str]:
    """The settings with defaults filled in; Refusal `setting_missing`, `setting_malformed` or
    `setting_unknown`."""
    known = {setting.name: setting for setting in about.settings}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Refusal(
            "setting_unknown",
            f"{about.title} has no setting {unknown[0]!r}; it has {', '.join(known)}",
            field=unknown[0],
        )
    settings: dict[str, str] = {}
    for name, setting in known.items():
        value = given.get(name, setting.default).strip()
        if not value and not setting.filled_by_hub:
            raise Refusal(
                "setting_missing", f"{about.title} needs {setting.label}. {setting.help}", field=name
            )
        if value and not re.fullmatch(setting.pattern, value):
            shown = "that value" if setting.secret else repr(value)
            raise Refusal(
                "setting_malformed", f"{shown} cannot be {setting.label}. {setting.help}", field=name
            )
        settings[name] = value
    return settings
