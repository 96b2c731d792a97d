"""What people and programs tell the hub to do, by name: one struct of arguments, one use case, one answer
each.

The command line runs these in its own process when no hub runs, and through the API when one does; the API
decodes the same structs. A command that moves goods has a `reference`: the same one twice is booked once.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from entrepot.app.commands import arguments, importing, setup, stock
from entrepot.app.wiring import Hub
from entrepot.db import Tx
from entrepot.kernel import Refusal

FIELD = re.compile(r"(?:at `\$\.?([^`]*)`|(?:missing required|unknown) field `([^`]+)`)$")

Use = Callable[[Tx, Hub, Any], arguments.Answer]
COMMANDS: dict[str, tuple[type[arguments.Command], Use]] = {
    "location.add": (arguments.AddLocation, setup.add_location),
    "location.map": (arguments.MapLocation, setup.map_location),
    "sku.add": (arguments.AddSku, setup.add_sku),
    "sku.recipe": (arguments.SetRecipe, setup.set_recipe),
    "sku.map": (arguments.MapSku, setup.map_sku),
    "stock.receive": (arguments.ReceiveStock, stock.receive),
    "stock.adjust": (arguments.AdjustStock, stock.adjust),
    "stock.count": (arguments.CountStock, stock.count),
    "stock.import": (arguments.ImportStock, importing.import_stock),
    "connection.add": (arguments.Connect, setup.connect),
    "connection.renew": (arguments.Reconnect, setup.reconnect),
    "connection.flow": (arguments.SetFlow, setup.set_flow),
    "letters.replay": (arguments.ReplayLetters, setup.replay_letters),
    "letters.edit": (arguments.EditLetter, setup.edit_letter),
}
"""Name → arguments and use case. The command line and the API know no others."""


def perform(hub: Hub, name: str, given: object, *, actor: str, source: str) -> arguments.Answer:
    """Does one command in one transaction. Refusal `command_unknown`, `arguments`, or the use case's own."""
    if name not in COMMANDS:
        raise Refusal("command_unknown", f"there is no command {name!r}; known: {', '.join(COMMANDS)}")
    kind, use = COMMANDS[name]
    try:
        command = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Refusal("arguments", str(error), field=_field(str(error))) from None
    return hub.store.run(lambda tx: use(tx, hub, command), actor=actor, source=source)


def _field(said: str) -> str:
    """The path that msgspec names in its sentence: 'locations[0]', 'sku'; '' if it names none."""
    found = FIELD.search(said)
    return "" if found is None else (found[1] or found[2] or "")
