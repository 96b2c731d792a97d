"""What any answer says of the connection itself, beside its content: another version, clocks that differ."""

from collections.abc import Iterator
from datetime import timedelta

from entrepot.channels.kit.answers import Answered, platform_time
from entrepot.contract import About


def signs(about: About, answered: Answered, before: frozenset[str] = frozenset()) -> frozenset[str]:
    """Sentences with what to do, the same ones as long as nothing changes. `before`: those of the answer
    before."""
    return frozenset(_signs(about, answered, before))


def another_version(title: str, *, asked: str, said: str) -> str:
    """The problem of an API whose answers are of another version than we speak."""
    return (
        f"{title} answers with API version {said} in place of {asked}, which it no longer keeps: update this "
        "hub before its answers change under it."
    )


def clock_ahead(title: str) -> str:
    """The problem of our own clock being ahead."""
    return (
        f"This machine's clock is ahead of {title}'s, which refuses changes from the future: let it follow a "
        "time server."
    )


def _signs(about: About, answered: Answered, before: frozenset[str]) -> Iterator[str]:
    said = answered.headers.get(about.version_header, "") if about.version_header else ""
    if said and said != about.api_version:
        yield another_version(about.title, asked=about.api_version, said=said)
    if about.clock_ahead_max_s is not None:
        ahead = answered.began_at - platform_time(answered)
        most = timedelta(seconds=about.clock_ahead_max_s)
        sentence = clock_ahead(about.title)
        if ahead > most or (sentence in before and ahead > most / 2):  # it does not flicker at the limit
            yield sentence
