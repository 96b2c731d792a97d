"""A course as a line of steps, in the units of a drawing: what lies between two moments is drawn to scale."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

WIDTH, HEIGHT, MARGIN = 1000, 100, 4


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """`line` and `area` are paths within WIDTH × HEIGHT; `at` is where a moment stands, None for none;
    `most` and `least` the figures at the top and at the bottom."""

    line: str
    area: str
    at: int | None
    most: int
    least: int


def steps(
    course: Sequence[tuple[datetime, int]], *, since: datetime, until: datetime, at: datetime | None
) -> Drawn | None:
    """A course from `since` to `until`; None if nothing changed in between."""
    if len(course) < 2 or since >= until:
        return None
    most = max(0, *(figure for _moment, figure in course))
    least = min(0, *(figure for _moment, figure in course))

    def x(moment: datetime) -> int:
        return min(max(round(WIDTH * ((moment - since) / (until - since))), 0), WIDTH)

    def y(figure: int) -> int:
        return MARGIN + round((HEIGHT - 2 * MARGIN) * (most - figure) / ((most - least) or 1))

    path = [f"M0 {y(course[0][1])}"]
    for moment, figure in course[1:]:
        path += [f"H{x(moment)}", f"V{y(figure)}"]
    line = " ".join([*path, f"H{WIDTH}"])
    area = f"{line} V{y(0)} H0 Z"
    return Drawn(line=line, area=area, at=None if at is None else x(at), most=most, least=least)
