"""Templates and the files that go with them: each file's address holds its digest, so browsers may keep it
for good."""

import re
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from entrepot.kernel import money
from entrepot.web import agents, words

ROOT = files("entrepot.web") / "assets"
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
URL = re.compile(rb'url\("([^"]+)"\)')


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A file that pages refer to, whole in memory."""

    name: str
    content: bytes
    media_type: str
    digest: str


def load() -> dict[str, Asset]:
    """Every file that we serve by name; style sheets refer to the vendored ones by their addresses."""
    found = {path.name: _asset(path.name, path.read_bytes()) for path in _served(ROOT / "vendored")}
    for path in _served(ROOT):
        content = path.read_bytes()
        if path.name.endswith(".css"):
            content = URL.sub(lambda match: b'url("%s")' % _place(found, match), content)
        found[path.name] = _asset(path.name, content)
    return found


def address(name: str) -> str:
    """Where a page finds a file."""
    return _address(ASSETS[name])


def page(template: str, **values: object) -> str:
    """A whole page."""
    return ENVIRONMENT.get_template(template).render(values)


def row(kind: str, **values: object) -> str:
    """One row of a list, by its template under rows/, without blanks around it."""
    return ENVIRONMENT.get_template(f"rows/{kind}.html").render(values).strip()


def _served(folder: Traversable) -> list[Traversable]:
    return [path for path in folder.iterdir() if path.name.rpartition(".")[2] in TYPES]


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        name=name,
        content=content,
        media_type=TYPES[name.rpartition(".")[2]],
        digest=sha256(content).hexdigest()[:16],
    )


def _place(found: Mapping[str, Asset], match: re.Match[bytes]) -> bytes:
    return _address(found[match[1].decode()]).encode()


def _address(asset: Asset) -> str:
    return f"/assets/{asset.digest}/{asset.name}"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("entrepot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"address": address, "tones": words.TONES}
    made.filters |= {
        "number": words.number, "short": words.short, "mark": words.mark, "span": words.span,
        "hue": words.hue, "upto": words.counted_up_to, "money": money.text, "plain": words.plain,
        "upper_first": words.upper_first, "sku_path": words.sku_path, "zulu": words.zulu,
        "list_pair": words.pair, "browser": agents.named,
    }  # fmt: skip
    return made


ASSETS = load()
ENVIRONMENT = _environment()
