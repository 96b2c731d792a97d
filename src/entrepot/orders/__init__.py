"""Orders: intake, placing and changing our own, their three axes, their exceptions, and what mends itself."""

from entrepot.orders.accept import accept, reopen
from entrepot.orders.change import Own, cancel, hand_over, own, pay, ship
from entrepot.orders.draft import Testimony
from entrepot.orders.heal import heal, heal_named, refill, review, vanish
from entrepot.orders.holding import PlacedLine
from entrepot.orders.intake import Effect, Taken, take
from entrepot.orders.mend import give_up, known, source
from entrepot.orders.model import COMMERCIAL, FULFILMENT, LATE, PAYMENT, Fulfilment, Kind, Verdict, status
from entrepot.orders.people import of_forgotten, orders_of, person_of
from entrepot.orders.place import IfShort, Placed, Placing, place
from entrepot.orders.remedies import ACCEPTABLE, REMEDIES, Offered, Remedy, offered, remedies
from entrepot.orders.rows import sold

__all__ = [
    "ACCEPTABLE",
    "COMMERCIAL",
    "FULFILMENT",
    "LATE",
    "PAYMENT",
    "REMEDIES",
    "Effect",
    "Fulfilment",
    "IfShort",
    "Kind",
    "Offered",
    "Own",
    "Placed",
    "PlacedLine",
    "Placing",
    "Remedy",
    "Taken",
    "Testimony",
    "Verdict",
    "accept",
    "cancel",
    "give_up",
    "hand_over",
    "heal",
    "heal_named",
    "known",
    "of_forgotten",
    "offered",
    "orders_of",
    "own",
    "pay",
    "person_of",
    "place",
    "refill",
    "remedies",
    "reopen",
    "review",
    "ship",
    "sold",
    "source",
    "status",
    "take",
    "vanish",
]
