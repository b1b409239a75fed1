"""Figures that come from outside and are entered: followers, posts, learners on mobility."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial

from services.kpi.engine.figures import Cells, Share, Value, indicator
from services.kpi.engine.measures import Deltas, measure
from shared.contracts.readings import ReadingCorrected, ReadingRemoved, ReadingTaken
from shared.profiles import NETWORKS, load


@measure("readings", by=("figure", "member", "on", "what"))
def readings(event: ReadingTaken | ReadingCorrected | ReadingRemoved) -> Deltas:
    """Figures entered from outside, for the day that each is of; a correction takes back what it replaces."""
    member, on = event.member or "", event.on.isoformat()
    match event:
        case ReadingTaken():
            yield (event.figure, member, on, "taken"), 1, on
            yield (event.figure, member, on, "value"), event.value, on
            yield (event.figure, member, on, "of"), event.of or 0, on
        case ReadingCorrected():
            yield (event.figure, member, on, "value"), event.value - event.previously, on
            yield (event.figure, member, on, "of"), (event.of or 0) - (event.previously_of or 0), on
        case ReadingRemoved():
            yield (event.figure, member, on, "taken"), -1, on
            yield (event.figure, member, on, "value"), -event.value, on
            yield (event.figure, member, on, "of"), -(event.of or 0), on


def latest(cells: Cells, figure: str) -> tuple[int, int]:
    """The year's last reading and its whole; where members read it each for itself, theirs together."""
    last: dict[str, str] = defaultdict(str)
    for member, on in cells.distinct("readings", "member", "on", figure=figure, what="taken"):
        last[member] = max(last[member], on)
    whose = [(member, on) for member, on in last.items() if not last.get("") or not member]
    sums = cells.by("readings", "member", "on", "what", figure=figure)
    return sum(sums[member, on, "value"] for member, on in whose), sum(sums[member, on, "of"] for member, on in whose)


def _share(figure: str, cells: Cells) -> Value:
    return Share(*latest(cells, figure))


def _count(figure: str, cells: Cells) -> Value:
    return latest(cells, figure)[0]


def _declare() -> None:
    known: set[str] = set()
    for network in NETWORKS:
        for one in load(network).outside:
            if one.id in known:
                continue
            known.add(one.id)
            shared = getattr(one, "unit", "count") == "share"
            value: Callable[[Cells], Value] = partial(_share if shared else _count, one.id)
            indicator(
                one.id,
                title=one.title,
                unit="share" if shared else "count",
                value=value,
                says="The last figure of the year that was entered from outside.",
                part="of these" if shared else "",
                whole="all" if shared else "",
                by_member=False,
                only_where_named=True,
            )


_declare()
