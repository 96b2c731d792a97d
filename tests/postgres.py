"""The PostgreSQL server of a test run, and its databases.

With ENTREPOT_TEST_STORE=postgres every test that asks for an empty store gets one on PostgreSQL. The server
is the one that ENTREPOT_TEST_POSTGRES names (a URL; its user must be allowed to make databases), else a
private one that is started from Debian's binaries, on a Unix socket, and stopped at the end.
"""

import gc
import os
import pwd
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from entrepot.db import bases
from entrepot.db.engine import plain
from entrepot.db.migrate import migrate
from entrepot.db.tables import metadata

WANTED = "ENTREPOT_TEST_STORE"
ADDRESS = "ENTREPOT_TEST_POSTGRES"
START_S = 60.0
PRIVATE = "entrepot-pg-"
"""So the folder of a private server begins."""

TUNED = """
listen_addresses = ''
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 400
deadlock_timeout = 100ms
jit = off
autovacuum_naptime = 5s
checkpoint_timeout = 1h
max_wal_size = 16GB
"""


def wanted() -> bool:
    """Whether stores are to be PostgreSQL's."""
    return os.environ.get(WANTED) == "postgres"


def programs() -> Path | None:
    """Where the server's programs lie: on the path, or where Debian puts them."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    return Path(on_path).parent if on_path else debian[-1].parent if debian else None


class Server:
    """A private server in a folder of its own. PostgreSQL refuses to run as root: there a plain user of the
    system runs it."""

    def __init__(self, where: Path) -> None:
        self._programs, self._user = where, _plain_user()
        self._folder = Path(tempfile.mkdtemp(prefix=PRIVATE))
        if self._user:
            os.chown(self._folder, self._user["user"], self._user["group"])
        self._data = str(self._folder / "data")
        self._call("initdb", "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"{TUNED}unix_socket_directories = '{self._folder}'\n")
        self._call("pg_ctl", "start", "--wait", "--log", str(self._folder / "log"))
        self._folder.chmod(0o755)  # the tests may run as another user
        self.url = f"postgresql://postgres@/postgres?host={self._folder}"

    def stop(self) -> None:
        """Ends the server and takes its folder away."""
        self._call("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _call(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), "-D", self._data, *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=START_S, **self._user)


def _plain_user() -> dict[str, Any]:
    """Whom root lets the server run as; nothing to change for everybody else."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name for one in pwd.getpwall()}
    found = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


class Borrowed:
    """A database that a store has until it is gone. What it learnt (connections, statements) stays for the
    next one: closing it closes nothing."""

    def __init__(self, base: bases.Postgres) -> None:
        self.engine, self.claims = base.engine, base.claims
        self.reading, self.snapshot, self.restore = base.reading, base.snapshot, base.restore

    def close(self) -> None:
        """It is given back when nobody holds it any more."""


class Databases:
    """The databases of one test process: those of stores that are gone are emptied and given out again."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name, self._number = url, name, count(1)
        self._free: list[bases.Postgres] = []
        self._bare: list[str] = []
        self._told: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)
        every = (f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
        self._empty = text("; ".join(every))
        self._template = self._made("template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        engine = plain(self._at(self._template))
        migrate(engine)
        engine.dispose()

    def fresh(self) -> str:
        """The URL of an empty, migrated database that nobody else gets."""
        return self._at(self._made(self._template))

    @contextmanager
    def bare(self) -> Iterator[str]:
        """The URL of a database without any table, for the block; who is still connected then is cut off."""
        name = self._bare.pop() if self._bare else self._made("template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        yield self._at(name)
        end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        self._told.execute(end, [name])
        with psycopg.connect(self._at(name), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._bare.append(name)

    def base(self, database: str, name: str) -> bases.Base:
        """In the place of `entrepot.db.bases.base`: what would be a store in memory is one on the server."""
        if database != ":memory:":
            return bases.base(database, name)
        if not self._free:
            gc.collect()  # worlds hold themselves
        base = self._free.pop() if self._free else bases.Postgres(self.fresh(), name)
        try:
            with base.engine.begin() as connection:
                connection.execute(self._empty)
        except ProgrammingError:  # a test took a table away
            base.close()
            base = bases.Postgres(self.fresh(), name)
        borrowed = Borrowed(base)
        weakref.finalize(borrowed, self._free.append, base)
        return borrowed

    def close(self) -> None:
        """Ends every session, and drops all of them from a server that stays."""
        gc.collect()
        for base in self._free:
            base.close()
        if PRIVATE in self._url:
            self._told.close()
            return
        found = "SELECT datname FROM pg_database WHERE datname LIKE %s"
        for (name,) in self._told.execute(found, [f"{self._name}%"]).fetchall():
            self._told.execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._told.close()

    def _made(self, template: str) -> str:
        name = f"{self._name}_{next(self._number)}"
        self._told.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _at(self, name: str) -> str:
        address, sign, query = self._url.partition("?")
        return f"{address.rpartition('/')[0]}/{name}{sign}{query}"
