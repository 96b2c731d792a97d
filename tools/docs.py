"""The documents tell the truth: links lead somewhere, and every command shown exists with the options shown.

Looks at the links in all Markdown files, and at `entrepot …` and `make …` in the fenced ```console and ```sh
blocks of those at the root and under docs/. Prints what is wrong and exits 1.
"""

import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from itertools import dropwhile, groupby
from pathlib import Path
from typing import Any

import click
import typer
import typer.main

from tools.house import ROOT, tree_files

LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")
FENCE = re.compile(r"^```(\w*).*?$\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def main() -> None:
    """Check every document; exit 1 if one is wrong."""
    documents = sorted(path for path in tree_files() if path.suffix == ".md")
    told = [path for path in documents if path.parent == ROOT or "docs" in path.relative_to(ROOT).parts]
    wrong = [fault for path in documents for fault in dead_links(path)]
    wrong += [fault for path in told for fault in false_commands(path)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)


def dead_links(document: Path) -> Iterator[str]:
    """Links to files that are not there; addresses of other sites are not tried."""
    for target in LINK.findall(FENCE.sub("", document.read_text())):
        path = target.partition("#")[0]
        if path and not re.match(r"[a-z]+:", path) and not (document.parent / path).exists():
            yield f"{document.relative_to(ROOT)}: no file {path}"


def false_commands(document: Path) -> Iterator[str]:
    """Commands shown that do not exist, or not with these options."""
    for words in commands(document.read_text()):
        fault = None
        if words[0] == "make":
            fault = next((f"no target {w}" for w in words[1:] if w.isalpha() and w not in TARGETS), None)
        elif Path(words[0]).name == "entrepot":
            fault = refused(words[1:])
        if fault:
            yield f"{document.relative_to(ROOT)}: {shlex.join(words)}: {fault}"


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command in the ```console (after `$`) and ```sh blocks."""
    for language, block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if language == "sh" or (language == "console" and line.startswith("$ ")):
                yield from simple_commands(line.removeprefix("$ "))


def simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of one shell line, split where `|`, `&&`, `;` or `>` joins them."""
    tokens = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    tokens.whitespace_split = True
    for joined, words in groupby(tokens, key=lambda word: set(word) <= set("|&;<>")):
        plain = [word.strip("[]") for word in words]
        bare = list(dropwhile(re.compile(r"[A-Z_]+=|sudo$").match, plain))  # without settings before it
        if bare and not joined:
            yield bare


def refused(words: list[str]) -> str | None:
    """Why the command line would not be understood, or None: walks down the groups, minding the options."""
    command: Any = typer.main.get_command(application())
    known = {"--help"}
    for word in words:
        known |= {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        if word.startswith("-"):
            if word.partition("=")[0] not in known:
                return f"no option {word}"
        elif hasattr(command, "commands"):
            try:
                _name, command, _rest = command.resolve_command(click.Context(command), [word])
            except click.UsageError:
                return f"no command {word}"
    return None


def application() -> typer.Typer:
    """The typer application that `entrepot.cli` makes."""
    cli = importlib.import_module("entrepot.cli")
    return next(value for value in vars(cli).values() if isinstance(value, typer.Typer))


if __name__ == "__main__":
    main()
