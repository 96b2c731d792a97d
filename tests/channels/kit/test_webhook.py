"""Webhook signatures: the published vectors, and everything else is refused."""

import msgspec
import pytest

from entrepot.channels.kit.webhook import delivery_key, json_body, sign, verify
from entrepot.contract import Signature
from entrepot.kernel import Cause, ChannelError
from tests.channels.kit.world import SIGNATURE, about, delivery

# RFC 4231 (SHA-256) and RFC 2202 (SHA-1), test case 2: key "Jefe".
BODY = b"what do ya want for nothing?"
HEX_256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
BASE64_256 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
HEX_1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"

SECRET = {"hook_secret": "Jefe"}


@pytest.mark.parametrize(
    ("algorithm", "encoding", "expected"),
    [("sha256", "hex", HEX_256), ("sha256", "base64", BASE64_256), ("sha1", "hex", HEX_1)],
)
def test_the_signature_is_the_published_one(algorithm: str, encoding: str, expected: str) -> None:
    signature = Signature(header="X-Sign", secret="hook_secret", algorithm=algorithm, encoding=encoding)
    assert sign(signature, "Jefe", url="https://not.covered", body=BODY) == expected
    assert verify(signature, delivery(BODY, x_sign=expected), SECRET)


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (BASE64_256, ""),
        ("", "Jefe"),
        (BASE64_256, "jefe"),
        (BASE64_256[:-1], "Jefe"),
        (BASE64_256.lower(), "Jefe"),
        (HEX_256, "Jefe"),
        ("é" * 44, "Jefe"),
        ("\udcff", "Jefe"),
    ],
)
def test_a_missing_or_wrong_signature_is_refused(header: str, secret: str) -> None:
    assert not verify(SIGNATURE, delivery(BODY, x_sign=header), {"hook_secret": secret})


def test_without_header_or_setting_everything_is_refused() -> None:
    assert not verify(SIGNATURE, delivery(BODY), SECRET)
    assert not verify(SIGNATURE, delivery(BODY, x_sign=BASE64_256), {})


def test_one_changed_byte_is_refused() -> None:
    assert not verify(SIGNATURE, delivery(BODY + b" ", x_sign=BASE64_256), SECRET)


def test_an_empty_secret_does_not_verify_its_own_signature() -> None:
    forged = sign(SIGNATURE, "", url="", body=BODY)
    assert not verify(SIGNATURE, delivery(BODY, x_sign=forged), {"hook_secret": ""})


def test_a_signature_over_the_address_is_bound_to_it() -> None:
    signature = Signature(header="X-Sign", secret="hook_secret", covers_url=True)
    whole = sign(SIGNATURE, "Jefe", url="", body=b"https://hub.example/hooks/corner-1" + BODY)
    arrived = delivery(BODY, x_sign=whole)
    assert verify(signature, arrived, SECRET)
    assert not verify(signature, msgspec.structs.replace(arrived, url=arrived.url + "/"), SECRET)


def test_an_unknown_encoding_is_a_bug_of_the_adapter() -> None:
    with pytest.raises(AssertionError):
        sign(Signature(header="X", secret="s", encoding="base32"), "k", url="", body=b"")


# Square's own vectors, from the integration tests of its Python SDK.
@pytest.mark.parametrize(
    ("url", "key", "signed", "valid"),
    [
        (
            "https://webhook.site/webhooks",
            "signature-key",
            "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
            True,
        ),
        (
            "https://webhook.site/webhook",
            "signature-key",
            "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
            False,
        ),
        (
            "https://webhook.site/webhooks",
            "signature-kez",
            "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=",
            False,
        ),
    ],
)
def test_squares_vectors_agree(url: str, key: str, signed: str, valid: bool) -> None:
    signature = Signature(header="x-square-hmacsha256-signature", secret="signature_key", covers_url=True)
    arrived = delivery(b'{"data":{"type":"webhooks","id":">id<"}}', x_square_hmacsha256_signature=signed)
    assert verify(signature, msgspec.structs.replace(arrived, url=url), {"signature_key": key}) is valid


def test_a_delivery_is_named_by_its_header() -> None:
    named = about(delivery_key="X-Delivery", topic_header="X-Topic")
    assert delivery_key(named, delivery(b"{}", x_delivery="d-17")) == "d-17"


@pytest.mark.parametrize("header", ["", "x" * 201])
def test_a_delivery_without_a_usable_name_is_named_by_topic_and_body(header: str) -> None:
    named = about(delivery_key="X-Delivery", topic_header="X-Topic")
    key = delivery_key(named, delivery(b"{}", x_delivery=header, x_topic="order.created"))
    assert key == "3fdc45391d1e316bc01b93c39300c32626a2cb5112dd0cd12bbdd942df6dc099"
    assert key != delivery_key(named, delivery(b"{}", x_topic="order.updated"))
    assert key != delivery_key(named, delivery(b"{} ", x_topic="order.created"))


def test_colliding_names_are_ignored_where_the_adapter_says_so() -> None:
    one, two = delivery(b"1", x_delivery="same"), delivery(b"2", x_delivery="same")
    assert delivery_key(about(), one) != delivery_key(about(), two)


def test_a_body_that_is_not_json_is_nonsense() -> None:
    assert json_body(delivery(b'{"id": 1}')) == {"id": 1}
    with pytest.raises(ChannelError) as failed:
        json_body(delivery(b"webhook_id=7"))
    assert failed.value.cause is Cause.NONSENSE
