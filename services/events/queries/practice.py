"""Good practices as pages and API read them: the library with its facets, one practice, calls, reviews, reuse."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.events.domain.practice import Practice, Review, Status
from services.events.practising import CALLS, FORMS, PRACTICE, REASONS, REUSES, REVIEWS
from shared.mongo import Database

STRONG = 4.0
"""From this mean on a practice is found under a criterion."""
SHOWN = {"fields.title": 1, "fields.summary": 1}
"""What a list shows of a form."""


async def prepare(db: Database) -> None:
    for name in (FORMS, REVIEWS, REUSES, REASONS, CALLS):
        await db[name].create_index("network")


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    year: int
    themes: dict[str, str]
    """Titles by id."""
    closes_on: date
    open: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One practice with the form's answers beside it."""

    id: str
    network: str
    version: int
    state: Practice
    fields: dict[str, str]

    @property
    def title(self) -> str:
        return self.fields.get("title", "")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    status: str
    title: str
    summary: str
    member: str
    year: int
    theme: str
    theme_title: str
    topic: str
    score: float
    exemplary: bool
    published_on: str
    reused_by: tuple[str, ...]
    strong: tuple[str, ...]
    """Criteria in which its mean is high."""


@dataclass(frozen=True, slots=True)
class Filters:
    member: str = ""
    theme: str = ""
    """`<year>/<theme>`."""
    year: str = ""
    topic: str = ""
    criterion: str = ""
    exemplary: str = ""
    q: str = ""


FACETS: dict[str, Callable[[Row], Sequence[str]]] = {
    "member": lambda row: (row.member,),
    "theme": lambda row: (f"{row.year}/{row.theme}",),
    "year": lambda row: (str(row.year),),
    "topic": lambda row: (row.topic,) if row.topic else (),
    "criterion": lambda row: row.strong,
    "exemplary": lambda row: ("yes",) if row.exemplary else (),
}


@dataclass(frozen=True, slots=True)
class Library:
    rows: Sequence[Row] = ()
    facets: Mapping[str, Counter[str]] = field(default_factory=dict)
    """By facet how many there are of each value, given what the other facets say."""


async def one(db: Database, network: str, id: str) -> Found | None:
    stream = await db.streams.find_one({"_id": id, "network": network, "aggregate": "practice"})
    if stream is None:
        return None
    kept = await db[FORMS].find_one({"_id": id}) or {}
    return Found(id, network, int(stream["version"]), PRACTICE.load(stream["state"]), dict(kept.get("fields", {})))


async def calls(db: Database, network: str) -> list[Call]:
    """The latest first."""
    words = {one["_id"]: one async for one in db[CALLS].find({"network": network})}
    found = [
        Call(
            stream["_id"], state["year"], dict(words.get(stream["_id"], {}).get("themes", {})),
            date.fromisoformat(state["closes_on"]), bool(state["open"]),
        )
        async for stream in db.streams.find({"network": network, "aggregate": "themes"})
        if (state := stream["state"])["closes_on"]
    ]  # fmt: skip
    return sorted(found, key=lambda call: -call.year)


async def rows(db: Database, network: str, *statuses: Status) -> list[Row]:
    """Practices in these states, the newest first."""
    query = {"network": network, "aggregate": "practice", "state.status": {"$in": [str(one) for one in statuses]}}
    streams = [stream async for stream in db.streams.find(query)]
    ids = [stream["_id"] for stream in streams]
    forms = {kept["_id"]: kept.get("fields", {}) async for kept in db[FORMS].find({"_id": {"$in": ids}}, SHOWN)}
    themes = {(call.year, id): title for call in await calls(db, network) for id, title in call.themes.items()}
    made = [
        _row(stream["_id"], PRACTICE.load(stream["state"]), forms.get(stream["_id"], {}), themes) for stream in streams
    ]
    return sorted(made, key=lambda row: (row.published_on, row.id), reverse=True)


def _row(id: str, state: Practice, fields: Mapping[str, Any], themes: Mapping[tuple[int, str], str]) -> Row:
    return Row(
        id=id,
        status=str(state.status),
        title=str(fields.get("title", "")),
        summary=str(fields.get("summary", "")),
        member=state.member,
        year=state.year,
        theme=state.theme,
        theme_title=themes.get((state.year, state.theme), ""),
        topic=state.topic,
        score=state.score,
        exemplary=state.exemplary,
        published_on=state.published_on,
        reused_by=tuple(sorted(reuse.by for reuse in state.reuses.values())),
        strong=tuple(name for name, mean in state.means.items() if mean >= STRONG),
    )


async def library(db: Database, network: str, filters: Filters, found: Iterable[str] | None = None) -> Library:
    """What is published and fits; `found` are the ids that a search for words found."""
    published = await rows(db, network, Status.PUBLISHED)
    if found is not None:
        ids = set(found)
        published = [row for row in published if row.id in ids]
    facets = {
        name: Counter(value for row in published if _fits(row, filters, but=name) for value in values(row))
        for name, values in FACETS.items()
    }
    return Library([row for row in published if _fits(row, filters)], facets)


def _fits(row: Row, filters: Filters, *, but: str = "") -> bool:
    return all(
        name == but or not (wanted := getattr(filters, name)) or wanted in values(row)
        for name, values in FACETS.items()
    )


async def remarks(db: Database, found: Found) -> list[tuple[dict[str, int], dict[str, str]]]:
    """Scores and words of each review, without whose they are."""
    words = {one["_id"]: one["remarks"] async for one in db[REVIEWS].find({"practice": found.id})}
    return [(review.scores, dict(words.get(review.words, {}))) for review in found.state.reviews.values()]


async def remarks_of(db: Database, review: Review) -> dict[str, str]:
    """The words of this review."""
    kept = await db[REVIEWS].find_one({"_id": review.words}) if review.words else None
    return dict(kept["remarks"]) if kept else {}


async def hows(db: Database, id: str) -> dict[str, str]:
    """How it is reused, by the reuse's id."""
    return {one["_id"]: str(one["how"]) async for one in db[REUSES].find({"practice": id})}


async def last_reason(db: Database, id: str) -> str:
    """Why it was returned, or taken out of the library, the last time."""
    kinds = ["liaison.events.practice.returned.v1", "liaison.events.practice.unpublished.v1"]
    query = {"stream": id, "type": {"$in": kinds}}
    events = await db.events.find(query).sort("version", -1).limit(1).to_list(1)
    words = events[0]["data"].get("words") if events else None
    kept = await db[REASONS].find_one({"_id": words}) if words else None
    return str(kept["reason"]) if kept else ""
