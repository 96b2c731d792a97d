"""The one door of Shopify's GraphQL Admin API, and which version of it answers.

Shopify publishes a version every quarter and keeps it for a year. A retired one does not fail: it is answered
by the oldest that is kept, and only a header of the answer says so (recorded 2026-04: 2025-01 by 2025-07).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.channels.kit import graphql
from entrepot.channels.kit.graphql import Told
from entrepot.contract import Api, Reply

API_VERSION = "2026-07"
END_OF_LIFE = "2027-07-01"
"""A stable version is supported for at least twelve months (About Shopify API versioning, read 2026-09)."""

PATH = f"/admin/api/{API_VERSION}/graphql.json"
ANSWERED_BY = "x-shopify-api-version"


def ask(api: Api, query: str, variables: Mapping[str, Any] | None = None, *, changes: bool = False) -> Told:
    """Puts a question to the shop, or makes a change."""
    return graphql.ask(api, PATH, query, variables, changes=changes)


def pages(api: Api, query: str, root: str, **variables: Any) -> Iterator[Told]:
    """Every page of the connection `root`."""
    return graphql.pages(api, PATH, query, variables, root=root)


def other_version(reply: Reply) -> str:
    """The version that answered, if it is not the one we speak; '' if all is well or Shopify does not say."""
    said = reply.headers.get(ANSWERED_BY, API_VERSION)
    return "" if said == API_VERSION else said
