"""The house rules that no linter knows: prints what breaks them and exits 1; long functions are only noted.

Ruff checks the rest: docstrings of modules, prints, banned imports, number of parameters (pyproject.toml).
"""

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILE_MAX, FUNCTION_MAX, FUNCTION_AIM = 300, 60, 30

# "path" or "path:function" under src/entrepot -> the reason a reader would accept.
LONG: dict[str, str] = {}

# Revisions of the schema are drafted by Alembic and never read as a whole.
DRAFTED = "db/migrations/versions/"

# The two places that may catch anything and go on, because both record what they caught.
CATCH_ALL = {"sync/worker.py", "web/edge.py"}

# Packages of the extras may be imported inside a function, with a message that names the extra. A command may
# import what it starts: the web framework takes a second to import, and `entrepot stock` does without it.
EXTRAS: set[str] = {"psycopg_pool"}
LAZY = "cli/"

# What git and the tools make beside the project's own files.
MADE = {".git", ".venv", ".tools", ".hypothesis", "__pycache__", "build", "dist"}

EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|services?)$")
TO_DO = re.compile(r"\b(TO[D]O|FIX[M]E)\b(?!.*#\d+)")
# A folder of somebody's machine, or a package registry by its host.
ELSEWHERE = re.compile(r"(?<![\w.}])/(wor[k]|roo[t])/|\bpypi\.org|pythonhosted\.org|registry\.npmjs")


def main() -> None:
    """Check the tree; exit 1 if a rule is broken."""
    notes: list[str] = []
    broken = [*text_rules(), *lock_rules()]
    for path in sorted((ROOT / "src/entrepot").rglob("*.py")):
        name = path.relative_to(ROOT / "src/entrepot").as_posix()
        if name.startswith(DRAFTED):
            continue
        text = path.read_text()
        tree = ast.parse(text, filename=name)
        broken += [f"src/entrepot/{name}{fault}" for fault in module_rules(name, text, tree)]
        for function, lines in functions(tree):
            if lines > FUNCTION_MAX and f"{name}:{function}" not in LONG:
                broken.append(
                    f"src/entrepot/{name}: {function} has {lines} lines, the limit is {FUNCTION_MAX}"
                )
            elif lines > FUNCTION_AIM:
                notes.append(f"{name}:{function} {lines}")
    if notes:
        print(f"note: functions over {FUNCTION_AIM} lines: {', '.join(notes)}")
    print(*broken, sep="\n", end="\n" if broken else "")
    sys.exit(1 if broken else 0)


def module_rules(name: str, text: str, tree: ast.Module) -> Iterator[str]:
    """What one module of src breaks, each beginning with `:line` or `:`."""
    if (lines := text.count("\n")) > FILE_MAX and name not in LONG:
        yield f": {lines} lines, the limit is {FILE_MAX}"
    for part in Path(name).with_suffix("").parts:
        if EMPTY_NAMES.search(part):
            yield f": '{part}' says nothing about what is in it"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and swallows(node) and name not in CATCH_ALL:
            yield f":{node.lineno}: swallows any error; only {' and '.join(sorted(CATCH_ALL))} may"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not name.startswith(LAZY):
            for line, module in inner_imports(node):
                if module.partition(".")[0] not in EXTRAS:
                    yield f":{line}: imports {module} inside {node.name}"


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and neither raises again nor hands the error to a waiting future."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(k is None or ast.unparse(k) in {"Exception", "BaseException"} for k in kinds):
        return False
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    attributes = {node.attr for node in inside if isinstance(node, ast.Attribute)}
    return "set_exception" not in attributes and not any(isinstance(node, ast.Raise) for node in inside)


def inner_imports(function: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, module) of every import inside a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, lines without the docstring) of every function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            doc = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - doc


def text_rules() -> Iterator[str]:
    """To-dos that name no issue, and words that only make sense on one machine, in any file of the tree."""
    for path in tree_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        name = path.relative_to(ROOT)
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            if TO_DO.search(line):
                yield f"{name}:{number}: a to-do without the number of its issue"
            if ELSEWHERE.search(line):
                yield f"{name}:{number}: names a folder of one machine or a registry's host"


def tree_files() -> Iterator[Path]:
    """Every file of the project, without what the tools made; asks no git, which a bare machine has not."""
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in MADE and not name.endswith("_cache")]
        yield from (Path(folder, name) for name in names)


def lock_rules() -> Iterator[str]:
    """Direct dependencies of pyproject.toml that a lock lacks or holds in a version outside the bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    core = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    for lock, wanted in {"core": core, "dev": [*core, *project["dependency-groups"]["dev"]]}.items():
        text = (ROOT / f"requirements/{lock}.lock").read_text()
        pins = dict(re.findall(r"^([\w.-]+)==([\w.+!]+)", text, re.MULTILINE))
        for requirement in map(Requirement, wanted):
            pin = pins.get(canonicalize_name(requirement.name))
            if pin is None or not requirement.specifier.contains(pin, prereleases=True):
                yield f"requirements/{lock}.lock has {requirement.name} {pin}, not {requirement}: make lock"


if __name__ == "__main__":
    main()
