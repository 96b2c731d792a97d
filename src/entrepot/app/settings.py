"""Where a hub lives: its folder, its address, and the key that seals what is secret."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from entrepot.kernel import Keyring, Refusal

KEY_FILE = "keys.json"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hub lives. `url` is how platforms reach it."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = ""

    @property
    def database(self) -> str:
        return str(self.home / "hub.db")

    @property
    def hub_url(self) -> str:
        return self.url or f"http://{self.host}:{self.port}"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """ENTREPOT_HOME (default ~/.local/share/entrepot), ENTREPOT_HOST, ENTREPOT_PORT, ENTREPOT_URL.

    Refusal `setting_malformed` for a port that is none.
    """
    home = environ.get("ENTREPOT_HOME") or str(Path.home() / ".local" / "share" / "entrepot")
    port = environ.get("ENTREPOT_PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Refusal(
            "setting_malformed", f"ENTREPOT_PORT is {port!r}", remedy="Set it to a number from 1 to 65535"
        )
    return Settings(
        home=Path(home),
        host=environ.get("ENTREPOT_HOST", "127.0.0.1"),
        port=int(port),
        url=environ.get("ENTREPOT_URL", ""),
    )


def keyring(home: Path, *, make: bool = False) -> Keyring:
    """The sealing keys of a home; with `make` drawn on the first day. Refusal `keys_missing` without them.

    Whoever has this file and the store can read everything; without it nothing sealed can be read.
    """
    path = home / KEY_FILE
    if not path.exists():
        if not make:
            raise Refusal(
                "keys_missing", f"there is no key file at {path}", remedy="Restore it, or start a new hub"
            )
        home.mkdir(parents=True, exist_ok=True)
        _write_once(path, {"newest": "k0000001", "keys": {"k0000001": _text(secrets.token_bytes(32))}})
    kept = msgspec.json.decode(path.read_bytes())
    return Keyring({name: base64.b64decode(key) for name, key in kept["keys"].items()}, kept["newest"])


def _write_once(path: Path, content: object) -> None:
    """Makes a file that only its owner can read; AssertionError if it appeared meanwhile."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(content))
        file.flush()
        os.fsync(file.fileno())


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
