"""What a look at an account found out, and the problems it has: kept as they appear, forgotten as they go."""

from collections.abc import Iterable

from entrepot.connections import rows
from entrepot.contract import Probed
from entrepot.db import Event, Tx, events

PROBE, ANSWERS, RENEWAL = "probe", "answers", "renewal"
"""Who names a problem: the look that is taken once a day, any answer of the platform, or the renewal of a
token."""


def see_account(tx: Tx, id: str, found: Probed) -> None:
    """Keeps what a probe found out. An account that is another one than before is a problem: its orders and
    figures would be taken for the first one's, whose name therefore stays."""
    known = rows.locked(tx, id).account
    problems = list(found.problems)
    if known and found.facts and found.account != known:
        problems.append(
            f"This is another account than before: {found.account}, not {known}. Give the connection the "
            "credentials of the first one, or connect the other one under a name of its own."
        )
    if found.facts:
        rows.set_found(tx, id, known or found.account, found.facts)
    see_problems(tx, id, PROBE, problems)


def see_problems(tx: Tx, id: str, source: str, problems: Iterable[str]) -> None:
    """Makes these the problems that the source names. One event tells of each change."""
    before, now = rows.problems(tx, id, source), set(problems)
    if before == now:
        return
    fresh, gone = sorted(now - before), sorted(before - now)
    rows.change_problems(tx, id, source, fresh=fresh, gone=gone)
    body = {"connection": id, "appeared": fresh, "gone": gone}
    events.append(tx, [Event(stream=f"connection:{id}", kind="AccountProblemsChanged", body=body, key=id)])
