"""Dead letters: what failed for good, to be read, edited and tried again."""

from typing import Any

import msgspec

from entrepot.access import Permission
from entrepot.api.answers import Edited, LetterView, Replayed
from entrepot.api.route import Ask, Paged, Route
from entrepot.db import Tx, letters
from entrepot.db.letters import DeadLetter
from entrepot.db.paging import Page
from entrepot.kernel import Refusal


def _letters(tx: Tx, ask: Ask) -> Page[DeadLetter]:
    return letters.paged(tx, after=ask.query.after, limit=ask.query.limit)


def _letter(tx: Tx, ask: Ask) -> LetterView | None:
    try:
        found: dict[str, Any] = msgspec.structs.asdict(letters.show(tx, ask.path["letter"]))
    except Refusal as refusal:
        if refusal.code == "letter_unknown":
            return None
        raise
    return LetterView(**found)


TAG = "Dead letters"
READ, WRITE = Permission.LETTERS_READ, Permission.LETTERS_WRITE

ROUTES = (
    Route(
        method="GET",
        path="/letters",
        permission=READ,
        tag=TAG,
        name="list_letters",
        summary="Dead letters, the oldest first, without their content",
        query=Paged,
        answer=Page[DeadLetter],
        reads=_letters,
    ),
    Route(
        method="GET",
        path="/letters/{letter}",
        permission=READ,
        tag=TAG,
        name="show_letter",
        summary="One dead letter with its content",
        about="A delivery's content may name people.",
        answer=LetterView,
        reads=_letter,
        problems=("letter_forgotten",),
    ),
    Route(
        method="POST",
        path="/letters/{letter}/edits",
        permission=WRITE,
        tag=TAG,
        name="edit_letter",
        summary="Put another content into a dead letter and try it again",
        about="Send the ETag of what you read as If-Match. It is no dead letter any more then.",
        answer=Edited,
        command="letters.edit",
        given={"letter": "id"},
        guarded=_letter,
        problems=("letter_body", "letter_forgotten"),
        example={"body": '{"id": 7}'},
    ),
    Route(
        method="POST",
        path="/letters/replays",
        permission=WRITE,
        tag=TAG,
        name="replay_letters",
        summary="Try dead letters again: the named ones, or all",
        answer=Replayed,
        command="letters.replay",
        example={"ids": []},
    ),
)
