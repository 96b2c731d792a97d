"""Codes of an authenticator app (RFC 6238: SHA-1, six digits, half a minute), and the codes to get in with
when the phone is lost."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp

from entrepot.access import rows
from entrepot.access.model import User
from entrepot.access.secrets import Draw
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal

STEP_S = 30
AROUND = (0, -1, 1)
"""Steps off the clock at which a code is taken."""

ISSUER = "Entrepot"
CODES = 10


def offer_totp(tx: Tx, user: User) -> str:
    """A new secret for the user's app, in base 32; it counts once a code has confirmed it. Refusal `totp_on`
    if one counts already."""
    if user.totp_on:
        raise Refusal("totp_on", "an authenticator app is set up already", remedy="Turn it off first")
    secret = pyotp.random_base32()
    rows.set_totp(tx, user.id, tx.keyring.seal(secret.encode(), rows.totp_place(user.id)))
    return secret


def offered(tx: Tx, user: User) -> str | None:
    """The secret that waits to be confirmed; one that counts is not shown again."""
    return None if user.totp_on else _secret(tx, user.id)


def address(secret: str, login: str) -> str:
    """What an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def confirm_totp(tx: Tx, user: User, code: str) -> list[str]:
    """From now on a code is asked for at sign-in. The recovery codes, which cannot be shown again. Refusal
    `code`."""
    if user.totp_on or not use_code(tx, user, code):
        raise wrong_code()
    rows.change_user(tx, user.id, totp_on=True)
    events.append(tx, [Event(stream=f"user:{user.id}", kind="TotpOn")])
    return new_recovery(tx, user)


def turn_totp_off(tx: Tx, user: User) -> None:
    """A password is enough again."""
    rows.set_totp(tx, user.id, None)
    rows.set_recovery(tx, user.id, [])
    events.append(tx, [Event(stream=f"user:{user.id}", kind="TotpOff")])


def new_recovery(tx: Tx, user: User, draw: Draw = secrets.token_bytes) -> list[str]:
    """Ten new recovery codes, each good once, in the place of those before."""
    codes = [base64.b32encode(draw(10)).decode().lower() for _ in range(CODES)]
    rows.set_recovery(tx, user.id, [_digest(user.id, code) for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def use_code(tx: Tx, user: User, code: str) -> bool:
    """Whether this is a code of the app that was not used yet, or a recovery code; it is used up by this."""
    typed = "".join(code.split()).replace("-", "").lower()
    secret = _secret(tx, user.id)
    if secret is not None and len(typed) == 6:
        step = _step(secret, typed, tx.now)
        return step is not None and rows.use_step(tx, user.id, step)
    return rows.use_recovery(tx, user.id, _digest(user.id, typed))


def wrong_code() -> Refusal:
    """What somebody is told whose code does not count."""
    return Refusal(
        "code",
        "this code is wrong, or was used",
        remedy="Wait for the next one; look whether the phone's clock is right",
        field="code",
    )


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute whose code this is."""
    app, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    found = [step for off in AROUND if hmac.compare_digest(app.generate_otp(step := here + off), code)]
    return found[0] if found else None


def _secret(tx: Tx, user_id: str) -> str | None:
    sealed = rows.totp(tx, user_id)
    return tx.keyring.open(sealed, rows.totp_place(user_id)).decode() if sealed else None


def _digest(user_id: str, code: str) -> str:
    """80 bits that nobody guesses: a plain digest is enough."""
    return sha256(f"{user_id}:{code}".encode("utf-8", "surrogatepass")).hexdigest()
