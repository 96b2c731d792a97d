"""Writes docs/commands.md from the commands themselves; with --check only exits 1 if that page is stale."""

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from entrepot.cli import app
from tools.house import ROOT

PAGE = ROOT / "docs/commands.md"

HEAD = """# Commands

<!-- Written by tools/commands.py from the commands themselves: change those, then run it. -->

Every command works in the folder `ENTREPOT_HOME` (`~/.local/share/entrepot` if it is not set). With `--json`
one JSON object goes to standard output and everything else to standard error. What the hub refuses is one
line on standard error and exit status 2. Times are ISO 8601; without a zone they are UTC.
"""


def main() -> None:
    """Writes the page, or compares it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        print(f"{PAGE.relative_to(ROOT)} is stale: python -m tools.commands")
        sys.exit(1)


def page() -> str:
    """The whole reference."""
    root: Any = typer.main.get_command(app)
    parts = [
        part for name, command in root.commands.items() for part in described(f"entrepot {name}", command)
    ]
    return "\n".join([HEAD, *parts]).rstrip("\n") + "\n"


def described(path: str, command: Any) -> Iterator[str]:
    """A command's section, or those of a group."""
    if inner := getattr(command, "commands", None):
        yield f"## {path}\n\n{told(command.help)}\n"
        for name, one in inner.items():
            yield from described(f"{path} {name}", one)
        return
    yield f"{'##' if path.count(' ') == 1 else '###'} {path}\n\n```text\n{usage(path, command)}\n```\n"
    yield f"{told(command.help)}\n"
    if rows := [row for one in command.params if (row := explained(one))]:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def usage(path: str, command: Any) -> str:
    """The command line: what must be given, then what may."""
    words = [path]
    for one in sorted(command.params, key=lambda one: one.param_type_name != "argument"):
        if one.name == "help":
            continue
        word = spelled(one)
        words.append(word if one.required or word.startswith("[") else f"[{word}]")
    return " ".join(words)


def spelled(parameter: Any) -> str:
    """As one types it: an argument's name, or an option with its value."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.strip('_').upper()}"
    return f"{parameter.opts[0]}{value}{' …' if parameter.multiple else ''}"


def explained(parameter: Any) -> str:
    """A row of the table; '' for what every command has."""
    if parameter.name in {"help", "json"} or not parameter.help:
        return ""
    default = parameter.default
    more = (
        f" Default: {default}."
        if isinstance(default, int) and not isinstance(default, bool) and default
        else ""
    )
    return f"| `{spelled(parameter)}` | {parameter.help}{more} |".replace("[ID]", "ID")


def told(text: str | None) -> str:
    """A help text as paragraphs."""
    return inspect.cleandoc(text or "")


if __name__ == "__main__":
    main()
