"""The platforms: one folder each, found by walking this one, and more from outside by entry point."""

import re
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pkgutil import iter_modules

from entrepot.contract import Channel
from entrepot.kernel import Refusal

ENTRY_POINTS = "entrepot.channels"
"""The group in which an outside package names its adapter: `name = "package.channel"`."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def names() -> list[str]:
    """Every platform there is an adapter for, ours and those of installed packages, sorted."""
    ours = [folder.name for folder in iter_modules(__path__) if folder.ispkg and _has_channel(folder.name)]
    return sorted({*ours, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def walk() -> dict[str, Channel]:
    """Every adapter by the name of its platform. Imports them all."""
    return {name: load(name) for name in names()}


def load(name: str) -> Channel:
    """One adapter; ours wins over an outside one so named. Refusal `platform_unknown` if there is none."""
    if _NAME.fullmatch(name) and _has_channel(name):
        return import_module(f"{__name__}.{name}.channel")
    for point in entry_points(group=ENTRY_POINTS, name=name):
        module: Channel = point.load()
        return module
    raise Refusal(
        "platform_unknown", f"there is no adapter for {name!r}", remedy="`entrepot channels list` names them"
    )


def _has_channel(name: str) -> bool:
    return bool(find_spec(f"{__name__}.{name}")) and bool(find_spec(f"{__name__}.{name}.channel"))
