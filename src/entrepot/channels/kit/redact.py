"""Takes secrets and personal data out of what is said about a call, before it is shown, stored or raised."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

HIDDEN = "…"
TEXT_MAX = 200

_WORDS_MAX = 2_000
_MAIL = re.compile(r"[^\s/?&=<>\"'(),;:]+(?:@|%40)[^\s/?&=<>\"'(),;:]+")
_NUMBER = re.compile(r"\+?\d[\d ().-]{5,}\d")  # telephone, card and account numbers
_KEY = re.compile(r"(?=[A-Za-z+/=_-]*\d)[A-Za-z0-9+/=_-]{20,}")  # tokens, signatures: words have no digits
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """`text` with all of `secrets` and all mail addresses hidden: for paths, whose ids must stay readable."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _MAIL.sub(HIDDEN, text)


def quotable(text: str, *, secrets: Iterable[str], said: object) -> str:
    """A platform's sentence, safe to show: at most 200 letters on one line.

    Hidden are secrets, mail addresses, long numbers, anything that looks like a key, and every word of `said`
    (the query and body of our call), because platforms like to quote the value they refuse: a name, a street.
    """
    clean = without_secrets(_BLANKS.sub(" ", text[: 10 * TEXT_MAX]), secrets)
    words = sorted(set(islice(_words(said), _WORDS_MAX)), key=len, reverse=True)
    if words:
        spoken = "|".join(re.escape(word) for word in words)
        clean = re.sub(rf"(?<!\w)(?:{spoken})(?!\w)", HIDDEN, clean, flags=re.IGNORECASE)
    clean = _KEY.sub(HIDDEN, _NUMBER.sub(HIDDEN, clean)).strip()
    return clean if len(clean) <= TEXT_MAX else clean[: TEXT_MAX - 1] + HIDDEN


def _words(said: object) -> Iterator[str]:
    """Every text of three letters or more in a value, whole and word by word."""
    if isinstance(said, str):
        whole = " ".join(said.split())
        yield from (word for word in {whole, *whole.split()} if len(word) > 2)
    elif isinstance(said, Mapping):
        for value in said.values():
            yield from _words(value)
    elif isinstance(said, list | tuple):
        for value in said:
            yield from _words(value)
