"""What a list of requests is narrowed to by its address: member, kind, line, pillar, overdue, words of the title."""

from dataclasses import dataclass, replace

from fastapi import Request

from services.requests.due import overdue
from services.requests.offered import kinds_of
from services.requests.queries import Filter
from shared import clock
from shared.profiles import Profile, load
from shared.web.i18n import _

from .common import findable, member_options

NEVER = "0000-00-00"
"""A day since which nothing can wait."""
NAMES = ("member", "kind", "line", "pillar", "overdue", "q")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen; empty where the network has nothing to choose from."""

    members: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    lines: list[tuple[str, str]]
    pillars: list[tuple[str, str]]
    due: bool
    """Whether the network says when a first answer is due."""


def choices(profile: Profile) -> Choices:
    return Choices(
        member_options(profile),
        [(kind.id, _(kind.title)) for kind in kinds_of(profile.id).values()],
        list(profile.line_titles(clock.now().year).items()),
        [(pillar.id, pillar.title) for pillar in profile.pillars],
        profile.first_answer_days is not None,
    )


def narrowed(request: Request, network: str) -> Filter:
    """By what the address says; a line or pillar that the network has not is one on which nothing stands."""
    query = request.query_params
    only = Filter(query.get("member") or None, query.get("kind", ""), find=findable(query.get("q", "")))
    if query.get("overdue"):
        late = overdue(network)
        only = replace(only, waits_since_before=late.waits_since_before if late else NEVER)
    line, pillar = query.get("line", ""), query.get("pillar", "")
    return replace(only, place=_place(load(network), line, pillar)) if line or pillar else only


def _place(profile: Profile, line: str, pillar: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that are meant, and the kinds of request which go there unless somebody chooses another line."""
    lines = {one.id: one.pillar for plan in profile.plans for one in plan.lines}
    meant = [id for id, its in lines.items() if line in ("", id) and pillar in ("", its)]
    kinds = [
        kind.id
        for kind in kinds_of(profile.id).values()
        if line in ("", kind.line) and pillar in ("", lines.get(kind.line or "") or kind.pillar)
    ]
    return tuple(meant), tuple(kinds)


def is_narrowed(request: Request) -> bool:
    return any(request.query_params.get(name) for name in NAMES)
