"""Addresses of calls: a platform's base address out of settings, paths and queries that lead nowhere else."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import httpx2

from entrepot.contract import About
from entrepot.kernel import Refusal


def base_url(about: About, settings: Mapping[str, str]) -> str:
    """The address that all paths are appended to; Refusal where the settings make none."""
    try:
        base = about.base_url.format_map(settings).rstrip("/")
        parts = httpx2.URL(base)
    except KeyError as error:
        name = str(error.args[0])
        raise Refusal("setting_missing", f"the connection has no {name}", field=name) from None
    except httpx2.InvalidURL:
        raise Refusal("setting_malformed", "the settings give no address that can be called") from None
    if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo:
        raise Refusal("setting_malformed", "the address must begin with https:// and hold no password")
    return base


def safe_path(path: str) -> str:
    """`path` percent-encoded; Refusal `path_malformed` where an id in it would lead somewhere else."""
    if any(part in {".", ".."} for part in unquote(path).split("/")) or set("?#\\") & set(path):
        raise Refusal("path_malformed", "an id in the path of a call holds a sign that would change the path")
    return quote(path.lstrip("/"), safe="/%:@!$&'()*+,;=~")


def pairs(params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Query parameters as text, in their order; those that are None are left out."""
    listed = {name: value if isinstance(value, list | tuple) else [value] for name, value in params.items()}
    return tuple(
        (name, _spelled(value)) for name, values in listed.items() for value in values if value is not None
    )


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
