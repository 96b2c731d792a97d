"""SKUs, the recipe of items each draws on, and how a text becomes a SKU's code."""

import re
import unicodedata

import msgspec

from entrepot.kernel import Refusal

CODE_MAX = 100

WORD = re.compile(r"\w+")
TERMS_MAX, TERM_MAX = 24, 40


class Sku(msgspec.Struct, frozen=True, kw_only=True):
    """`scale`: pieces in one sold unit. `recipe`: (item id, pieces of it in one piece of the SKU)."""

    id: str
    code: str
    title: str
    scale: int
    recipe: tuple[tuple[str, int], ...]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """`item` is the channel's; `sku_id` '' while nobody has said which SKU it is."""

    id: str
    connection_id: str
    item: str
    sku_text: str
    title: str
    sku_id: str = ""
    gtin: str = ""
    active: bool = True
    shared_pool: str = ""


def code_of(text: str) -> str:
    """The one spelling of a SKU's code: Unicode NFC, no blanks around it; capitals and leading zeros stay.

    Refusal `sku_code` for an empty one, one with control characters, or one of more than 100 letters.
    """
    code = unicodedata.normalize("NFC", text).strip()
    if (
        not code
        or len(code) > CODE_MAX
        or any(unicodedata.category(letter).startswith("C") for letter in code)
    ):
        raise Refusal(
            "sku_code", f"{text[:120]!r} cannot be a SKU: 1 to {CODE_MAX} printable letters", field="sku"
        )
    return code


def terms(*texts: str) -> list[str]:
    """The words by whose beginnings people find a text, each once: without accents, in small letters. A whole
    code is one too, so that 'mug-in' finds MUG-INDIGO."""
    found: dict[str, None] = {}
    for text in texts:
        plain = fold(text)
        whole = plain if " " not in plain else ""
        found |= dict.fromkeys(word[:TERM_MAX] for word in (whole, *WORD.findall(plain)) if word)
    return list(found)[:TERMS_MAX]


def fold(text: str) -> str:
    """A text as it is searched for: compatibility forms taken apart, accents dropped, small letters."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter) and letter.isprintable())
    return plain.strip()
