"""What stands in a platform's document on disk: its kinds, and its parts as they were understood."""

from enum import StrEnum

import msgspec

from entrepot.contract.seen import RefundSeen, ReturnSeen, Seen


class DocumentKind(StrEnum):
    """What a person can say that a file is."""

    ORDER = "order"
    WEBHOOK = "webhook"
    LISTING = "listing"
    STOCK = "stock"
    LOCATION = "location"
    RETURN = "return"


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a document that the hub has a use for, at `at` ('orders[0]', '' for the whole).

    `seen` is what was understood of it, () where a webhook says nothing to us. Or it could not be understood:
    then `code` names the exception, `why` is a sentence, and `field` is the way to what is missing or wrong.
    """

    at: str
    kind: DocumentKind
    seen: tuple[Seen | RefundSeen | ReturnSeen, ...] = ()
    code: str = ""
    why: str = ""
    field: str = ""
