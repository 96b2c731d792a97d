"""Names of things that one at a time may work on, as PostgreSQL's advisory locks know them."""

from hashlib import blake2b


def number(name: str) -> int:
    """The 64-bit number that stands for a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
