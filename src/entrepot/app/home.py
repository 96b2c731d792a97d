"""The hub's folder: one hub at a time works in it (a lock), and a running one says where it can be
reached."""

import fcntl
import os
from pathlib import Path
from typing import Self

import msgspec

from entrepot.kernel import Clock, Refusal

LOCK_FILE, NOTICE_FILE = "hub.lock", "hub.json"
PATIENCE_S, LOOK_S = 10.0, 0.05


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Where the running hub answers, and what its callers must show. Only the owner of the folder can read
    it."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Notice({self.url})"


class Lock:
    """The right to write in a home. The system gives it back when the process ends, however it ends."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._handle = home / LOCK_FILE, -1

    def take(self) -> bool:
        """True if it is ours now, False if another process holds it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_back(self) -> None:
        """Lets others in; nothing happens if it was not held."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.give_back()


def take_or_find(lock: Lock, home: Path, clock: Clock, patience_s: float = PATIENCE_S) -> Notice | None:
    """None once the lock is ours, or the notice of the hub that holds it.

    A command or a hub that is starting holds it for a moment: Refusal `hub_busy` if that lasts too long.
    """
    waited_s = 0.0
    while not lock.take():
        if (notice := read_notice(home)) is not None:
            return notice
        if waited_s >= patience_s:
            raise Refusal(
                "hub_busy",
                f"another command works in {home} for more than {patience_s:.0f} seconds",
                remedy="Wait for it to end, then try again",
            )
        clock.sleep(LOOK_S)
        waited_s += LOOK_S
    forget_notice(home)  # a hub that was killed left it behind
    return None


def write_notice(home: Path, notice: Notice) -> None:
    """Puts the notice there at once and whole, readable by its owner only."""
    path = home / NOTICE_FILE
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(notice))
    fresh.replace(path)


def read_notice(home: Path) -> Notice | None:
    """The notice, None if there is none. Whether its hub still runs is the lock's to say."""
    try:
        return msgspec.json.decode((home / NOTICE_FILE).read_bytes(), type=Notice)
    except FileNotFoundError:
        return None


def forget_notice(home: Path) -> None:
    """Takes the notice away."""
    (home / NOTICE_FILE).unlink(missing_ok=True)


def running(home: Path) -> bool:
    """Whether a hub runs in this home now."""
    if not (home / LOCK_FILE).exists() or read_notice(home) is None:
        return False
    with Lock(home) as lock:
        return not lock.take()
