"""Everything that the document promises, tried with generated requests: no error of ours, no answer that is
not in it, and every answer of the shape that it says."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from entrepot.api.openapi import document
from tests import postgres
from tests.api.programs import TOKEN, application
from tests.web.shop import small

EXAMPLES = 3
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The door of a small shop that takes whatever comes."""
    with ExitStack() as here:
        patch = here.enter_context(pytest.MonkeyPatch.context())
        if postgres.wanted():
            patch.setenv("ENTREPOT_DATABASE", here.enter_context(request.getfixturevalue("databases").bare()))
        shop = small(tmp_path_factory.mktemp("tried"))
        app: Any = application(shop)
        yield here.enter_context(asgi.get_client(app))
        shop.close()


@schema.exclude(path="/events/stream").parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_door_keeps_its_document(tried: Any, case: Any) -> None:
    case.call_and_validate(
        headers={"authorization": f"Bearer {TOKEN}"}, checks=CHECKS, app=tried.app, session=tried
    )
