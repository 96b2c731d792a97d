"""Role × command × answer: the printed table of who may give which command."""

from collections.abc import Iterator

import pytest

from entrepot.access import ROLES, Permission, Role, Who, at_command_line
from entrepot.app import COMMANDS, perform
from entrepot.app.commands import SECRET_ANSWERS
from entrepot.kernel import Refusal
from tests.app.desk import Desk

OW, OP, ST = Role.OWNER, Role.OPERATIONS, Role.STORE

MAY: dict[str, set[Role]] = {
    "location.add": {OW, OP},
    "location.map": {OW, OP},
    "sku.add": {OW, OP},
    "sku.recipe": {OW, OP},
    "sku.title": {OW, OP},
    "sku.map": {OW, OP},
    "stock.receive": {OW, OP, ST},
    "stock.adjust": {OW, OP, ST},
    "stock.count": {OW, OP, ST},
    "stock.import": {OW, OP},  # a file may name any location
    "stock.move": {OW, OP, ST},
    "stock.set_aside": {OW, OP, ST},
    "stock.put_back": {OW, OP, ST},
    "transfer.send": {OW, OP, ST},
    "transfer.arrive": {OW, OP, ST},
    "hold.make": {OW, OP},
    "hold.extend": {OW, OP},
    "hold.release": {OW, OP},
    "seller.add": {OW, OP},
    "order.place": {OW, OP},
    "order.pay": {OW, OP},
    "order.cancel": {OW, OP},
    "order.ship": {OW, OP},
    "order.hand_over": {OW, OP},
    "order.refetch": {OW, OP},
    "order.source": {OW, OP},
    "order.give_up": {OW, OP},
    "exception.accept": {OW, OP},
    "exception.reopen": {OW, OP},
    "connection.add": {OW, OP},
    "connection.renew": {OW, OP},
    "connection.flow": {OW, OP},
    "letters.replay": {OW, OP},
    "letters.edit": {OW, OP},
    "user.invite": {OW},
    "user.role": {OW},
    "user.end": {OW},
    "user.unlock": {OW},
    "user.link": {OW},
    "session.end": {OW},
    "token.make": {OW},
    "token.end": {OW},
    "keys.reseal": {OW},
    "people.forget": {OW},
}
"""Command → the roles that get past the door. What the command itself says then is another matter."""

HERE = {"location": "main", "source": "main", "target": "main"}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk()
    desk.tell("location.add", code="main")
    yield desk
    desk.hub.close()


def answer(desk: Desk, who: Who, command: str, **given: object) -> str:
    """The code of the refusal, 'done' if there is none."""
    try:
        perform(desk.hub, command, given, who=who, source="test")
    except Refusal as refusal:
        return refusal.code
    return "done"


def someone(role: Role) -> Who:
    bound = frozenset({"main"}) if role is Role.STORE else None
    return Who(actor="user:u1", name="U", permissions=ROLES[role], locations=bound)


def test_every_command_names_a_permission_and_stands_in_the_table() -> None:
    assert set(MAY) == set(COMMANDS)
    assert {name for name, row in COMMANDS.items() if row[2] not in set(Permission)} == set()
    assert set(COMMANDS) >= SECRET_ANSWERS


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("command", MAY)
def test_a_role_may_give_a_command_or_not(desk: Desk, role: Role, command: str) -> None:
    named = COMMANDS[command][0].__struct_fields__
    given = {name: code for name, code in HERE.items() if name in named}
    said = answer(desk, someone(role), command, **given)
    if role is Role.STORE and command == "stock.import":
        said = answer(desk, someone(role), command, csv="", reference="r")
        assert said == "location_forbidden"
    elif role in MAY[command]:
        assert said not in {"forbidden", "location_forbidden"}
    else:
        assert said == "forbidden"


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("stock.receive", {"location": "main"}, "sku_unknown"),
        ("stock.receive", {"location": "shop"}, "location_forbidden"),
        ("stock.receive", {"location": "Main"}, "location_forbidden"),
        ("stock.receive", {"location": ""}, "location_forbidden"),
        ("stock.import", {"csv": "sku,location,quantity\nA,main,1"}, "location_forbidden"),
        ("stock.move", {"source": "main", "target": "shop"}, "location_forbidden"),
        ("stock.move", {"source": "shop", "target": "main"}, "location_forbidden"),
    ],
)
def test_who_is_bound_to_locations_changes_no_stock_elsewhere(
    desk: Desk, command: str, given: dict[str, str], said: str
) -> None:
    rest = (
        {"sku": "A", "quantity": "1", "reference": "r"} if command != "stock.import" else {"reference": "r"}
    )
    assert answer(desk, someone(Role.STORE), command, **(rest | given)) == said


def test_a_program_that_is_bound_moves_no_claim_elsewhere(desk: Desk) -> None:
    program = Who(
        actor="token:t1",
        name="T",
        permissions=frozenset({Permission.ORDERS_WRITE}),
        locations=frozenset({"main"}),
    )
    line = {"order": "o", "line": "l"}
    assert answer(desk, program, "order.source", location="shop", **line) == "location_forbidden"
    assert answer(desk, program, "order.source", location="main", **line) != "location_forbidden"


def test_nobody_may_anything_without_a_permission(desk: Desk) -> None:
    nobody = Who(actor="user:u1", name="U", permissions=frozenset())
    assert {answer(desk, nobody, command) for command in COMMANDS} == {"forbidden"}


def test_whoever_types_is_kept_as_the_actor(desk: Desk) -> None:
    desk.tell("sku.add", sku="TYPED")
    assert at_command_line("an/na\n").actor == "cli:anna"
    assert at_command_line("").actor == "cli"
