"""Card numbers never reach the store: they are masked before the first insert, whatever field they are in."""

import re

_CARD = re.compile(rb"(?<![0-9A-Za-z])(?:[2-6][ -]?(?:[0-9][ -]?){11,17}[0-9])(?![0-9A-Za-z])")
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

    A card number is a run of 13 to 19 digits, blanks or dashes allowed between them, with an issuer's first digits
    and length and a right check digit.
    """
    return _CARD.sub(lambda match: _mask(match.group()), text)


def _mask(found: bytes) -> bytes:
    digits = re.sub(rb"[ -]", b"", found)
    if not any(start.match(digits) and len(digits) in lengths for start, lengths in _ISSUERS) or not _checks(
        digits
    ):
        return found
    shown = set(range(6)) | set(range(len(digits) - 4, len(digits)))
    out, n = bytearray(), 0
    for letter in found:
        if letter in b" -":
            out.append(letter)
            continue
        out.append(letter if n in shown else ord("*"))
        n += 1
    return bytes(out)


def _checks(digits: bytes) -> bool:
    """Luhn's check digit is right."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = digit - 48
        total += value if n % 2 == 0 else (value * 2 - 9 if value > 4 else value * 2)
    return total % 10 == 0
