"""What people and programs tell the hub to do, by name: one struct of arguments, one use case, one answer
each.

The command line runs these in its own process when no hub runs, and through the API when one does; the API
decodes the same structs. A command that moves goods has a `reference`: the same one twice is booked once.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from entrepot.access import Permission, Who
from entrepot.app.commands import (
    arguments,
    holding,
    holding_arguments,
    importing,
    mending,
    mending_arguments,
    people,
    sealing,
    selling,
    selling_arguments,
    setup,
    stock,
)
from entrepot.app.commands.legible import check_legible
from entrepot.app.wiring import Hub
from entrepot.db import Tx
from entrepot.kernel import Refusal

FIELD = re.compile(r"(?:at `\$\.?([^`]*)`|(?:missing required|unknown) field `([^`]+)`)$")

Use = Callable[[Tx, Hub, Any], arguments.Answer]
_P = Permission

COMMANDS: dict[str, tuple[type[arguments.Command], Use, Permission]] = {
    "location.add": (arguments.AddLocation, setup.add_location, _P.CATALOG_WRITE),
    "location.map": (arguments.MapLocation, setup.map_location, _P.CHANNELS_WRITE),
    "sku.add": (arguments.AddSku, setup.add_sku, _P.CATALOG_WRITE),
    "sku.recipe": (arguments.SetRecipe, setup.set_recipe, _P.CATALOG_WRITE),
    "sku.title": (arguments.SetTitle, setup.set_title, _P.CATALOG_WRITE),
    "sku.map": (arguments.MapSku, setup.map_sku, _P.CATALOG_WRITE),
    "stock.receive": (arguments.ReceiveStock, stock.receive, _P.STOCK_WRITE),
    "stock.adjust": (arguments.AdjustStock, stock.adjust, _P.STOCK_WRITE),
    "stock.count": (arguments.CountStock, stock.count, _P.STOCK_WRITE),
    "stock.import": (arguments.ImportStock, importing.import_stock, _P.STOCK_WRITE),
    "stock.move": (holding_arguments.MoveStock, holding.move_stock, _P.STOCK_WRITE),
    "stock.set_aside": (holding_arguments.SetAside, holding.set_aside, _P.STOCK_WRITE),
    "stock.put_back": (holding_arguments.PutBack, holding.put_back, _P.STOCK_WRITE),
    "transfer.send": (holding_arguments.SendTransfer, holding.send_transfer, _P.STOCK_WRITE),
    "transfer.arrive": (holding_arguments.TransferArrived, holding.transfer_arrived, _P.STOCK_WRITE),
    "hold.make": (holding_arguments.MakeHold, holding.make_hold, _P.ORDERS_WRITE),
    "hold.extend": (holding_arguments.ExtendHold, holding.extend_hold, _P.ORDERS_WRITE),
    "hold.release": (holding_arguments.ReleaseHold, holding.release_hold, _P.ORDERS_WRITE),
    "seller.add": (selling_arguments.AddSeller, selling.add_seller, _P.CHANNELS_WRITE),
    "order.place": (selling_arguments.PlaceOrder, selling.place_order, _P.ORDERS_WRITE),
    "order.pay": (selling_arguments.PayOrder, selling.pay_order, _P.ORDERS_WRITE),
    "order.cancel": (selling_arguments.CancelOrder, selling.cancel_order, _P.ORDERS_WRITE),
    "order.ship": (selling_arguments.ShipOrder, selling.ship_order, _P.ORDERS_WRITE),
    "order.hand_over": (selling_arguments.HandOverOrder, selling.hand_over_order, _P.ORDERS_WRITE),
    "order.refetch": (mending_arguments.RefetchOrder, mending.refetch_order, _P.ORDERS_WRITE),
    "order.source": (mending_arguments.SourceLine, mending.source_line, _P.ORDERS_WRITE),
    "order.give_up": (mending_arguments.GiveUpLine, mending.give_up_line, _P.ORDERS_WRITE),
    "exception.accept": (mending_arguments.AcceptException, mending.accept_exception, _P.ORDERS_WRITE),
    "exception.reopen": (mending_arguments.ReopenException, mending.reopen_exception, _P.ORDERS_WRITE),
    "connection.add": (arguments.Connect, setup.connect, _P.CHANNELS_WRITE),
    "connection.renew": (arguments.Reconnect, setup.reconnect, _P.CHANNELS_WRITE),
    "connection.flow": (arguments.SetFlow, setup.set_flow, _P.CHANNELS_WRITE),
    "letters.replay": (arguments.ReplayLetters, setup.replay_letters, _P.LETTERS_WRITE),
    "letters.edit": (arguments.EditLetter, setup.edit_letter, _P.LETTERS_WRITE),
    "user.invite": (people.Invite, people.invite, _P.ACCESS_WRITE),
    "user.role": (people.SetRole, people.set_role, _P.ACCESS_WRITE),
    "user.end": (people.EndUser, people.end_user, _P.ACCESS_WRITE),
    "user.unlock": (people.UnlockUser, people.unlock, _P.ACCESS_WRITE),
    "user.link": (people.LoginLink, people.login_link, _P.ACCESS_WRITE),
    "session.end": (people.EndSession, people.end_session, _P.ACCESS_WRITE),
    "token.make": (people.MakeToken, people.make_token, _P.ACCESS_WRITE),
    "token.end": (people.EndToken, people.end_token, _P.ACCESS_WRITE),
    "keys.reseal": (sealing.Reseal, sealing.reseal, _P.ACCESS_WRITE),
    "people.forget": (people.Forget, people.forget, _P.PEOPLE_FORGET),
}
"""Name → arguments, use case, and what who gives it must be permitted. There are no others."""

MOVES_STOCK = frozenset({_P.STOCK_WRITE, _P.ORDERS_WRITE})
"""Who is bound to locations gives commands with these only if they say that they change stock there."""

SECRET_ANSWERS = frozenset({"user.invite", "user.link", "token.make"})
"""Commands whose answers open doors: no answer of theirs is kept anywhere."""


def perform(hub: Hub, name: str, given: object, *, who: Who, source: str) -> arguments.Answer:
    """Does one command in one transaction. Refusal as of `command_of`, or the use case's own."""
    return hub.store.run(command_of(hub, name, given, who=who), actor=who.actor, source=source)


