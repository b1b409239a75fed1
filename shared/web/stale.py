"""A stale edit: what was typed on the ground of an older version is kept, shown beside what stands now, and told apart.

`guarded` carries a command out at the version that its sender saw. What moved on meanwhile but is none of the form's
business (a registration while the date is edited) does not hinder it; what is, raises `Changed`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request, Response

from shared.contracts.base import Event
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.spine.expected import CODE, SENTENCE, Stale
from shared.spine.store import GroupingStore
from shared.web.i18n import _, mark

T = TypeVar("T")
MOST_TRIES, MOST_CHANGES = 30, 50

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description='The version that you saw, such as `"7"`: where it moved on, the answer is 409 with what changed.',
        examples=['"7"'],
    ),
]


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody did meanwhile: `event` is the last word of its type."""

    event: str
    at: str
    actor: str | None
    data: Mapping[str, Any]
    by: str = ""


class Changed(Refused):
    """409: the thing moved on since its sender saw it. `members` go into the problem that a program reads."""

    def __init__(self, version: int, changes: Sequence[Change]) -> None:
        super().__init__(CODE, SENTENCE, status=409)
        self.version, self.changes = version, changes

    @property
    def members(self) -> dict[str, Any]:
        told = [{"event": one.event, "at": one.at, "by": one.by, "data": dict(one.data)} for one in self.changes]
        return {"version": self.version, "changes": told}


async def guarded(
    request: Request,
    store: GroupingStore,
    stream: str,
    do: Callable[[GroupingStore], Awaitable[T]],
    *,
    seen: int | None,
    minds: Collection[type[Event]],
    about: Mapping[str, str] | None = None,
) -> T:
    """Carry it out where nothing of what the sender `minds` was said of the stream since the version they saw.

    The version is checked under the stream's guard each time, so of two at once exactly one gets through. Without a
    version it is carried out as it is. `about` narrows what is minded to events that say so, where a stream holds
    several things: `{"activity": "activity-…"}`. Raises `Changed`, or what `do` raises.
    """
    if seen is None:
        return await do(store)
    service = request.app.state.service
    version = seen
    for _try in range(MOST_TRIES):
        try:
            return await do(store.expecting(stream, version))
        except Stale as stale:
            changes = await _changes(service.db, store.origin.network, stream, seen, _query(minds, about))
            if changes or seen > stale.current:
                named = await service.people.name_of(one.actor for one in changes if one.actor)
                raise Changed(stale.current, [_named(one, named) for one in changes]) from stale
            version = stale.current
    raise Refused("busy", mark("Much happens to this at the moment; save again."), status=503)


def _query(minds: Collection[type[Event]], about: Mapping[str, str] | None) -> dict[str, Any]:
    named = {f"data.{name}": value for name, value in (about or {}).items()}
    return {"type": {"$in": [one.type for one in minds]}, **named}


async def _changes(db: Database, network: str, stream: str, seen: int, minded: dict[str, Any]) -> list[Change]:
    query = {**minded, "stream": stream, "network": network, "version": {"$gt": seen}}
    found = await db.events.find(query).sort("version", 1).to_list(MOST_CHANGES)
    return [Change(one["type"].split(".")[-2], one["time"], one.get("actor"), one["data"]) for one in found]


def _named(one: Change, names: Mapping[str, str]) -> Change:
    program = (one.actor or "").startswith("key-")
    by = _("Another program") if program else names.get(one.actor or "", _("Somebody"))
    return Change(one.event, one.at, one.actor, one.data, by)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a form: what stands now, and what was typed; both as the form's own values."""

    field: str
    theirs: tuple[str, ...]
    mine: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a form shows above what was typed. `version` is the one to save over; `take` leads to theirs."""

    version: int
    changes: Sequence[Change]
    differences: Sequence[Difference] = ()
    take: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    """What an event is called, by its last word."""

    def words(self, change: Change) -> str:
        return self.told.get(change.event, "") or _("changed it")


def seen_version(if_match: str | None) -> int | None:
    """The version of an `If-Match` header; none where it is missing or `*`. Refuses what is no version."""
    text = (if_match or "*").strip().removeprefix("W/").strip('"')
    if text == "*":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refused("version-unusable", mark('Give the version that you saw, such as If-Match: "7".'), status=422)
    return int(text)


def tell_version(response: Response, version: int) -> None:
    """The version of what is answered, for the next `If-Match`."""
    response.headers["ETag"] = f'"{version}"'
