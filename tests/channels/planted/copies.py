"""Copies of an adapter's folder with a fault planted in it, imported under a name of their own."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path

import msgspec

from entrepot import channels
from entrepot.contract import Channel

FOLDERS = Path(str(channels.__file__)).parent


class Fault(msgspec.Struct, frozen=True):
    """In `file` of the adapter's folder `old` becomes `new`; `promise` must then be broken."""

    name: str
    promise: str
    file: str
    old: str
    new: str


@contextmanager
def copied(platform: str, folder: Path, fault: Fault | None = None) -> Iterator[Channel]:
    """The adapter of a copy of the platform's folder, with the fault in it."""
    package = f"planted_{platform}_{(fault.name if fault else 'nothing').replace('-', '_')}"
    shutil.copytree(FOLDERS / platform, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    if fault:
        _plant(folder / package / fault.file, fault)
    for path in (folder / package).glob("*.py"):
        path.write_text(path.read_text().replace(f"entrepot.channels.{platform}", package))
    sys.path.insert(0, str(folder))
    invalidate_caches()
    try:
        yield import_module(f"{package}.channel")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def _plant(path: Path, fault: Fault) -> None:
    text = path.read_text()
    met = text.count(fault.old)
    assert met == 1, (
        f"{fault.name}: {path.name} has {met} times, not once, what the fault is to replace: {fault.old!r}"
    )
    path.write_text(text.replace(fault.old, fault.new))