def command_of(hub: Hub, name: str, given: object, *, who: Who) -> Callable[[Tx], arguments.Answer]:
    """What is to be done in a transaction for a command. Refusal `command_unknown`, `forbidden`, `arguments`,
    `text` or `location_forbidden`."""
    if name not in COMMANDS:
        raise Refusal("command_unknown", f"there is no command {name!r}; known: {', '.join(COMMANDS)}")
    kind, use, permission = COMMANDS[name]
    if not who.may(permission):
        raise Refusal("forbidden", f"{name} needs the permission {permission}", remedy="Ask an owner for it")
    try:
        command = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Refusal("arguments", str(error), field=field_of(str(error))) from None
    check_legible(given)
    if permission in MOVES_STOCK:
        _check_locations(who, command)
    return lambda tx: use(tx, hub, command)


def _check_locations(who: Who, command: arguments.Command) -> None:
    """Refusal `location_forbidden` if somebody who is bound to locations would change stock elsewhere, or
    anywhere."""
    if who.locations is None:
        return
    touched = command.stock_at()
    if touched is None or not touched <= who.locations:
        here = ", ".join(sorted(who.locations)) or "none"
        raise Refusal(
            "location_forbidden",
            f"you may only change the stock of: {here}",
            remedy="Ask somebody who may, or an owner for the location",
            field="location",
        )


def field_of(said: str) -> str:
    """The path that msgspec names in its sentence: 'locations[0]', 'sku'; '' if it names none."""
    found = FIELD.search(said)
    return "" if found is None else (found[1] or found[2] or "")
