"""`entrepot channels`: the platforms there are adapters for, and which promises of the contract each of
them keeps."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer
from structlog.testing import capture_logs

from entrepot import channels as platforms
from entrepot.cli.showing import Json, emit, table
from entrepot.contract import CAPABILITIES, About, Channel
from entrepot.kernel import Refusal

if TYPE_CHECKING:
    from entrepot.sandbox.conformance import Promise, Report

SIGNS = {"kept": "✓", "broken": "✗", "excused": "–"}

channels = typer.Typer(no_args_is_help=True, help="The platforms that the hub can talk to.")

Platform = Annotated[str, typer.Argument(metavar="PLATFORM", help="As `entrepot channels list` names it.")]
All = Annotated[bool, typer.Option("--all", help="Every platform there is an adapter for.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="PROMISE", help="These promises alone, by their names.")
]


@channels.command("list")
def list_channels(*, json: Json = False) -> None:
    """Every platform there is an adapter for, how far it goes, what it can do and what it lacks."""
    found = [_platform(platforms.load(name)) for name in platforms.names()]
    if json:
        emit({"platforms": found})
        return
    table("", ["platform", "title", "API", "tier", "does", "needs"],
          [[one["name"], one["title"], one["api_version"], one["tier"],
            f"{len(one['does'])} of {len(CAPABILITIES)}", ", ".join(one["settings"])]
           for one in found])  # fmt: skip


@channels.command("check")
def check_channels(
    platform: Platform = "", *, every: All = False, only: Only = None, json: Json = False
) -> None:
    """Tries every promise of the adapter contract on a platform's adapter, against the emulated platform.

    Each is kept, broken (with what was expected and what came) or excused (with the reason). Exit 0 only if
    none is broken. Tiers: orders; orders and stock; whole, which is everything that the contract knows.
    """
    from entrepot.sandbox.conformance import check

    if bool(platform) is every:
        raise Refusal(
            "platform", "name a platform, or say --all", remedy="`entrepot channels list` names them"
        )
    promises = _promises(only or [])
    names = platforms.names() if every else [platform]
    with capture_logs():  # the calls that are made to fail are no news
        reports = [check(platforms.load(name), promises) for name in names]
    if json:
        emit({"platforms": [_told(one) for one in reports]})
    else:
        for one in reports:
            _show(one)
    if any(_sorted(one)["broken"] for one in reports):
        raise typer.Exit(1)


def _promises(names: list[str]) -> "list[Promise]":
    """The promises so named, all of them if none is; Refusal `promise_unknown`."""
    from entrepot.sandbox.conformance import PROMISES

    known = {one.name: one for one in PROMISES}
    for name in names:
        if name not in known:
            near = ", ".join(get_close_matches(name, known)) or "`entrepot channels check` prints them"
            raise Refusal("promise_unknown", f"there is no promise {name!r}", remedy=near, field="only")
    return [known[name] for name in names] or list(PROMISES)


def _show(report: "Report") -> None:
    """A platform's promises for people."""
    counts = ", ".join(f"{len(promises)} {verdict}" for verdict, promises in _sorted(report).items())
    table(f"{report.name} ({report.tier}): {counts}", ["", "promise", "what is promised"],
          [[SIGNS[one.verdict], one.promise, f"{one.sentence}.{_why(one.why)}"]
           for one in report.outcomes])  # fmt: skip


def _why(why: str) -> str:
    return f"\n→ {why}" if why else ""


def _told(report: "Report") -> dict[str, Any]:
    """The lists of the JSON answer: each promise with its sentence, broken and excused ones with why."""
    return {"name": report.name, "tier": report.tier, **_sorted(report)}


def _sorted(report: "Report") -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {verdict: [] for verdict in SIGNS}
    for one in report.outcomes:
        why = {"why": one.why} if one.why else {}
        found[one.verdict].append({"promise": one.promise, "sentence": one.sentence, **why})
    return found


def _platform(channel: Channel) -> dict[str, Any]:
    from entrepot.sandbox.conformance import tier

    about: About = channel.ABOUT
    return {
        "name": about.name,
        "title": about.title,
        "docs": about.docs,
        "api_version": about.api_version,
        "end_of_life": about.end_of_life,
        "tier": tier(channel),
        "settings": [one.name for one in about.settings if not one.filled_by_hub and not one.default],
        "does": [name for name in CAPABILITIES if hasattr(channel, name)],
        "lacks": about.lacks,
    }
