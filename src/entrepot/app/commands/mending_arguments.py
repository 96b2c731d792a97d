"""Arguments of the commands that mend what stands in the work queue."""

from entrepot.app.commands.arguments import Command


class AcceptException(Command, frozen=True):
    """What an exception names may stay so, and why. It does not come back for the same thing."""

    exception: str
    why: str


class ReopenException(Command, frozen=True):
    """Takes back that it may stay so."""

    exception: str
    why: str


class RefetchOrder(Command, frozen=True):
    """Reads an order again at its channel, at once. `order`: its id, or CONNECTION/EXTERNAL."""

    order: str


class SourceLine(Command, frozen=True):
    """Binds what nobody has picked of a line (id or number) at another location of ours."""

    order: str
    line: str
    location: str


class GiveUpLine(Command, frozen=True):
    """Cancels the units of a line (id or number) that goods are missing for; only for orders of the hub's own
    sellers."""

    order: str
    line: str
    reason: str
