"""What an adapter declares is whole and honest, and it keeps to its own trade."""

import ast
import re
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

from entrepot.contract import CAPABILITIES, Adapter, Channel
from entrepot.sandbox.conformance.bench import about_of, folder_of
from entrepot.sandbox.conformance.promise import holds, same

FOREIGN = frozenset({
    "asyncio", "calendar", "http", "httpx", "httpx2", "io", "logging", "multiprocessing", "os", "pathlib",
    "pickle", "random", "requests", "secrets", "socket", "sqlalchemy", "sqlite3", "structlog", "subprocess",
    "sys", "tempfile", "threading", "time", "urllib3", "uuid", "zoneinfo",
})  # fmt: skip
"""Modules with a clock, a die, a disk, a wire, a log or a thread."""

OURS = ("entrepot.contract", "entrepot.kernel", "entrepot.channels.kit")
FORBIDDEN_CALLS = frozenset({"float", "print", "open", "input", "eval", "exec"})
CLOCKS = frozenset({"now", "utcnow", "today", "SystemClock"})
SECRET_NAMES = re.compile(r"(^|_)(token|secret|password|signature_key)$")
_SENTENCE = re.compile(r"\S+ \S+ \S+.*", re.DOTALL)


def every_missing_function_is_excused(channel: Channel) -> None:
    """Every function of the contract is there, or ABOUT.lacks says why not."""
    about = about_of(channel)
    missing = [name for name in CAPABILITIES if not hasattr(channel, name)]
    same("missing without a reason",
         [name for name in missing if not _SENTENCE.fullmatch(about.lacks.get(name, ""))], [])  # fmt: skip
    same("excused, and there all the same", sorted(set(about.lacks) - set(missing)), [])


def every_function_takes_what_the_contract_says(channel: Channel) -> None:
    """Every function takes the parameters that the contract names, in their order."""
    for name in CAPABILITIES:
        wanted, found = getattr(Adapter, name, None), getattr(channel, name, None)
        if wanted is not None and found is not None:
            names = list(signature(wanted).parameters)[1:]
            same(f"parameters of {name}", list(signature(found).parameters)[: len(names)], names)


def secrets_are_declared_as_secret(channel: Channel) -> None:
    """Tokens, passwords and keys of signatures are declared as secret, so that they are sealed."""
    about = about_of(channel)
    open_ones = [one.name for one in about.settings if SECRET_NAMES.search(one.name) and not one.secret]
    same("settings that are not declared as secret", open_ones, [])
    known = {one.name: one.secret for one in about.settings}
    holds("the secret of the signature is no setting, or no secret one", known.get(about.signature.secret))


def what_is_declared_can_be_used(channel: Channel) -> None:
    """Batch, pace and times that ABOUT declares are such that one can work with them."""
    about = about_of(channel)
    holds("a batch has at least one row", about.stock.batch >= 1)
    holds("a pace allows calls", about.pace.per_s > 0 and about.pace.burst >= 1)
    spans = (about.stock.lands_s, about.stock.visible_s)
    holds("lands_s and visible_s are not negative", all(span is None or span >= 0 for span in spans))
    holds(
        "end_of_life is a date", not about.end_of_life or re.fullmatch(r"\d{4}-\d\d-\d\d", about.end_of_life)
    )
    holds("it names its documentation and the version of the API", about.docs and about.api_version)
    holds("topics are asked for once", len(set(about.topics)) == len(about.topics))


def an_adapter_keeps_to_its_trade(channel: Channel) -> None:
    """No module of the adapter has a clock, a die, a disk, a wire, a log or a float of its own."""
    folder = folder_of(channel)
    package = channel.__name__.rpartition(".")[0]
    found = [
        f"{path.name}:{fault}"
        for path in sorted(folder.glob("*.py"))
        if not path.name.startswith(("emulator", "trial"))
        for fault in _faults(path, package)
    ]
    same("what does not belong into an adapter", found, [])


def it_tells_a_merchant_what_to_do(channel: Channel) -> None:
    """A README beside it tells a merchant what to click, and names its sources with dates."""
    readme = folder_of(channel) / "README.md"
    holds("there is no README.md", readme.is_file())
    text = readme.read_text(encoding="utf-8")
    holds("README.md names no source with a date", re.search(r"read 20\d\d-\d\d", text))


def _faults(path: Path, package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for name in _imported(node):
            ours = name.startswith((*OURS, package))
            if name.partition(".")[0] in FOREIGN or (name.startswith("entrepot") and not ours):
                yield f"{node.lineno} imports {name}"  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield f"{node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and _is_clock(node.value):
            yield f"{node.lineno} reads the clock"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        inner = node.module or ""
        return [f"{inner}.{alias.name}" for alias in node.names]
    return []


def _is_clock(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in {"datetime", "date", "clock"}
