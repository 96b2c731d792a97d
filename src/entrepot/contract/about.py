"""A platform as data: an adapter's ABOUT. What differs is declared here and never coded outside."""

from enum import StrEnum

import msgspec

from entrepot.contract.seen import Kind


class Write(StrEnum):
    """How a stock figure is written."""

    ABSOLUTE = "absolute"
    DELTA = "delta"
    COMPARE_AND_SET = "compare_and_set"


class Figure(StrEnum):
    SELLABLE = "sellable"
    PHYSICAL = "physical"


class Moment(StrEnum):
    """When the channel lowers its own figure for a sale."""

    PLACED = "placed"
    PAID = "paid"
    FULFILLED = "fulfilled"
    NEVER = "never"


class Guard(StrEnum):
    """Does the channel refuse a sale at zero?"""

    YES = "yes"
    NO = "no"
    PER_LISTING = "per_listing"


class StockSemantics(msgspec.Struct, frozen=True, kw_only=True):
    """How the platform's stock behaves. `lands_s`: how late a write may land; `visible_s`: how late a read
    may lag (None: unbounded). `per_location`: one figure per location, else one for the whole channel."""

    write: Write
    batch: int
    bad_row_fails_batch: bool
    lands_s: float | None
    visible_s: float | None
    figure: Figure
    lowers_itself: Moment
    restores_itself: frozenset[str]  # of {'cancel', 'refund'}
    guards: Guard
    per_location: bool


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the connect form. A secret is sealed and never shown again.

    `optional`: only some ways to connect need it; which, `connections.needed` says.
    """

    name: str
    label: str
    help: str = ""
    secret: bool = False
    default: str = ""
    pattern: str = ".+"  # full match
    filled_by_hub: bool = False  # an answer of the platform (a webhook's key): not asked of a person
    optional: bool = False


class Auth(StrEnum):
    BASIC = "basic"  # settings `key`, `secret`
    BEARER = "bearer"  # setting `token`
    OAUTH1 = "oauth1"
    OAUTH2 = "oauth2"
    HEADER = "header"  # setting `token`, in the header that `About.token_header` names
    NONE = "none"  # the call brings its credentials along: a platform's token address


class OAuth(msgspec.Struct, frozen=True, kw_only=True):
    """How a platform grants tokens by OAuth 2 (RFC 6749): by consent of a person (4.1), and, with
    `client_credentials`, for accounts of our own to the application itself (4.4). Paths follow the base URL.

    It uses the settings `client_id` and `client_secret` and fills `token`, `refresh_token` and `token_until`.
    `asked` goes along to the page of consent, `extra` with the code; `names_return`: the code is only
    exchanged by who names the address it came back to. A token is renewed `early_s` before its end.
    """

    authorize_path: str
    token_path: str
    scopes: tuple[str, ...]
    separator: str = " "  # between scopes
    asked: dict[str, str] = {}
    extra: dict[str, str] = {}
    names_return: bool = False
    client_credentials: bool = False
    early_s: float = 300.0


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Our own limit of an account's calls: `burst` at once, then `per_s` a second. Headers lower it."""

    per_s: float
    burst: int


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """base64 or hex HMAC over the raw body, or over the registered URL and the raw body. Missing or wrong:
    refused.

    `secret` names the setting that holds the key; an empty one refuses everything.
    """

    header: str
    secret: str
    algorithm: str = "sha256"
    encoding: str = "base64"  # or 'hex'
    covers_url: bool = False


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A platform. `lacks` gives the reason for every contract function that the adapter does not have.

    `base_url` may hold {setting} names. `delivery_key` is the header that names a delivery; '' where it
    collides or is missing: then a digest of topic and body serves. `topic_header` is '' where the body names
    the topic. `version_header` is the one in which an answer says which version of the API it is of; behind
    `clock_ahead_max_s` our own clock may not be ahead of the platform's.
    """

    name: str
    title: str
    docs: str
    api_version: str
    end_of_life: str  # ISO date, '' if none is announced
    settings: tuple[Setting, ...]
    base_url: str
    auth: Auth
    pace: Pace
    signature: Signature
    delivery_key: str
    topic_header: str
    topics: tuple[str, ...]
    stock: StockSemantics
    lacks: dict[str, str]
    reads: frozenset[Kind] = frozenset({Kind.ORDER})
    default_headers: dict[str, str] = {}
    token_header: str = ""  # for Auth.HEADER
    oauth: OAuth | None = None  # where a person may connect by consent instead of typing a token
    version_header: str = ""
    clock_ahead_max_s: float | None = None
