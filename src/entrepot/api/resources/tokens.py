"""Tokens of programs: which there are, a new one, and the end of one."""

import msgspec

from entrepot.access import Permission
from entrepot.access import views as access_views
from entrepot.access.views import TokenRow
from entrepot.api.answers import TokenEnded, TokenMade
from entrepot.api.route import Ask, Route
from entrepot.db import Tx


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Those that work first: there are as many as a house has programs."""

    rows: tuple[TokenRow, ...]


def _tokens(tx: Tx, _ask: Ask) -> Tokens:
    return Tokens(rows=tuple(access_views.tokens(tx)))


TAG = "Tokens"

ROUTES = (
    Route(
        method="GET",
        path="/tokens",
        permission=Permission.ACCESS_READ,
        tag=TAG,
        name="list_tokens",
        summary="Every token, without what it is borne as",
        answer=Tokens,
        reads=_tokens,
    ),
    Route(
        method="POST",
        path="/tokens",
        permission=Permission.ACCESS_WRITE,
        tag=TAG,
        name="make_token",
        summary="Make a program's token, which is answered this once",
        about="It can be given no more than its maker may do. Its answer is kept nowhere: a key does not "
        "repeat it.",
        answer=TokenMade,
        command="token.make",
        made="/tokens",
        problems=("token_name", "permissions", "not_yours_to_give", "ends_at",
                  "location_unknown"),
        example={"name": "stock report", "permissions": ["stock.read"], "ends_at": "2027-01-01T00:00:00Z"},
    ),
    Route(
        method="POST",
        path="/tokens/{token}/endings",
        permission=Permission.ACCESS_WRITE,
        tag=TAG,
        name="end_token",
        summary="From now on a token opens nothing",
        answer=TokenEnded,
        command="token.end",
        given={"token": "token"},
    ),
)  # fmt: skip
