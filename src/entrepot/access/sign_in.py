"""Signing in with a password, and with a code where one is asked for.

The password is compared outside any transaction, as slowly for a login that does not exist as for one that
does. What came of it is settled in a second transaction that looks again whether the user is locked: who
tries many passwords at once gains nothing.
"""

from datetime import timedelta
from functools import partial

import msgspec

from entrepot.access import passwords, rows, sessions, totp
from entrepot.access.locks import FREE_OF_ADDRESS, Locks, locked, wait_s
from entrepot.access.model import Needs, Seated, State, User
from entrepot.access.totp import wrong_code
from entrepot.db import Event, Store, Tx, events
from entrepot.kernel import Refusal

LOGIN_MAX = 64


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes: from where, with what browser."""

    address: str
    agent: str = ""

    @property
    def name(self) -> str:
        return f"address:{self.address}"


def sign_in(store: Store, locks: Locks, visit: Visit, *, login: str, password: str) -> str:
    """What the cookie of a new session holds. Refusal `sign_in` if login or password is wrong, `locked`."""
    name, now = login.strip().lower()[:LOGIN_MAX], store.clock.now()
    locks.check([visit.name, f"login:{name}"], now)
    held = store.read(lambda tx: rows.user(tx, login=name))
    right = passwords.is_password(held.password if held else "", password)
    fresh = passwords.hash_password(password) if held and right and passwords.is_old(held.password) else ""
    opened: str | None = None
    if held is None:
        locks.fail(f"login:{name}", now)
        store.run(_nobody_failed, source="web")  # as much work as for a login that exists
    else:
        settle = partial(_settled, held=held, right=right, fresh=fresh, agent=visit.agent)
        opened = store.run(settle, actor=f"user:{held.id}", source="web")
    if opened is None:
        locks.fail(visit.name, now, free=FREE_OF_ADDRESS)
        raise Refusal("sign_in", "login or password is wrong")
    return opened


def give_code(store: Store, locks: Locks, visit: Visit, *, seated: Seated, code: str) -> str:
    """What the cookie of the session holds that takes the place of the one that waited for a code. Refusal
    `code`, `locked`."""
    now = store.clock.now()
    locks.check([visit.name], now)
    settle = partial(_coded, seated=seated, code=code, agent=visit.agent)
    opened = store.run(settle, actor=seated.who.actor, source="web")
    if opened is None:
        locks.fail(visit.name, now, free=FREE_OF_ADDRESS)
        raise wrong_code()
    return opened


def prove(store: Store, seated: Seated, password: str) -> User:
    """The user, if this is the password of who sits, or a link of the command line let them in. Refusal
    `password_wrong`, `locked`; wrong ones count as at sign-in."""
    held = store.read(lambda tx: rows.known(tx, seated.user_id))
    right = seated.by_link or passwords.is_password(held.password, password)

    def settle(tx: Tx) -> bool:
        user = rows.known(tx, held.id)
        _check_lock(tx, user)
        if not right:
            _failed(tx, user)
        return right and user.password == held.password

    if not store.run(settle, actor=seated.who.actor, source="web"):
        raise Refusal("password_wrong", "this is not your password", field="current")
    return held


def _settled(tx: Tx, *, held: User, right: bool, fresh: str, agent: str) -> str | None:
    """A new session, or None and one failure more. Refusal `locked` leaves everything as it is."""
    user = rows.user(tx, id=held.id)
    assert user is not None
    _check_lock(tx, user)
    if user.state is not State.ACTIVE:
        return None
    if not right or user.password != held.password:
        _failed(tx, user)
        return None
    if fresh:
        rows.change_user(tx, user.id, password=fresh)
    needs = Needs.TOTP if user.totp_on else Needs.NOTHING
    if needs is Needs.NOTHING:
        rows.change_user(tx, user.id, failures=0, locked_until=None)
    return sessions.open_session(tx, user, by_link=False, needs=needs, agent=agent)


def _coded(tx: Tx, *, seated: Seated, code: str, agent: str) -> str | None:
    user = rows.user(tx, id=seated.user_id)
    assert user is not None
    _check_lock(tx, user)
    if not totp.use_code(tx, user, code):
        _failed(tx, user)
        return None
    rows.change_user(tx, user.id, failures=0, locked_until=None)
    sessions.end_session(tx, seated.id)
    return sessions.open_session(tx, user, by_link=False, needs=Needs.NOTHING, agent=agent)


def _check_lock(tx: Tx, user: User) -> None:
    if user.locked_until is not None and user.locked_until > tx.now:
        raise locked(user.locked_until, tx.now)


def _nobody_failed(tx: Tx) -> None:
    """Somebody tried a login that does not exist."""
    events.append(tx, [Event(stream="sign-in", kind="SignInFailed")])


def _failed(tx: Tx, user: User) -> None:
    """Counts a failure; from the fifth on the user waits, longer each time."""
    events.append(tx, [Event(stream=f"user:{user.id}", kind="SignInFailed")])
    failures = user.failures + 1
    seconds = wait_s(failures)
    until = tx.now + timedelta(seconds=seconds) if seconds else None
    rows.change_user(tx, user.id, failures=failures, locked_until=until)
    if until is not None:
        body = {"failures": failures, "seconds": seconds}
        events.append(tx, [Event(stream=f"user:{user.id}", kind="UserLocked", body=body)])
