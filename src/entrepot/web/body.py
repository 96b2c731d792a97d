"""Bodies of requests, read with a bound on each (the route's), on all together, and on the time one may
take."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import fail_after
from litestar import Request
from litestar.exceptions import HTTPException

READ_S = 15.0
TOGETHER_MAX = 64 * 1024 * 1024


class Full(Exception):
    """Too many bytes are being held for bodies at this moment."""


class Hall:
    """Counts the bytes of all bodies that are being read or worked on: memory stays bounded, whoever
    sends."""

    def __init__(self, limit: int = TOGETHER_MAX) -> None:
        self._limit, self._held = limit, 0

    @asynccontextmanager
    async def body(self, request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
        """The whole body, counted until the context is left.

        HTTPException 413 over the route's limit (before a byte is read if the Content-Length says so, else as
        soon as it is passed), 408 if it takes too long; Full if all bodies together are too large.
        """
        parts: list[bytes] = []
        try:
            await self._read(request, parts)
            yield b"".join(parts)
        finally:
            self._held -= sum(len(part) for part in parts)

    async def _read(self, request: Request[Any, Any, Any], parts: list[bytes]) -> None:
        try:
            with fail_after(READ_S):
                async for part in request.stream():
                    parts.append(part)
                    self._held += len(part)
                    if self._held > self._limit:
                        raise Full
        except TimeoutError:
            raise HTTPException(status_code=408) from None
