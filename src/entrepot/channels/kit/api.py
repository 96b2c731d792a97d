"""The one door to a platform: every call of an adapter goes through HttpApi, paced, retried and redacted."""

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from entrepot.channels.kit.address import base_url, pairs, safe_path
from entrepot.channels.kit.answers import Answered, Asked, judge, place, platform_time
from entrepot.channels.kit.auth import credentials
from entrepot.channels.kit.graphql import THROTTLED
from entrepot.channels.kit.json import encode
from entrepot.channels.kit.redact import without_secrets
from entrepot.channels.kit.signs import signs
from entrepot.contract import About, Permits, Recorder, Reply, Vault, Watch
from entrepot.kernel import Cause, ChannelError, Clock, Refusal

TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
CALL_MAX_S = 120.0
"""A whole answer must be here by then, however slowly it drips."""

SIZE_MAX = 32 * 1024 * 1024
PATIENCE_S = 2.0
"""Waits up to this long happen here, longer ones in the queue."""

THROTTLE_S = 10.0
"""GraphQL's throttles up to this long are waited out: a question of 1,000 points, 100 of them restored a
second."""

PAUSES_S = (0.25, 1.0)
"""Before the first and the second quick repetition."""

BUSY_S = 5.0
"""The pause after a 429 that names none."""

ELSEWHERE = "(a file that the platform named)"
"""Stands for such an address wherever a call is named: its query is a key to the file."""

_ASKS_MAX = 10
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WORTH_REPEATING = frozenset({Cause.DOWN, Cause.LOST, Cause.NONSENSE})


