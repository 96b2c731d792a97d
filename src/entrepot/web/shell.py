"""The frame around every screen: the ways between screens, with the permission and the key of each."""

import msgspec

from entrepot.access import Permission, Who

THEME_COOKIE = "entrepot_theme"
THEMES = ("light", "dark")
NOTICE_COOKIE = "entrepot_notice"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Said once, on the screen that follows a change."""

    tone: str
    said: str


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way to a screen. `key`: pressed after g; `first`: it has a place in the bar of a phone."""

    path: str
    name: str
    icon: str
    key: str
    needs: Permission
    first: bool = True
    here: bool = False
    second: bool = False


WAYS = (
    Way(path="/", name="Today", icon="today", key="t", needs=Permission.STATUS_READ),
    Way(path="/orders", name="Orders", icon="orders", key="o", needs=Permission.ORDERS_READ),
    Way(path="/stock", name="Stock", icon="stock", key="s", needs=Permission.STOCK_READ),
    Way(path="/exceptions", name="Exceptions", icon="exceptions", key="e", needs=Permission.ORDERS_READ),
    Way(path="/channels", name="Channels", icon="channels", key="c", needs=Permission.CHANNELS_READ),
    Way(path="/locations", name="Locations", icon="locations", key="l", needs=Permission.STOCK_READ,
        first=False),
    Way(path="/people", name="People and tokens", icon="people", key="p", needs=Permission.ACCESS_READ,
        first=False, second=True),
    Way(path="/design", name="Design", icon="design", key="d", needs=Permission.ACCESS_WRITE, first=False,
        second=True),
)  # fmt: skip


def ways(who: Who, path: str) -> list[Way]:
    """The ways that are open to somebody; the one they are on is marked."""
    return [
        msgspec.structs.replace(way, here=_leads_to(way.path, path)) for way in WAYS if who.may(way.needs)
    ]


BESIDE = {"/letters": "/exceptions", "/platforms": "/channels", "/skus": "/stock"}
"""Screens that belong to a way although their address is another."""


def _leads_to(way: str, path: str) -> bool:
    if BESIDE.get(f"/{path[1:].partition('/')[0]}") == way:
        return True
    return path == way or (way != "/" and path.startswith(f"{way}/"))
