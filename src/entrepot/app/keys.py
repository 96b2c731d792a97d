"""The key file of a home: the keys that seal what is secret, and how another one takes the newest's place.

Whoever has this file and the store can read everything; without it nothing sealed can be read. It is only
ever replaced as a whole: whoever reads it meanwhile finds the one before or the one after.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from entrepot.kernel import Keyring, Refusal

KEY_FILE, LOCK_FILE = "keys.json", "keys.lock"


class Kept(msgspec.Struct, frozen=True):
    """What the file holds: name → key in base 64."""

    newest: str
    keys: dict[str, str]

    def __repr__(self) -> str:
        return f"Kept({sorted(self.keys)}, newest {self.newest})"


def keyring(home: Path, *, make: bool = False) -> Keyring:
    """The sealing keys of a home; with `make` drawn on the first day. Refusal `keys_missing` without them.
    The keyring looks whether the file has changed whenever it seals, or meets a key that it does not know."""
    path = home / KEY_FILE
    if not path.exists():
        if not make:
            raise _missing(path)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(path, Kept("k0000001", {"k0000001": _drawn()}))
    file = _File(path)
    keys, newest = file.read()
    return Keyring(keys, newest, news=file.news)


def names(home: Path) -> tuple[list[str], str]:
    """The names of the keys, oldest first, and the newest that seals."""
    kept = _read(home / KEY_FILE)
    return sorted(kept.keys), kept.newest


def add_key(home: Path) -> str:
    """A key that waits to become the newest: a new one, unless one waits already. Its name."""
    with _changing(home):
        kept = _read(home / KEY_FILE)
        waiting = [name for name in sorted(kept.keys) if name > kept.newest]
        if waiting:
            return waiting[-1]
        name = f"k{int(max(kept.keys)[1:]) + 1:07d}"
        _replace(home / KEY_FILE, Kept(kept.newest, {**kept.keys, name: _drawn()}))
        return name


def use_key(home: Path, name: str) -> None:
    """From now on this key seals."""
    with _changing(home):
        kept = _read(home / KEY_FILE)
        _replace(home / KEY_FILE, Kept(name, kept.keys))


def drop_keys(home: Path, gone: Iterable[str]) -> None:
    """Takes keys out of the file. What they have sealed, in old backups too, can never be read again."""
    with _changing(home):
        kept = _read(home / KEY_FILE)
        left = {name: key for name, key in kept.keys.items() if name not in set(gone) or name == kept.newest}
        _replace(home / KEY_FILE, Kept(kept.newest, left))


class _File:
    """The file as it was last read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: tuple[int, int] = (0, 0)

    def read(self) -> tuple[dict[str, bytes], str]:
        found = self._path.stat()
        self._mark = found.st_ino, found.st_mtime_ns
        kept = _read(self._path)
        return {name: base64.b64decode(key) for name, key in kept.keys.items()}, kept.newest

    def news(self) -> tuple[dict[str, bytes], str] | None:
        """The keys, if the file is another than it was. One that is away for a moment is no news."""
        try:
            found = self._path.stat()
            return None if (found.st_ino, found.st_mtime_ns) == self._mark else self.read()
        except FileNotFoundError:
            return None


def _read(path: Path) -> Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        raise _missing(path) from None


def _missing(path: Path) -> Refusal:
    return Refusal("keys_missing", f"there is no key file at {path}", remedy="Restore it, or start a new hub")


@contextmanager
def _changing(home: Path) -> Iterator[None]:
    """One at a time."""
    handle = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_once(path: Path, kept: Kept) -> None:
    """Makes the file; one that appeared meanwhile stays."""
    fresh = _written(path, kept)
    with suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()


def _replace(path: Path, kept: Kept) -> None:
    """Puts another file in the place of this one, at once and for good."""
    _written(path, kept).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _written(path: Path, kept: Kept) -> Path:
    """A file beside it that only its owner can read, whole and on the disk."""
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _drawn() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