class HttpApi:
    """Calls to one account of a platform, as contract.Api promises them. Every failure is a ChannelError.

    Header names of a Reply are lower case. `path` is appended to the base URL, whose {names} are settings; a
    list among `params` repeats its name, True and False become 'true' and 'false'. For one thread at a time.

    With a `vault` every call goes with the token as it is now; one whose token is refused (401) is made once
    more with another, if there is one to be had. `watch` is told what answers say of the connection.

    `get` also takes a whole address that the platform named (a report to download): it is called without our
    credentials, and only over https unless it is on the platform's own host.
    """

    def __init__(
        self,
        about: About,
        *,
        account: str,
        settings: Mapping[str, str],
        clock: Clock,
        permits: Permits,
        recorder: Recorder,
        transport: httpx2.BaseTransport | None = None,
        vault: Vault | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._about, self._account, self._settings = about, account, settings
        self._clock, self._permits, self._recorder = clock, permits, recorder
        self._vault, self._watch, self._told = vault, watch, (False, frozenset[str]())
        self._base = base_url(about, settings)
        self._ahead = timedelta(0)
        self._client = httpx2.Client(
            transport=transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=httpx2.URL(self._base).host not in _LOOPBACK,  # a proxy leads out, never to ourselves
            headers={"accept": "application/json", "user-agent": "entrepot", **about.default_headers},
        )
        for name in ("httpx2", "httpcore2"):  # they log whole addresses, and with them keys in the query
            logging.getLogger(name).setLevel(logging.WARNING)

    @property
    def settings(self) -> Mapping[str, str]:
        return self._settings

    @property
    def _secrets(self) -> tuple[str, ...]:
        return tuple(self._settings.get(one.name, "") for one in self._about.settings if one.secret)

    @property
    def ahead(self) -> timedelta:
        """How far the platform's clock is ahead of ours by its last answer; rather too little than more."""
        return self._ahead

    def get(self, path: str, **params: Any) -> Reply:
        if path.startswith(("https://", "http://")):
            return self._call(Asked(method="GET", path=ELSEWHERE, address=self._foreign(path), reads=True))
        return self._call(Asked(method="GET", path=path, query=pairs(params), reads=True))

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply:
        return self._call(Asked(method="POST", path=path, body=body, reads=safe))

    def put(self, path: str, body: Any) -> Reply:
        return self._call(Asked(method="PUT", path=path, body=body))

    def delete(self, path: str, **params: Any) -> Reply:
        return self._call(Asked(method="DELETE", path=path, query=pairs(params)))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _call(self, asked: Asked) -> Reply:
        for pause_s in (*PAUSES_S, None) if asked.reads else (None,):
            outcome = self._unthrottled(asked)
            if isinstance(outcome, Reply):
                return outcome
            wait_s = max(pause_s or 0.0, outcome.wait_s or 0.0)
            if pause_s is None or outcome.cause not in _WORTH_REPEATING or wait_s > PATIENCE_S:
                raise outcome
            self._clock.sleep(wait_s)
        raise AssertionError("the last attempt either returns or raises")

    def _unthrottled(self, asked: Asked) -> Reply | ChannelError:
        """One call. What GraphQL throttled it did not begin: soon after it is called again, changes too.

        A list whose pages cost more points than are left would else be begun anew for ever.
        """
        outcome = self._attempt(asked)
        for _ in range(_ASKS_MAX):
            wait_s = (
                outcome.wait_s if isinstance(outcome, ChannelError) and outcome.code == THROTTLED else None
            )
            if wait_s is None or wait_s > THROTTLE_S:
                break
            self._clock.sleep(wait_s)
            outcome = self._attempt(asked)
        return outcome

    def _attempt(self, asked: Asked) -> Reply | ChannelError:
        """One call, and another with a new token if its own is refused. A refused call did nothing: changes
        too may be made again."""
        if self._vault is None or asked.address:
            return self._once(asked)[0]
        self._settings = self._vault.current()
        outcome, status = self._once(asked)
        if status != 401:
            return outcome
        renewed = self._vault.renewed(self._settings.get("token", ""))
        if renewed is None:
            return outcome
        self._settings = renewed
        outcome, status = self._once(asked)
        if status != 401:
            return outcome
        where = place(asked, self._secrets)
        return ChannelError(Cause.DENIED, f"{where}: 401, and for a new token too: connect again")

    def _once(self, asked: Asked) -> tuple[Reply | ChannelError, int]:
        """One call and the status of its answer (0: none), recorded; the pace is told what it says of it."""
        self._pace(asked)
        began_at = self._clock.now()
        answered = self._exchange(asked, began_at)
        now = self._clock.now()
        self._recorder.call(
            account=self._account,
            method=asked.method,
            path=without_secrets(asked.path, self._secrets),
            status=answered.status if isinstance(answered, Answered) else 0,
            took_ms=int((now - began_at) / timedelta(milliseconds=1)),
            at=began_at,
        )
        if not isinstance(answered, Answered):
            return answered, 0
        self._ahead = platform_time(answered) - answered.at
        if not asked.address:
            self._notice(answered)
        outcome = judge(asked, answered, self._secrets)
        if isinstance(outcome, ChannelError) and (outcome.cause is Cause.BUSY or outcome.wait_s):
            self._permits.busy(self._account, BUSY_S if outcome.wait_s is None else outcome.wait_s, now)
        return outcome, answered.status

    def _notice(self, answered: Answered) -> None:
        """Tells the watch what the answer says of the connection, where that is news."""
        before = self._told
        self._told = True, signs(self._about, answered, before[1])
        if self._watch is not None and self._told != before:
            self._watch.noticed(self._account, tuple(sorted(self._told[1])))

    def _pace(self, asked: Asked) -> None:
        """Returns when the call may be made; ChannelError BUSY if that is more than two seconds away."""
        waited_s = 0.0
        for _ in range(_ASKS_MAX):
            wait_s = self._permits.take(self._account, self._clock.now())
            if wait_s <= 0:
                return
            waited_s += wait_s
            if waited_s > PATIENCE_S:
                break
            self._clock.sleep(max(wait_s, 0.001))
        else:
            wait_s = PATIENCE_S
        raise ChannelError(Cause.BUSY, f"{place(asked, self._secrets)}: our own pace", wait_s=wait_s)

    def _exchange(self, asked: Asked, began_at: datetime) -> Answered | ChannelError:
        """Sends the call. An error is returned, not raised: none carries the request along as its context."""
        where = place(asked, self._secrets)
        url, headers, content = (asked.address, {}, None) if asked.address else self._signed(asked)
        try:
            with self._client.stream(asked.method, url, headers=headers, content=content) as response:
                return self._received(response, began_at)
        except ChannelError as error:
            return ChannelError(error.cause, f"{where}: {error.why}")
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            return ChannelError(Cause.DOWN, f"{where}: no connection ({type(error).__name__})")
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL) as error:
            return ChannelError(Cause.REFUSED, f"{where}: no such call can be sent ({type(error).__name__})")
        except httpx2.TransportError as error:
            return ChannelError(Cause.LOST, f"{where}: sent, no whole answer ({type(error).__name__})")
        except httpx2.DecodingError:
            return ChannelError(Cause.NONSENSE, f"{where}: the answer cannot be unpacked")

    def _signed(self, asked: Asked) -> tuple[str, dict[str, str], bytes | None]:
        """(address, headers, body) of the call with its credentials."""
        address = f"{self._base}/{safe_path(asked.path)}"
        added = credentials(
            self._about.auth,
            self._settings,
            method=asked.method,
            url=address,
            query=asked.query,
            at=self._clock.now(),
            nonce=secrets.token_hex(16),
            header=self._about.token_header,
        )
        query = urlencode((*asked.query, *added.query), quote_via=quote)
        content = None if asked.body is None else encode(asked.body)
        kind = {} if content is None else {"content-type": "application/json"}
        joint = "&" if "?" in address else "?"  # WordPress without permalinks: /?rest_route=/wc/v3
        return f"{address}{joint}{query}" if query else address, {**added.headers, **kind}, content

    def _foreign(self, address: str) -> str:
        """The address, if it may be called: Refusal `path_malformed` where it could be overheard."""
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL:
            raise Refusal("path_malformed", "the platform named an address that is none") from None
        if url.scheme != "https" and url.host != httpx2.URL(self._base).host:
            raise Refusal("path_malformed", "the platform named an address that is not https")
        return address

    def _received(self, response: httpx2.Response, began_at: datetime) -> Answered:
        """The whole answer; ChannelError if it is too large, or drips for too long."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > SIZE_MAX:
                raise ChannelError(Cause.NONSENSE, f"the answer is larger than {SIZE_MAX} bytes")
            if (self._clock.now() - began_at).total_seconds() > CALL_MAX_S:
                raise ChannelError(Cause.LOST, f"the answer took longer than {CALL_MAX_S:.0f} seconds")
        return Answered(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body),
            began_at=began_at,
            at=self._clock.now(),
        )
