"""WooCommerce: what it is (ABOUT) and what its adapter can do. Quirks and sources: README.md."""

from entrepot.channels.woocommerce.connect import TOPICS, probe, subscribe, unsubscribe
from entrepot.channels.woocommerce.document import read_document
from entrepot.channels.woocommerce.events import door, read_events
from entrepot.channels.woocommerce.orders import read_order, read_orders
from entrepot.channels.woocommerce.stock import BATCH, read_listings, read_stock, write_stock
from entrepot.contract import (
    About,
    Auth,
    Figure,
    Guard,
    Kind,
    Moment,
    Pace,
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
    "read_order",
    "read_orders",
    "read_stock",
    "subscribe",
    "unsubscribe",
    "write_stock",
]

_LATER = "this adapter does not do it yet"

ABOUT = About(
    name="woocommerce",
    title="WooCommerce",
    docs="https://woocommerce.github.io/woocommerce-rest-api-docs/",
    api_version="wc/v3",
    end_of_life="",
    settings=(
        Setting(
            name="store",
            label="Address of the shop",
            help="As customers type it, without /wp-json: https://shop.example",
            pattern=r"https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?",
        ),
        Setting(name="key", label="Consumer key", pattern="ck_[0-9a-f]{40}"),
        Setting(name="secret", label="Consumer secret", secret=True, pattern="cs_[0-9a-f]{40}"),
        Setting(
            name="credentials_in",
            label="How the key is sent",
            help="header; query if the server drops the Authorization header; oauth1 without https",
            default="header",
            pattern="header|query|oauth1",
        ),
        Setting(name="webhook_secret", label="Key of the webhooks", secret=True, filled_by_hub=True),
    ),
    base_url="{store}/wp-json/wc/v3",
    auth=Auth.BASIC,
    pace=Pace(per_s=5, burst=10),  # the core has no limit; a small host falls over before it says 429
    signature=Signature(header="x-wc-webhook-signature", secret="webhook_secret"),
    delivery_key="",  # x-wc-webhook-delivery-id is a hash of webhook and second: two deliveries can share it
    topic_header="x-wc-webhook-topic",
    topics=TOPICS,
    stock=StockSemantics(
        write=Write.ABSOLUTE,
        batch=BATCH,
        bad_row_fails_batch=False,
        lands_s=300.0,  # PHP works on after the caller hung up, until the host kills it: 30 to 300 seconds
        visible_s=10.0,  # answers to a signed-in caller are not cached; a replica of the database may lag
        figure=Figure.SELLABLE,
        lowers_itself=Moment.PAID,  # at processing, on-hold or completed
        restores_itself=frozenset({"cancel", "refund"}),
        guards=Guard.PER_LISTING,  # refuses at zero unless the product allows back-orders
        per_location=False,
    ),
    reads=frozenset({Kind.ORDER, Kind.LISTING, Kind.STOCK}),
    lacks={
        "read_locations": "a shop has one stock; plugins add more, each in its own way",
        "read_returns": "the core knows refunds, which orders bring along, but no returns",
        "read_payments": "the gateway holds them; orders bring what the shop knows",
        "read_payouts": "the gateway holds them",
        "read_fees": "the gateway holds them",
        "read_queue": "it gives deliveries by webhook, not from a queue",
        "read_ticket": "it applies at once",
        "write_prices": _LATER,
        "write_listing": _LATER,
        "write_shipment": "the core has no shipments; the status says completed",
        "write_status": _LATER,
        "write_cancel": _LATER,
        "write_refund": _LATER,
        "write_return": "the core knows no returns",
        "write_order": _LATER,
    },
)
