"""Templates and the files that go with them: each file's address holds its digest, so browsers may keep it
for good."""

from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from entrepot.web import words

ROOT = files("entrepot.web") / "assets"
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}


class Asset(msgspec.Struct, frozen=True):
    """A file that pages refer to, whole in memory."""

    content: bytes
    media_type: str
    digest: str


def load() -> dict[str, Asset]:
    """Every file under assets of a type that we serve, by name."""
    return {path.name: _asset(path) for folder in (ROOT, ROOT / "vendored") for path in _served(folder)}


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/assets/{ASSETS[name].digest}/{name}"


def page(template: str, **values: object) -> str:
    """A whole page."""
    return ENVIRONMENT.get_template(template).render(values)


def row(kind: str, **values: object) -> str:
    """One row of a list, by its template under rows/, without blanks around it."""
    return ENVIRONMENT.get_template(f"rows/{kind}.html").render(values).strip()


def _served(folder: Traversable) -> list[Traversable]:
    return [path for path in folder.iterdir() if path.name.rpartition(".")[2] in TYPES]


def _asset(path: Traversable) -> Asset:
    content = path.read_bytes()
    return Asset(content, TYPES[path.name.rpartition(".")[2]], sha256(content).hexdigest()[:16])


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("entrepot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["address"] = address
    made.filters |= {"number": words.number, "mark": words.mark, "span": words.span}
    return made


ASSETS = load()
ENVIRONMENT = _environment()
