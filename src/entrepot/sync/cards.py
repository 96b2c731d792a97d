"""Card numbers never reach the store: they are masked before the first insert, whatever field they are in."""

import re
from collections.abc import Iterator

_DIGITS = re.compile(rb"(?<![0-9A-Za-z+])(?<![0-9][.])[0-9](?:[ -]?[0-9]){12,}(?![0-9A-Za-z])(?![.][0-9])")
"""Digits with single blanks or dashes between them: no part of a word, of a fraction, no number dialled with
+."""

_GROUP = re.compile(rb"[0-9]+")
_LEAST, _MOST, _GROUPS = 13, 19, 6
"""Fewest and most digits of a card, and most groups that anybody writes it in."""

_ISSUERS = (
    (re.compile(rb"4"), {13, 16, 19}),
    (re.compile(rb"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), {16}),
    (re.compile(rb"3[47]"), {15}),
    (re.compile(rb"3(?:0[0-5]|[68])"), {14}),
    (re.compile(rb"35(?:2[89]|[3-8])"), {16}),
    (re.compile(rb"6(?:011|4[4-9]|5)"), {16, 19}),
)
"""First digits and lengths of the card schemes (ISO/IEC 7812, issuers' public ranges, read 2026-11)."""


def masked(text: bytes) -> bytes:
    """`text` with all but the first six and last four digits of every card number replaced by '*'.

    A card number is 13 to 19 digits, blanks or dashes allowed between groups of them, with an issuer's first
    digits and length and a right check digit. Other numbers may stand beside it. A number that may be one of
    JSON's own, which knows no '*', is masked with '0', and if it has 13 digits it is left alone: it is an id.
    """
    return _DIGITS.sub(lambda found: _mask(text, found.start(), found.group()), text)


def _mask(text: bytes, start: int, run: bytes) -> bytes:
    """A run of digits with the cards in it masked."""
    out = bytearray(run)
    for first, last in _cards(run):
        bare = _bare(text, start + first, start + last)
        places = [n for n in range(first, last) if out[n] not in b" -"]
        if bare and len(places) == _LEAST:
            continue
        for n in places[6:-4]:
            out[n] = ord("0" if bare else "*")
    return bytes(out)


def _cards(run: bytes) -> Iterator[tuple[int, int]]:
    """Where cards stand in a run: they begin and end with a group; the longest from each beginning."""
    groups = [(found.start(), found.end()) for found in _GROUP.finditer(run)]
    passed = 0
    for at, (first, _end) in enumerate(groups):
        if first < passed:
            continue
        for more, (_start, last) in reversed(list(enumerate(groups[at : at + _GROUPS]))):
            digits = last - first - more
            if _LEAST <= digits <= _MOST and _is_card(run[first:last].translate(None, b" -")):
                yield first, last
                passed = last
                break


def _is_card(digits: bytes) -> bool:
    """A 13-digit number with the check digit of an EAN is one: Visa gives out no such short numbers any
    more."""
    if not any(start.match(digits) and len(digits) in lengths for start, lengths in _ISSUERS):
        return False
    return _luhn(digits) and not (len(digits) == _LEAST and _ean(digits))


def _bare(text: bytes, first: int, last: int) -> bool:
    """Whether a number may be one of JSON's own rather than part of a text."""
    before, after = text[:first].rstrip()[-1:], text[last:].lstrip()[:1]
    return before in {b":", b",", b"["} and after in {b",", b"}", b"]"}


def _luhn(digits: bytes) -> bool:
    """Luhn's check digit is right."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = digit - 48
        total += value if n % 2 == 0 else (value * 2 - 9 if value > 4 else value * 2)
    return total % 10 == 0


def _ean(digits: bytes) -> bool:
    """An EAN's check digit is right."""
    return sum((digit - 48) * (3 if n % 2 else 1) for n, digit in enumerate(reversed(digits))) % 10 == 0
