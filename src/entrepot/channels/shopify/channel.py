"""Shopify as data, and where each of its functions stands.

Sources: schema of the GraphQL Admin API 2026-07, answers recorded in 2026-04 to 2026-06, shopify.dev as read
in 2026-09. Quirks and single sources: README.md beside this file.
"""

from entrepot.channels.shopify.api import ANSWERED_BY, API_VERSION, END_OF_LIFE
from entrepot.channels.shopify.catalogue import read_listings, read_locations
from entrepot.channels.shopify.connect import SCOPES, check_return, probe
from entrepot.channels.shopify.document import read_document
from entrepot.channels.shopify.hooks import TOPIC_HEADER, TOPICS, door, read_events, subscribe, unsubscribe
from entrepot.channels.shopify.orders import read_order, read_orders
from entrepot.channels.shopify.stock import BATCH, read_stock, write_stock
from entrepot.contract import (
    About,
    Auth,
    Figure,
    Guard,
    Kind,
    Moment,
    OAuth,
    Pace,
    Setting,
    Signature,
    StockSemantics,
    Write,
)

__all__ = [
    "ABOUT",
    "check_return",
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

_LATER = "this adapter does not do it yet"

STOCK = StockSemantics(
    write=Write.COMPARE_AND_SET,
    batch=BATCH,
    bad_row_fails_batch=False,  # it does at Shopify; the adapter sends the others again
    lands_s=60.0,  # applied before the answer; a lost one before Shopify's own time-out
    visible_s=10.0,  # read by id, not by search; leaves room for a replica
    figure=Figure.SELLABLE,  # `available`: neither committed nor reserved nor unavailable
    lowers_itself=Moment.PLACED,
    restores_itself=frozenset({"cancel", "refund"}),  # where it is restocked, which each refund line says
    guards=Guard.PER_LISTING,  # the checkout, unless the variant continues selling; the till only warns
    per_location=True,
)

ABOUT = About(
    name="shopify",
    title="Shopify",
    docs="https://shopify.dev/docs/api/admin-graphql",
    api_version=API_VERSION,
    end_of_life=END_OF_LIFE,
    settings=(
        Setting(
            name="store",
            label="Address of the shop",
            help="Its permanent one, not the domain that buyers see: https://my-shop.myshopify.com",
            pattern=r"https://[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com|http://127\.0\.0\.1:[0-9]{1,5}",
        ),
        Setting(
            name="client_secret",
            label="Client secret of the app",
            help="Dev Dashboard > your app > Settings. It signs the webhooks.",
            secret=True,
        ),
        Setting(
            name="client_id",
            label="Client ID of the app",
            help="Dev Dashboard > your app > Settings, beside the secret.",
            pattern="[0-9a-f]{32}",
            optional=True,
        ),
        Setting(
            name="token",
            label="Access token",
            help="Only of an app that was made in the shop's admin before 2026: shpat_ and 32 letters.",
            secret=True,
            pattern="[A-Za-z0-9_]{20,200}",
        ),
        Setting(name="refresh_token", label="Refresh token", secret=True, filled_by_hub=True),
        Setting(name="token_until", label="End of the access token", filled_by_hub=True),
        Setting(name="hooks", label="Webhook subscriptions", filled_by_hub=True),
    ),
    base_url="{store}",
    auth=Auth.HEADER,
    token_header="x-shopify-access-token",
    oauth=OAuth(
        authorize_path="/admin/oauth/authorize",
        token_path="/admin/oauth/access_token",
        scopes=SCOPES,
        separator=",",
        extra={"expiring": "1"},  # a token for an hour and a refresh token; public apps must
        client_credentials=True,  # an app of the organisation that owns the shop: a token for a day
    ),
    version_header=ANSWERED_BY,
    pace=Pace(per_s=4.0, burst=20),  # calls; what they cost in points, Shopify says and THROTTLED enforces
    signature=Signature(header="x-shopify-hmac-sha256", secret="client_secret"),
    delivery_key="x-shopify-webhook-id",  # one event comes once per subscription, each with an id of its own
    topic_header=TOPIC_HEADER,
    topics=TOPICS,
    stock=STOCK,
    reads=frozenset({Kind.ORDER, Kind.STOCK, Kind.LISTING, Kind.LOCATION}),
    lacks={
        "read_returns": "a return shows in the refunds of its order; one without refund is not read yet",
        "read_payments": "payments are read with their order",
        "read_payouts": "comes with settlements: shopifyPaymentsAccount.payouts",
        "read_fees": "comes with settlements: fees of the transactions",
        "read_queue": "it gives deliveries by webhook; EventBridge and Pub/Sub are not read",
        "read_ticket": "every write is answered at once",
        "write_prices": _LATER,
        "write_listing": _LATER,
        "write_shipment": _LATER,
        "write_status": _LATER,
        "write_cancel": _LATER,
        "write_refund": _LATER,
        "write_return": _LATER,
        "write_order": _LATER,
    },
)
