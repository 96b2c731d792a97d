"""Passwords: what is good enough for one, and their argon2id hashes."""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from entrepot.kernel import Refusal

SHORTEST, WORDS, LONGEST = 12, 4, 256
DIFFERENT = 5
"""Letters that differ in it, at least."""

_COMMON = """
password passwort passphrase motdepasse contrasena wachtwoord administrator admin letmein welcome iloveyou
qwerty qwertyuiop qwertzuiop azertyuiop qwertyuiopasdfghjkl asdfghjkl zxcvbnm monkey dragon football
baseball superman sunshine princess trustno changeme secret master hello whatever entrepot
passwordpassword adminadmin letmeinletmein correcthorsebatterystaple thequickbrownfox
onetwothreefour abcdefghijkl abcdefghijklmnopqrstuvwxyz"""

COMMONEST = frozenset(_COMMON.split())
"""What is tried first: whole, or with digits and signs around it."""

ROWS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)

HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
"""64 MB and three rounds for each (RFC 9106, second recommendation, in one lane)."""

NOBODYS = "$argon2id$v=19$m=65536,t=3,p=1$0H+6qu+cVVA1Fq+2etnSfQ$Y23w8e156Hd8swecqlImbmaQiYknpD/F4IpQq80qxj4"
"""What an unknown login's password is compared with, so that it takes as long as a known one's."""


def check_password(password: str, login: str) -> None:
    """Refusal `password`, in words that say what is missing."""
    why = _weakness(unicodedata.normalize("NFKC", password), login)
    if why:
        raise Refusal(
            "password",
            why,
            remedy="Four words that nobody would put together make a good one",
            field="password",
        )


def hash_password(password: str) -> str:
    """Its hash. Takes about a tenth of a second and 64 MB: not inside a transaction."""
    return HASHER.hash(_bytes(password))


def is_password(kept: str, password: str) -> bool:
    """Whether `kept` is the hash of this password; takes as long where there is no hash."""
    try:
        HASHER.verify(kept or NOBODYS, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def is_old(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    """The same bytes for what looks the same, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)[:LONGEST].encode("utf-8", "surrogatepass")


def _weakness(password: str, login: str) -> str:
    plain = re.sub(r"\W|_", "", password.casefold())
    words = [word for word in password.split() if len(word) >= 2]
    if len(password) < SHORTEST and len(words) < WORDS:
        return f"a password has at least {SHORTEST} letters, or {WORDS} words"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} letters"
    if len(set(plain)) < DIFFERENT:
        return "the same few letters again and again are guessed first"
    if any(plain in row for row in ROWS):
        return "letters as they stand on the keyboard are guessed first"
    if {plain, re.sub(r"\d", "", plain)} & COMMONEST:
        return "this is one of the commonest passwords"
    own = re.sub(r"\W|_", "", login.casefold())
    if len(own) >= 3 and own in plain and len(plain.replace(own, "")) < SHORTEST // 2:
        return "a password that is little more than the login is guessed first"
    return ""
