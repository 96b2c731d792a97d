"""Sealing: AES-256-GCM with the place where the text belongs as associated data, under keys that have names.

A sealed value is `key id (8) | nonce (12) | ciphertext and tag`. Moved to another row or column it does not
open.
"""

import os
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from entrepot.kernel.errors import Refusal

ID_LENGTH, NONCE_LENGTH, KEY_LENGTH = 8, 12, 32


Keys = Mapping[str, bytes]


class Keyring:
    """The hub's own keys: seals with the newest, opens with any. Never printable.

    `news` answers the keys and the newest one's name if they have changed since it was last asked, else None:
    it is asked before each sealing, so that whoever rotates the keys need not stop anybody.
    """

    def __init__(
        self,
        keys: Keys,
        newest: str,
        draw: Callable[[int], bytes] = os.urandom,
        *,
        news: Callable[[], tuple[Keys, str] | None] = lambda: None,
    ) -> None:
        self._held = _boxes(keys, newest)
        self._draw, self._news = draw, news

    def __repr__(self) -> str:
        return f"Keyring({sorted(self._held[0])})"

    @property
    def newest(self) -> str:
        """The name of the key that seals now."""
        self._learn()
        return self._held[1]

    def seal(self, plain: bytes, where: str) -> bytes:
        """`plain` sealed for `where` (table, column and row)."""
        self._learn()
        boxes, newest = self._held
        nonce = self._draw(NONCE_LENGTH)
        return newest.encode() + nonce + boxes[newest].encrypt(nonce, plain, where.encode())

    def open(self, sealed: bytes, where: str) -> bytes:
        """The plain text; Refusal `sealed` if the key is not here or the text was not sealed for `where`."""
        name = sealed[:ID_LENGTH].decode("ascii", "replace")
        if name not in self._held[0]:
            self._learn()
        box = self._held[0].get(name)
        if box is None:
            raise Refusal(
                "sealed", f"the sealing key {name!r} is not in the key file", remedy="Restore the key file"
            )
        return _open(box, sealed[ID_LENGTH:], where)

    def reseal(self, sealed: bytes, where: str) -> bytes:
        """The same text under the newest key."""
        return self.seal(self.open(sealed, where), where)

    def new_key(self) -> bytes:
        """Fresh bytes for a key of its own (one person, one day of deliveries)."""
        return self._draw(KEY_LENGTH)

    def _learn(self) -> None:
        told = self._news()
        if told is not None:
            self._held = _boxes(*told)

    def seal_under(self, key: bytes, plain: bytes, where: str) -> bytes:
        """`plain` sealed under a key of its own."""
        nonce = self._draw(NONCE_LENGTH)
        return nonce + AESGCM(key).encrypt(nonce, plain, where.encode())


def open_under(key: bytes, sealed: bytes, where: str) -> bytes:
    """What `seal_under` sealed; Refusal `sealed` if the key or the place is another."""
    return _open(AESGCM(key), sealed, where)


def _boxes(keys: Keys, newest: str) -> tuple[dict[str, AESGCM], str]:
    """Refusal `key_malformed` for a name or a key of another length, and if the newest is missing."""
    for name, key in keys.items():
        if len(name) != ID_LENGTH or not name.isascii() or len(key) != KEY_LENGTH:
            raise Refusal(
                "key_malformed",
                f"a sealing key needs a name of {ID_LENGTH} letters and {KEY_LENGTH} bytes",
            )
    if newest not in keys:
        raise Refusal("key_malformed", f"the newest sealing key {newest!r} is not among the keys")
    return {name: AESGCM(key) for name, key in keys.items()}, newest


def _open(box: AESGCM, sealed: bytes, where: str) -> bytes:
    nonce, text = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
    try:
        return box.decrypt(nonce.ljust(NONCE_LENGTH, b"\0"), text, where.encode())
    except InvalidTag:
        raise Refusal("sealed", f"a sealed value of {where} does not open with its key") from None
