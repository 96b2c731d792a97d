"""What every test shares: a way to say which service it needs, patience on slow machines, and the store that
`ENTREPOT_TEST_STORE` names: SQLite, or PostgreSQL (see tests/postgres.py)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from entrepot.db import store
from tests import postgres

settings.register_profile("entrepot", deadline=None, print_blob=True)
settings.load_profile("entrepot")

HERE = Path(__file__).parent
NOT_ON_POSTGRES = {
    "api/test_document.py": "it has no store",
    "api/test_permissions.py": "permissions care for no store",
    "api/test_plans.py": "the plans are SQLite's",
    "api/test_schemathesis.py": "it takes long",
    "access/test_forgetting.py::test_the_file_holds": "it looks into the file",
    "app/test_commands_import.py::test_five_thousand_rows": "it takes long",
    "catalog/test_skus.py::test_more_codes_than_one_statement": "it takes long",
    "channels/": "adapters have no store",
    "cli/test_commands.py::test_a_dead_letter_is_listed": "it writes into the file of the store",
    "cli/test_commands.py::test_a_file_that_is_no_store": "there is no file",
    "cli/test_commands.py::test_status_with_a_dead_letter": "it writes into the file of the store",
    "cli/test_commands.py::test_verify_finds_what_was_tampered": "it writes into the file of the store",
    "cli/test_running.py::test_a_hub_that_does_not_answer": "commands do not go through the hub",
    "cli/test_running.py::test_a_notice_that_a_killed_hub_left": "there is no notice",
    "cli/test_running.py::test_a_second_hub_is_refused": "it is not",
    "cli/test_running.py::test_after_the_stop": "there is no lock and no notice",
    "contract/": "it has no store",
    "customers/test_people.py::test_nothing_of_a_person_stands_in_the_file": "it looks into the file",
    "db/test_migrations.py": "see db/test_migrations_on_postgres.py",
    "docs/test_documents.py::test_every_command_in_a_document_runs[docs/guides/replay": "it takes long",
    "docs/test_documents.py::test_every_command_in_a_document_runs[docs/guides/write": "it has no store",
    "docs/test_platforms": "it has no store",
    "kernel/": "it has no store",
    "db/test_plans.py": "the plans are SQLite's",
    "ledger/test_machine.py": "a random walk of many minutes",
    "monitor/test_in_sync.py::test_a_store_of_100_000": "it takes long",
    "monitor/test_verify.py": "it switches SQLite's guards off",
    "orders/test_history.py::test_the_last_version_alone_decides": "300 random histories",
    "orders/test_people.py::test_no_trace_of_a_person_is_in_the_file": "it looks into the file",
    "orders/test_rules.py": "it has no store",
    "sandbox/": "minutes of random shoppers; the demo is SQLite's",
    "stories/test_a_small_storm.py::test_any_answer_may_be_lost": "a sample is tried",
    "stories/test_a_small_storm.py::test_the_hub_may_die_at_any": "a sample is tried",
    "stories/test_an_ordinary_mess.py::test_a_till_that_was_offline": "hours of virtual time",
    "stories/test_credentials": "tokens care for no store; it takes long",
    "stories/test_histories.py": "random histories of many minutes",
    "sync/test_echo.py::test_a_quiet_hour": "hours of virtual time",
    "sync/test_sweep.py::test_an_offline_tills_sales": "hours of virtual time",
    "sync/test_believed.py": "it has no store",
    "sync/test_cards.py": "it has no store",
    "sync/test_wanted.py": "it has no store",
    "web/test_assets.py": "it has no store",
    "web/test_consent.py": "tokens care for no store; it takes long",
    "web/test_hooks.py::test_a_store_that_cannot_be_written": "it breaks the one writing connection",
    "web/test_browser.py": "the browser knows no store",
    "web/test_journeys.py": "the browser knows no store",
    "web/test_words.py": "it has no store",
}
"""What is left out of the run on PostgreSQL, and why: the beginning of a test's name → the reason."""

_server: list[postgres.Server] = []


def need(service: str, present: bool, why: str) -> None:
    """Skip the calling test, saying `why`, if `service` is not `present`; with CI=true it fails instead.

    `from tests.conftest import need`, then `need("chromium", bool(which("chromium")), "drives pages")`.
    """
    if present:
        return
    message = f"{service} is missing: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def pytest_configure(config: pytest.Config) -> None:
    """Makes sure that there is a PostgreSQL server if the stores are to be PostgreSQL's."""
    config.addinivalue_line("markers", "postgres: what is tested is PostgreSQL's alone")
    if not postgres.wanted() or hasattr(config, "workerinput") or os.environ.get(postgres.ADDRESS):
        return
    programs = postgres.programs()
    if programs is None:
        pytest.exit(
            "no test ran on PostgreSQL: neither its programs (apt-get install postgresql) are here, nor "
            f"does {postgres.ADDRESS} name a server",
            returncode=1 if os.environ.get("CI") == "true" else 0,
        )
    _server.append(postgres.Server(programs))
    os.environ[postgres.ADDRESS] = _server[0].url


def pytest_unconfigure() -> None:
    """Stops the server that was started."""
    while _server:
        _server.pop().stop()
        del os.environ[postgres.ADDRESS]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is not tested on the store of this run."""
    here: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        alone = item.get_closest_marker("postgres") is not None
        name = f"{item.path.relative_to(HERE).as_posix()}::{item.name}"
        out = name.startswith(tuple(NOT_ON_POSTGRES)) if postgres.wanted() else alone
        (left if out else here).append(item)
    items[:] = here
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def databases(worker_id: str) -> Iterator[postgres.Databases]:
    """Databases on the server of this run."""
    found = postgres.Databases(os.environ[postgres.ADDRESS], f"entrepot_{os.getpid()}_{worker_id}")
    yield found
    found.close()


@pytest.fixture(autouse=True, scope="session")
def stores(request: pytest.FixtureRequest) -> Iterator[None]:
    """On PostgreSQL, stores in memory are databases."""
    if not postgres.wanted():
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "base", request.getfixturevalue("databases").base)
        yield


@pytest.fixture
def home_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database of a hub with a home: '' for the file in it, else the URL that ENTREPOT_DATABASE names."""
    if not postgres.wanted():
        yield ""
        return
    with request.getfixturevalue("databases").bare() as url:
        monkeypatch.setenv("ENTREPOT_DATABASE", url)
        yield url
