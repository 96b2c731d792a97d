"""What one click does: a command with the fields of a small form, and what the next screen says of it."""

from typing import Any

import msgspec
from litestar import post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot.access import Permission
from entrepot.app import COMMANDS
from entrepot.kernel import Refusal
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away, local
from entrepot.web.form import Form

ACTS: dict[str, str] = {
    "exception.accept": "It may stay so.",
    "exception.reopen": "It waits for a person again.",
    "letters.replay": "It is tried again.",
    "location.map": "Mapped. What waited for it goes on by itself.",
    "order.cancel": "Cancelled.",
    "order.give_up": "What was missing is given up.",
    "order.hand_over": "Handed over.",
    "order.pay": "Noted.",
    "order.refetch": "The hub reads the order again.",
    "order.ship": "Shipped.",
    "order.source": "It is sent from there.",
    "people.forget": "Forgotten. What deliveries held of them is cleared now.",
    "sku.map": "Mapped. What waited for it goes on by itself.",
}
"""Commands that a click may give → what is said when they are done."""

OWN_FIELDS = frozenset({"csrf", "back"})


def click(desk: Desk) -> HTTPRouteHandler:
    """POST /do/{command}: does it and goes back; a refusal becomes a notice there."""

    @post("/do/{command:str}", opt={"permission": Permission.STATUS_READ}, request_max_body_size=FORM_MAX)
    async def do(request: AnyRequest, command: FromPath[str]) -> Redirect:
        if command not in ACTS:
            raise NotFoundException
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        back = local(form.one("back"))
        try:
            given = arguments(command, form)
        except Refusal as refused:
            return away(back, f"{refused.why}.", "bad")
        return await desk.act(seat, command, given, to=back, said=ACTS[command])

    return do


def arguments(command: str, form: Form) -> dict[str, Any]:
    """The fields of a form as the arguments of a command: lists, numbers and yes or no as it declares them.
    Refusal `command_unknown` or `arguments`."""
    if command not in COMMANDS:
        raise Refusal("command_unknown", f"there is no command {command!r}")
    kind = COMMANDS[command][0]
    lists = {field.name for field in msgspec.structs.fields(kind) if str(field.type).startswith("list")}
    given = {
        name: list(values) if name in lists else values[-1]
        for name, values in form.values.items()
        if name not in OWN_FIELDS
    }
    try:
        command_given = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal("arguments", str(error)) from None
    found: dict[str, Any] = msgspec.to_builtins(command_given)
    return {name: found[name] for name in given}
