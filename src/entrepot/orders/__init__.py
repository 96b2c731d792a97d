"""Orders: intake, their three axes, their exceptions, and what mends itself."""

from entrepot.orders.draft import Testimony
from entrepot.orders.heal import heal, heal_named, refill, review, vanish
from entrepot.orders.intake import Effect, Taken, take
from entrepot.orders.model import COMMERCIAL, FULFILMENT, LATE, PAYMENT, Fulfilment, Kind, Verdict, status
from entrepot.orders.rows import sold

__all__ = [
    "COMMERCIAL",
    "FULFILMENT",
    "LATE",
    "PAYMENT",
    "Effect",
    "Fulfilment",
    "Kind",
    "Taken",
    "Testimony",
    "Verdict",
    "heal",
    "heal_named",
    "refill",
    "review",
    "sold",
    "status",
    "take",
    "vanish",
]
