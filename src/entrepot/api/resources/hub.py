"""The hub itself: is it in sync, and does everything add up."""

from entrepot.access import Permission
from entrepot.api.route import Ask, Route
from entrepot.monitor import Status, take_status, verify
from entrepot.monitor.verify import Report


def _status(ask: Ask) -> Status:
    return take_status(ask.hub.store)


def _verify(ask: Ask) -> Report:
    return verify(ask.hub.store)


ROUTES = (
    Route(
        method="GET",
        path="/status",
        permission=Permission.STATUS_READ,
        tag="The hub",
        name="show_status",
        summary="Are we in sync, and if not, what is wrong and why",
        answer=Status,
        looks=_status,
    ),
    Route(
        method="GET",
        path="/verify",
        permission=Permission.STATUS_READ,
        tag="The hub",
        name="show_verify",
        summary="Try every invariant on the whole store",
        about="It reads everything: seconds in a large store. `violations` is [] in a healthy one.",
        answer=Report,
        looks=_verify,
    ),
)
