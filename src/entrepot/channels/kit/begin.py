"""Beginning an adapter: a folder with a whole, tiny one in it, of a shop that does not exist."""

import re
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path
from string import Template

from entrepot.kernel import Refusal

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_MAX = 20
TAKEN = frozenset({"kit", "test", "channel", "entrepot"})

_IMPORT = re.compile(r"^from \S+ import (?:\([^)]*\)|[^\n(]*)\n", re.MULTILINE)
_IMPORTS = re.compile(rf"(?:{_IMPORT.pattern}){{2,}}", re.MULTILINE)

MODULES = ("channel", "account", "orders", "goods", "hooks", "document", "emulator", "emulator_book", "trial")


def begin(name: str, *, root: Path, inside: bool, known: frozenset[str] = frozenset()) -> list[Path]:
    """Writes the folder and returns its files, none of which was there before.

    `inside`: `root` is a checkout of ours, and the adapter goes to src/entrepot/channels/NAME with its test;
    else to `root`, as a package to be installed. Refusal `name`, `name_taken` or `file_exists`.
    """
    checked(name, known)
    written = {root / path: text for path, text in (_ours(name) if inside else _package(name)).items()}
    for path in written:
        if path.exists():
            raise Refusal("file_exists", f"{path} is there already", remedy="Choose another name or folder")
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return list(written)


def checked(name: str, known: frozenset[str]) -> None:
    """Refusal `name` for what cannot name an adapter, `name_taken` for what names one already."""
    if not NAME.fullmatch(name) or len(name) > NAME_MAX:
        rule = f"small letters and digits, single _ between them, a letter first, {NAME_MAX} at most"
        raise Refusal("name", f"{name[:60]!r} names no adapter: {rule}", field="NAME")
    if name in TAKEN or name in known or iskeyword(name):
        raise Refusal("name_taken", f"{name} is taken", remedy="Choose another name", field="NAME")


def checkout(channels: Path) -> Path | None:
    """The root of the checkout whose adapters lie in this folder; None where they are installed."""
    root = channels.parents[2]
    inside = channels == root / "src" / "entrepot" / "channels" and (root / "tests" / "channels").is_dir()
    return root if inside else None


def _ours(name: str) -> dict[str, str]:
    folder, package = f"src/entrepot/channels/{name}", f"entrepot.channels.{name}"
    return _adapter(name, folder, package) | {
        f"tests/channels/{name}/test_promises.py": _filled("test", name, package)
    }


def _package(name: str) -> dict[str, str]:
    package = f"entrepot_{name}"
    return _adapter(name, f"src/{package}", package) | {
        "pyproject.toml": _filled("pyproject", name, package),
        "tests/test_promises.py": _filled("test", name, package),
    }


def _adapter(name: str, folder: str, package: str) -> dict[str, str]:
    modules = {f"{folder}/{module}.py": _filled(module, name, package) for module in MODULES}
    return {
        f"{folder}/__init__.py": _filled("init", name, package),
        **modules,
        f"{folder}/samples/one.json": _filled("sample", name, package),
        f"{folder}/README.md": _filled("readme", name, package),
    }


def _filled(template: str, name: str, package: str) -> str:
    words = [word.capitalize() for word in name.split("_")]
    text = files("entrepot.channels.kit").joinpath("new", f"{template}.txt").read_text(encoding="utf-8")
    filled = Template(text).substitute(
        name=name,
        title=" ".join(words),
        Class="".join(words),
        package=package,
        hyphened=name.replace("_", "-"),
    )
    return _IMPORTS.sub(_in_order, filled)


def _in_order(found: re.Match[str]) -> str:
    """A block of imports in the order of the modules: where the package stands depends on its name."""
    return "".join(sorted(_IMPORT.findall(found[0]), key=lambda one: str(one).split()[1]))
