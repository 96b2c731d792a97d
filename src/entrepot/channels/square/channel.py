"""Square as data, and where each of its functions stands.

Sources: Square's OpenAPI description (square/connect-api-specification, API version 2026-09-16), recorded
sandbox answers of 2026-07, developer.squareup.com as read in 2026-09. Quirks and single sources: README.md
beside this file.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.channels.kit.signs import clock_ahead
from entrepot.channels.square.catalogue import locations, read_listings, read_locations
from entrepot.channels.square.document import read_document
from entrepot.channels.square.hooks import (
    API_VERSION,
    TOPICS,
    door,
    read_events,
    subscribe,
    unsubscribe,
)
from entrepot.channels.square.orders import read_order, read_orders
from entrepot.channels.square.stock import read_stock, write_stock
from entrepot.contract import (
    About,
    Api,
    Auth,
    Figure,
    Guard,
    Kind,
    Moment,
    OAuth,
    Pace,
    Probed,
    Setting,
    Signature,
    StockSemantics,
    Write,
)

__all__ = [
    "ABOUT",
    "door",
    "probe",
    "read_document",
    "read_events",
    "read_listings",
    "read_locations",
    "read_order",
    "read_orders",
    "read_stock",
    "subscribe",
    "unsubscribe",
    "write_stock",
]

SCOPES = (
    "MERCHANT_PROFILE_READ",
    "ITEMS_READ",
    "INVENTORY_READ",
    "INVENTORY_WRITE",
    "ORDERS_READ",
    "PAYMENTS_READ",
)
"""What a person is asked to consent to (OAuth permissions reference, read 2026-11)."""

AHEAD_S = 2.0
"""More than network and the whole seconds of a Date header explain."""

STOCK = StockSemantics(
    write=Write.DELTA,  # an absolute count written late would swallow the sales of offline tills
    batch=1,  # one row per call: the idempotency key belongs to the call, see stock.write_stock
    bad_row_fails_batch=False,
    lands_s=60.0,  # applied before the answer; a lost one before Square's own time-out of 60 s
    visible_s=60.0,  # counts are computed when asked; their webhook "typically within 60 seconds"
    figure=Figure.SELLABLE,  # IN_STOCK is "on hand and available for sale": reserved and sold have left it
    lowers_itself=Moment.PAID,
    restores_itself=frozenset(),  # a refund gives no goods back; only a person at the till can restock
    guards=Guard.NO,  # a till sells at zero and below, and offline
    per_location=True,
)

ABOUT = About(
    name="square",
    title="Square",
    docs="https://developer.squareup.com/docs",
    api_version=API_VERSION,
    end_of_life="",
    settings=(
        Setting(
            name="token",
            label="Access token",
            help="Personal access token of your own application in the Developer Console. One that was "
            "granted by consent reads and writes as well, but may not subscribe to webhooks.",
            secret=True,
        ),
        Setting(
            name="client_id",
            label="Application ID",
            help="Developer Console > your application > OAuth.",
            pattern=r"[A-Za-z0-9_-]{10,100}",
            optional=True,
        ),
        Setting(
            name="client_secret",
            label="Application secret",
            help="Developer Console > your application > OAuth.",
            secret=True,
            optional=True,
        ),
        Setting(name="refresh_token", label="Refresh token", secret=True, filled_by_hub=True),
        Setting(name="token_until", label="End of the access token", filled_by_hub=True),
        Setting(
            name="base_url",
            label="Address of the API",
            help="https://connect.squareupsandbox.com for the sandbox.",
            default="https://connect.squareup.com",
            pattern=r"https?://[^/\s]+",
        ),
        Setting(
            name="signature_key",
            label="Signature key of the webhook",
            secret=True,
            filled_by_hub=True,
        ),
        Setting(
            name="subscription_id",
            label="Id of the webhook subscription",
            filled_by_hub=True,
        ),
    ),
    base_url="{base_url}",
    auth=Auth.BEARER,
    oauth=OAuth(
        authorize_path="/oauth2/authorize",
        token_path="/oauth2/token",
        scopes=SCOPES,
        asked={"session": "false"},  # the person signs in anew: not as whoever was signed in last
        names_return=True,
        early_s=23 * 86_400.0,  # it lives 30 days, and Square wants it renewed every 7
    ),
    version_header="square-version",
    clock_ahead_max_s=AHEAD_S,
    pace=Pace(per_s=8.0, burst=16),  # Square publishes no numbers and answers 429: ours is a careful guess
    signature=Signature(header="x-square-hmacsha256-signature", secret="signature_key", covers_url=True),
    delivery_key="",  # event_id stands in the body, which a repeated delivery carries unchanged
    topic_header="",
    topics=TOPICS,
    stock=STOCK,
    reads=frozenset({Kind.ORDER, Kind.STOCK, Kind.LISTING, Kind.LOCATION}),
    default_headers={"square-version": API_VERSION},
    lacks={
        "read_returns": "a return is read with the sale it belongs to",
        "read_payments": "payments are read with their order",
        "read_payouts": "comes with settlements: GET /v2/payouts",
        "read_fees": "comes with settlements: processing_fee of the payment",
        "read_queue": "there is no queue to be drained: the Events API is opt-in and reaches 28 days back",
        "read_ticket": "every write is answered at once",
        "write_prices": "not written yet: catalogue upsert with version, one at a time per seller",
        "write_listing": "not written yet: catalogue upsert with version, one at a time per seller",
        "write_shipment": "not written yet: UpdateOrder with version; till sales cannot be updated",
        "write_status": "not written yet: UpdateOrder with version; till sales cannot be updated",
        "write_cancel": "not written yet: only an unpaid order can be cancelled",
        "write_refund": "not written yet: POST /v2/refunds",
        "write_return": "not written yet: an itemised return is a new order with a refund",
        "write_order": "not written yet: POST /v2/orders",
    },
)


def probe(api: Api) -> Probed:
    """Whose account it is, and what stands in the way."""
    reply = api.get("/v2/merchants/me")
    merchant = reply.json["merchant"]
    active = [place for place in locations(api) if place.get("status") == "ACTIVE"]
    currencies = sorted({place.get("currency") or merchant.get("currency", "") for place in active})
    return Probed(
        account=merchant["id"],
        facts={
            "business": merchant.get("business_name") or "",
            "country": merchant.get("country", ""),
            "currency": " ".join(currencies),
            "locations": str(len(active)),
        },
        problems=(
            *_problems(merchant, currencies, (reply.began_at - reply.at).total_seconds()),
            *_unheard(api.settings),
        ),
    )


def _unheard(settings: Mapping[str, str]) -> Iterator[str]:
    if settings.get("refresh_token") and not settings.get("subscription_id"):
        yield (
            "Webhooks of an account that was connected by consent are subscribed by hand: Developer Console "
            "> Webhooks, for the callback_url that `entrepot connections --json` shows; then "
            "`entrepot reconnect NAME --set subscription_id=ID --set signature_key=@FILE`. Until then sales "
            "come with every sweep."
        )


def _problems(merchant: dict[str, Any], currencies: list[str], ahead_s: float) -> Iterator[str]:
    """Sentences with what to do. `ahead_s`: how far our clock is ahead of Square's."""
    if merchant.get("status") == "INACTIVE":
        yield "Square has deactivated this merchant: ask Square's support why."
    if not currencies:
        yield "No location is active: activate one in the Square Dashboard."
    if len(currencies) > 1:
        yield f"The locations trade in {' and '.join(currencies)}: connect each currency by itself."
    if ahead_s > AHEAD_S:
        yield clock_ahead("Square")
