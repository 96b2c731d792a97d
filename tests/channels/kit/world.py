"""The small world that the tests of the kit stand in: one platform, one account, a free pace, a recorder."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx2

from entrepot.channels.kit.api import HttpApi
from entrepot.contract import (
    About,
    Auth,
    Delivery,
    Figure,
    Guard,
    Moment,
    Pace,
    Permits,
    Setting,
    Signature,
    StockSemantics,
    Write,
)
from entrepot.kernel import VirtualClock

SIGNATURE = Signature(header="X-Sign", secret="hook_secret")


def about(auth: Auth = Auth.BEARER, base_url: str = "https://shop.example/api", **changed: str) -> About:
    """A platform with a token and a key pair among its settings."""
    return About(
        name="corner",
        title="Corner Shop",
        docs="https://shop.example/docs",
        api_version="1",
        end_of_life="",
        settings=tuple(
            Setting(name=name, label=name, secret=True) for name in ("token", "key", "secret", "hook_secret")
        ),
        base_url=base_url,
        auth=auth,
        pace=Pace(per_s=10, burst=10),
        signature=SIGNATURE,
        delivery_key=changed.get("delivery_key", ""),
        topic_header=changed.get("topic_header", ""),
        topics=("order.created",),
        stock=StockSemantics(
            write=Write.ABSOLUTE,
            batch=100,
            bad_row_fails_batch=False,
            lands_s=None,
            visible_s=None,
            figure=Figure.SELLABLE,
            lowers_itself=Moment.PAID,
            restores_itself=frozenset(),
            guards=Guard.NO,
            per_location=False,
        ),
        lacks={},
        default_headers={"corner-version": "1"},
    )


class Pacemaker:
    """Permits that answer from a list of waits, then freely; `told` keeps what the answers said."""

    def __init__(self, *waits_s: float) -> None:
        self._waits_s, self.told = list(waits_s), list[float]()

    def take(self, account: str, now: datetime) -> float:
        return self._waits_s.pop(0) if self._waits_s else 0.0

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        self.told.append(wait_s)


class Notebook:
    """A recorder that keeps (method, path, status)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int]] = []

    def call(self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime) -> None:
        self.calls.append((method, path, status))


SETTINGS = {
    "token": "tok-4711-secret",
    "key": "ck_1234567890",
    "secret": "cs_0987654321",
    "hook_secret": "Jefe",
}


def api_on(
    answer: Callable[[httpx2.Request], httpx2.Response] | httpx2.BaseTransport | None,
    *,
    about: About = about(),  # noqa: B008 - a frozen value
    settings: Mapping[str, str] = SETTINGS,
    clock: VirtualClock | None = None,
    permits: Permits | None = None,
    recorder: Notebook | None = None,
    **more: Any,
) -> HttpApi:
    """An HttpApi whose platform is a function from request to answer, a transport, or really out there."""
    return HttpApi(
        about,
        account="corner-1",
        settings=settings,
        clock=clock or VirtualClock(),
        permits=permits or Pacemaker(),
        recorder=recorder or Notebook(),
        transport=httpx2.MockTransport(answer) if callable(answer) else answer,
        **more,
    )


def delivery(body: bytes, **headers: str) -> Delivery:
    """A webhook with these headers; an underscore in a name stands for a hyphen."""
    return Delivery(
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        url="https://hub.example/hooks/corner-1",
        received_at=VirtualClock().now(),
    )
