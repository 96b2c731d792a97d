"""The two routes that are no rows of the table: the stream of events, and the commands by their names."""

from typing import Any

from entrepot.access import Permission
from entrepot.app import COMMANDS

Schema = dict[str, Any]

FOLLOWING = (
    "None is ever skipped, also one that commits late; one may come twice. Each has its id, its kind as "
    "`event`, "
    "and itself as JSON in `data`. After a break send the last id as Last-Event-ID, and it goes on "
    "behind it. "
    f"Needs the permission `{Permission.EVENTS_READ}`."
)
PERFORMING = (
    "What the command line of a running hub uses; programs are better served by the resources. Names: "
    f"{', '.join(f'`{name}`' for name in COMMANDS)}. Each needs its own permission."
)


def following(query: list[Schema]) -> Schema:
    """GET /events/stream."""
    return {
        "operationId": "follow_events",
        "tags": ["Events"],
        "summary": "Every event as it is committed, as server-sent events",
        "description": FOLLOWING,
        "parameters": [*query, header("Last-Event-ID", "The id of the last event you saw.")],
        "responses": {
            "200": {
                "description": "A stream that stays open.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        }
        | problems(400, 401, 403, 406, 429, 500, 503),
    }


def performing() -> Schema:
    """POST /commands/{name}."""
    answered = {"type": "object", "description": "Depends on the command."}
    given = {"type": "object", "description": "The command's arguments."}
    return {
        "operationId": "perform_command",
        "tags": ["The hub"],
        "summary": "Do a command by its name, with its arguments",
        "description": PERFORMING,
        "parameters": [
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "Name of the command.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            },
            header("Idempotency-Key", "As elsewhere. Answers that hold a secret are not kept."),
        ],
        "requestBody": {"required": False, "content": {"application/json": {"schema": given}}},
        "responses": {
            "200": {
                "description": "What the command did.",
                "content": {"application/json": {"schema": answered}},
            }
        }
        | problems(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503),
    }


def header(name: str, about: str) -> Schema:
    """A header that a request may have."""
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}


def problems(*statuses: int) -> Schema:
    """Status → the problem document that comes with it."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
