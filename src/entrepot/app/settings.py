"""Where a hub lives: its folder, its database, its address."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from entrepot.db.engine import is_postgres
from entrepot.kernel import Refusal


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hub lives. `url` is how platforms reach it; `server` the URL of a PostgreSQL database, '' for
    the SQLite file in the home."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = ""
    server: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.home}, {self.host}:{self.port})"  # the server's URL may hold a password

    @property
    def database(self) -> str:
        return self.server or str(self.home / "hub.db")

    @property
    def shared(self) -> bool:
        """Whether several processes may work on the database at once."""
        return bool(self.server)

    @property
    def hub_url(self) -> str:
        return self.url or f"http://{self.host}:{self.port}"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """ENTREPOT_HOME (default ~/.local/share/entrepot), ENTREPOT_DATABASE (default: SQLite in the home),
    ENTREPOT_HOST, ENTREPOT_PORT, ENTREPOT_URL.

    Refusal `setting_malformed` for a port or a database that is none.
    """
    home = environ.get("ENTREPOT_HOME") or str(Path.home() / ".local" / "share" / "entrepot")
    port = environ.get("ENTREPOT_PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Refusal(
            "setting_malformed", f"ENTREPOT_PORT is {port!r}", remedy="Set it to a number from 1 to 65535"
        )
    server = environ.get("ENTREPOT_DATABASE", "")
    if server and not is_postgres(server):
        raise Refusal(
            "setting_malformed",
            "ENTREPOT_DATABASE is no PostgreSQL database",
            remedy="Set it to postgresql://user:password@host/name, or leave it away for SQLite",
        )
    return Settings(
        home=Path(home),
        host=environ.get("ENTREPOT_HOST", "127.0.0.1"),
        port=int(port),
        url=environ.get("ENTREPOT_URL", ""),
        server=server,
    )
