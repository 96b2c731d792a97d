"""Connected accounts: what is set, what flows, and whether the platform still lets us in."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot.contract import About, Setting
from entrepot.kernel import Refusal

OWN = "own"
"""The platform of sellers inside the hub (field sales, B2B, programs): nobody is called, nobody calls."""


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
    WAITING = "waiting"  # a person must consent at the platform first
    RECONNECT = "reconnect"  # the platform refuses our credentials: a person must act


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """`settings` holds everything an adapter needs, secrets too: never print, log or send it. `account` is
    whose it is, in the platform's own words, '' before the first look."""

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
    account: str = ""

    def __repr__(self) -> str:
        return f"Connection({self.id}, {self.platform}, {self.name!r}, {self.state})"

    @property
    def calls(self) -> bool:
        """Whether a platform stands behind it that is called and calls us."""
        return self.platform != OWN

    def flow(self, flow: Flow) -> Level:
        return Level(self.flows.get(flow, Level.OFF))

    @property
    def consent_url(self) -> str:
        """Where a person comes back to from the platform's page of consent."""
        return f"{self.callback_url.removesuffix(f'/hooks/{self.name}')}/connect/{self.name}"


def needed(about: About, given: Collection[str], *, consent: bool = False) -> list[Setting]:
    """The settings that a person must give to connect in the way that is chosen.

    Ways are: a token; `consent`, with an application's id and secret; or, where the platform grants tokens to
    an application of our own, these two alone.
    """
    flow = about.oauth
    by_app = flow is not None and (consent or (flow.client_credentials and "token" not in given))
    return [one for one in about.settings if _needed(one, about, by_app=by_app)]


def _needed(one: Setting, about: About, *, by_app: bool) -> bool:
    if one.filled_by_hub or one.default:
        return False
    if one.name == "token" and about.oauth is not None:
        return not by_app
    return by_app if one.optional else True


def checked(about: About, given: Mapping[str, str], *, consent: bool = False) -> dict[str, str]:
    """The settings with defaults filled in; Refusal `setting_missing`, `setting_malformed`, `setting_unknown`
    or, where the platform has no page of consent, `consent_unsupported`."""
    if consent and about.oauth is None:
        raise Refusal("consent_unsupported", f"{about.title} has no page of consent: give its settings")
    asked_for = {one.name for one in needed(about, [n for n in given if given[n].strip()], consent=consent)}
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
        if not value and (name in asked_for or setting.default):
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
