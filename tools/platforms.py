"""Writes the tables of docs/platforms.md from the adapters; with --check only exits 1 if that page is stale.

The shares read to the cent come from recorded payloads that are no part of the project: they are written and
compared only where ENTREPOT_SAMPLES names a folder that has them, and left as they stand elsewhere.
"""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from entrepot import channels
from entrepot.channels.kit.share import INCOMPLETE, UNKNOWN, Share, together
from entrepot.cli.reading import percent, shares_of
from entrepot.contract import CAPABILITIES, About, Channel, StockSemantics
from tools.house import ROOT

PAGE = ROOT / "docs/platforms.md"
PART = re.compile(r"(<!-- (\w+): .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Writes the page, or compares it."""
    before = PAGE.read_text()
    after = filled(before)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(after)
    elif before != after:
        print(f"{PAGE.relative_to(ROOT)} is stale: python -m tools.platforms")
        sys.exit(1)


def filled(page: str) -> str:
    """The page with its parts as they are now; the shares as they stand where there are no payloads."""
    found = list(channels.walk().values())
    parts = {"platforms": platforms(found), "stock": stock(found), "lacks": lacks(found)}
    folder = Path(os.environ.get("ENTREPOT_SAMPLES") or "samples-not-here")
    if folder.is_dir():
        parts["share"] = told(shares_of(folder))

    def part(match: re.Match[str]) -> str:
        text = parts.get(match[2])
        return match[0] if text is None else f"{match[1]}{text}{match[3]}"

    return PART.sub(part, page)


def platforms(found: Sequence[Channel]) -> str:
    """What each adapter speaks, and how much of the contract."""
    rows = ["| Platform | API version | kept until | does | docs |", "|---|---|---|---|---|"]
    for channel in found:
        about: About = channel.ABOUT
        does = sum(hasattr(channel, name) for name in CAPABILITIES)
        until = about.end_of_life or "no end announced"
        rows.append(
            f"| [{about.title}](../src/entrepot/channels/{about.name}/README.md) | `{about.api_version}` "
            f"| {until} | {does} of {len(CAPABILITIES)} | <{about.docs}> |"
        )
    return "\n".join(rows) + "\n"


def stock(found: Sequence[Channel]) -> str:
    """How the stock of each platform behaves, as its adapter declares and the conformance suite measures."""
    head = ("Platform", "a write is", "rows a call", "figure", "falls when", "restored by", "guards zero",
            "per location", "lands within", "visible within")  # fmt: skip
    rows = [_row(head), _row(["---"] * len(head))]
    for channel in found:
        about: About = channel.ABOUT
        rows.append(_row([about.title, *_semantics(about.stock)]))
    return "\n".join(rows) + "\n"


def lacks(found: Sequence[Channel]) -> str:
    """What each adapter does not do, with its reason."""
    parts = []
    for channel in found:
        about: About = channel.ABOUT
        rows = [f"- `{name}`: {about.lacks[name]}" for name in CAPABILITIES if name in about.lacks]
        parts.append("\n".join([f"**{about.title}**", "", *rows]))
    return "\n\n".join(parts) + "\n"


def told(shares: Sequence[Share]) -> str:
    """The shares, and every order that does not agree and every file that is no JSON, by name."""
    head = ("Platform", "files", "with something for the hub", "orders", "agree to the cent", "share",
            "orders in part only")  # fmt: skip
    rows = [_row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    for one in (*shares, together(shares)):
        figures = (one.files, one.understood, one.orders, one.agreeing, percent(one), one.partial)
        rows.append(_row([one.platform, *map(str, figures)]))
    return "\n".join([*rows, "", "The rest, each by its name:", "", *_rest(shares)]) + "\n"


def _rest(shares: Sequence[Share]) -> Iterator[str]:
    for one in shares:
        for row in one.exceptions:
            if row.code not in {INCOMPLETE, UNKNOWN}:
                yield f"- {one.platform}, `{row.file}`: `{row.code}`: {row.why.removeprefix(f'{row.file}: ')}"


def _semantics(stock: StockSemantics) -> list[str]:
    return [
        stock.write.replace("_", " "),
        f"{stock.batch}{', all or none' if stock.bad_row_fails_batch else ''}",
        stock.figure.value,
        stock.lowers_itself.value,
        ", ".join(sorted(stock.restores_itself)) or "nothing",
        stock.guards.replace("_", " "),
        "yes" if stock.per_location else "no",
        _span(stock.lands_s),
        _span(stock.visible_s),
    ]


def _span(seconds: float | None) -> str:
    return "unbounded" if seconds is None else f"{seconds:.0f} s"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
