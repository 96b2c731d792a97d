"""Signatures held to the vendors' published vectors and, both ways, to the verifiers in their own clients.

Square: vectors of its Python client's tests. Shopify: callbacks of its Python client's tests; for webhooks it
publishes no vector, the one here is of SQLPage's documentation. WooCommerce publishes none: these were made
with `openssl dgst -sha256 -hmac` by its documented rule. All read 2026-11.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from square.utils.webhooks_helper import verify_signature

from entrepot.channels.kit.webhook import sign, verify
from entrepot.channels.shopify import channel as shopify_channel
from entrepot.channels.shopify import connect
from entrepot.channels.shopify.emulator_grants import callback_hmac
from entrepot.channels.square import channel as square_channel
from entrepot.channels.woocommerce import channel as woocommerce_channel
from entrepot.contract import About, Delivery

shopify = pytest.importorskip("shopify", reason="ShopifyAPI checks what we sign")

SQUARE_BODY = (
    '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification",'
    '"event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z",'
    '"data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}'
)
SQUARE_URL = "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
SQUARE_KEY = "Ibxx_5AKakO-3qeNVR61Dw"
SQUARE_SIGNATURE = "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="
SQUARE_VECTORS = [
    (SQUARE_BODY, SQUARE_URL, SQUARE_KEY, SQUARE_SIGNATURE, True),
    (
        '{"data":{"type":"webhooks","id":">id<"}}',
        "https://webhook.site/webhooks",
        "signature-key",
        "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
        True,
    ),
    (SQUARE_BODY, SQUARE_URL.replace("/679", "/79"), SQUARE_KEY, SQUARE_SIGNATURE, False),
    (SQUARE_BODY, SQUARE_URL, "MCmhFRxGX82xMwg5FsaoQA", SQUARE_SIGNATURE, False),
    (SQUARE_BODY, SQUARE_URL, SQUARE_KEY, "1z2n3DEJJiUPKcPzQo1ftvbxGdw=", False),
]

SHOPIFY_BODY = b'{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}'
CALLBACKS: list[tuple[dict[str, Any], str]] = [
    (
        {
            "shop": "some-shop.myshopify.com",
            "code": "a94a110d86d2452eb3e2af4cfb8a3828",
            "timestamp": "1337178173",
        },
        "2cb1a277650a659f1b11e92a4a64275b128e037f2c3390e3c8fd2d8721dac9e2",
    ),
    (
        {"shop": "some-shop.myshopify.com", "ids[]": [2, 1]},
        "b93b9f82996f6f8bf9f1b7bbddec284c8fabacdc4e12dc80550b4705f3003b1e",
    ),
]

WOO_VECTORS = [
    (
        '{"id":727,"status":"processing"}',
        "a-secret-of-the-hub",
        "TfUcOtPYY2NFADHAIO7zNxeur2q0cAworTtfzPerWvQ=",
    ),
    ('{"name":"Grüße – 東京"}', "sécret", "g4WEhqxd4FRRN1gPE60hYc/xqqqLwwLi7MpAtC1CZ80="),
]


def arrived(about: About, body: str, signature: str, *, url: str = "https://hub.example/hooks") -> Delivery:
    return Delivery(
        headers={about.signature.header.lower(): signature},
        body=body.encode(),
        url=url,
        received_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(("body", "url", "key", "signature", "valid"), SQUARE_VECTORS)
def test_squares_vectors_hold_for_us_as_for_its_own_verifier(
    body: str, url: str, key: str, signature: str, valid: bool
) -> None:
    about = square_channel.ABOUT
    delivery = arrived(about, body, signature, url=url)
    assert verify(about.signature, delivery, {"signature_key": key}) is valid
    theirs = verify_signature(
        request_body=body, signature_header=signature, signature_key=key, notification_url=url
    )
    assert theirs is valid
    assert (sign(about.signature, key, url=url, body=body.encode()) == signature) is valid


@pytest.mark.parametrize(
    ("body", "url", "key"),
    [
        ('{"name":"Grüße – 東京"}', "https://hub.example/hooks/1?x=1&y=%20", "sécret"),
        ('{"a":"\\u00fc"}', "https://hub.example:8443/", "k"),
    ],
)
def test_what_we_sign_squares_own_verifier_accepts(body: str, url: str, key: str) -> None:
    signed = sign(square_channel.ABOUT.signature, key, url=url, body=body.encode())
    told = {"request_body": body, "signature_header": signed, "signature_key": key}
    assert verify_signature(**told, notification_url=url)
    assert not verify_signature(**told, notification_url=url + "/")


def test_a_shopify_webhook_is_signed_over_its_raw_body() -> None:
    about, secret = shopify_channel.ABOUT, {"client_secret": "test-webhook-secret"}
    signature = "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw="
    assert sign(about.signature, "test-webhook-secret", url="", body=SHOPIFY_BODY) == signature
    assert verify(about.signature, arrived(about, SHOPIFY_BODY.decode(), signature), secret)
    assert not verify(about.signature, arrived(about, SHOPIFY_BODY.decode() + "\n", signature), secret)


@pytest.mark.parametrize(("params", "signature"), CALLBACKS)
def test_shopifys_callback_vectors_hold_for_us_as_for_its_own_verifier(
    params: dict[str, Any], signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify.Session, "secret", "hush")
    pairs = [
        (name, str(one))
        for name, value in params.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    for given, valid in ((signature, True), (signature[::-1], False)):
        assert connect.callback_valid([*pairs, ("hmac", given)], "hush") is valid
        assert shopify.Session.validate_hmac(params | {"hmac": given}) is valid


@pytest.mark.parametrize(
    "params",
    [
        {"shop": "a.myshopify.com", "state": "s&1=2%3", "code": "k", "timestamp": "1"},
        {"sh=op": "a&b", "code": "%26"},
    ],
)
def test_a_callback_that_the_emulated_shop_signs_the_vendors_verifier_and_ours_accept(
    params: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify.Session, "secret", "hush")
    signed = params | {"hmac": callback_hmac(params, "hush")}
    assert shopify.Session.validate_hmac(signed)
    assert connect.callback_valid(list(signed.items()), "hush")
    assert not shopify.Session.validate_hmac(signed | {"code": "other"})


@pytest.mark.parametrize(("body", "secret", "signature"), WOO_VECTORS)
def test_a_woocommerce_webhook_is_signed_over_its_raw_body(body: str, secret: str, signature: str) -> None:
    about, known = woocommerce_channel.ABOUT, {"webhook_secret": secret}
    assert sign(about.signature, secret, url="", body=body.encode()) == signature
    assert verify(about.signature, arrived(about, body, signature), known)
    assert not verify(about.signature, arrived(about, body + " ", signature), known)
