"""Every exchange with the emulated Square, and every webhook of it, is held to the vendor's description."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from entrepot.channels.kit.emulate import Posted, Request
from entrepot.channels.square.emulator import Square
from entrepot.contract import Response
from tests.channels.vendors import square_spec


@pytest.fixture(autouse=True)
def the_description_holds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Does nothing where the description is not at hand; test_square_spec says so."""
    if not square_spec.here():
        yield
        return
    found: list[str] = []
    handle, due = Square.handle, Square.due

    def watched(self: Square, request: Request, now: datetime) -> Response:
        response = handle(self, request, now)
        found.extend(square_spec.faults(request, response))
        return response

    def posted(self: Square, now: datetime) -> list[Posted]:
        ready = due(self, now)
        for one in ready:
            found.extend(square_spec.faults_of_event(one))
        return ready

    monkeypatch.setattr(Square, "handle", watched)
    monkeypatch.setattr(Square, "due", posted)
    yield
    assert found == []
