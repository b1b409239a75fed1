"""What the API shows of the markets without calls."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.matching.queries import Found
from services.matching.web.market_words import idle_words, level_words, why_open


class RosterView(BaseModel):
    id: str
    status: str
    year: int
    number: int
    areas: list[str]
    closes_on: date | None

    @classmethod
    def of(cls, one: Found[Any]) -> "RosterView":
        names = ("status", "year", "number", "areas", "closes_on")
        return cls(id=one.id, **{name: getattr(one.state, name) for name in names})


class ExpertView(BaseModel):
    """Without the name: `person` is the id of the people's register."""

    id: str
    status: str
    person: str
    member: str | None
    areas: list[str]
    languages: list[str]
    levels: dict[str, str]
    weeks: list[str]
    most: int
    scores: dict[str, int]
    score: int
    valid_until: date | None
    booked: dict[str, list[str]]
    """Weeks held, by seat."""

    @classmethod
    def of(cls, one: Found[Any]) -> "ExpertView":
        names = (
            "status", "person", "member", "areas", "languages", "levels", "weeks", "most", "scores", "score",
            "valid_until",
        )  # fmt: skip
        booked = {seat: list(each.weeks) for seat, each in one.state.bookings.items()}
        return cls(id=one.id, booked=booked, **{name: getattr(one.state, name) for name in names})


class SeatView(BaseModel):
    id: str
    expert: str
    answer: str
    answer_by: datetime | None
    language: str | None


class DemandView(BaseModel):
    id: str
    status: str
    title: str
    activity: str | None
    area: str
    languages: list[str]
    levels: dict[str, str]
    begins: date
    ends: date
    experts: int
    missing: int
    seats: list[SeatView]

    @classmethod
    def of(cls, one: Found[Any], kept: Mapping[str, Mapping[str, str]]) -> "DemandView":
        names = ("status", "activity", "area", "languages", "levels", "begins", "ends", "experts", "missing")
        shown = ("expert", "answer", "answer_by", "language")
        seats = [
            SeatView(id=key, **{name: getattr(seat, name) for name in shown}) for key, seat in one.state.seats.items()
        ]
        title = kept.get(one.state.words, {}).get("title", "")
        return cls(id=one.id, title=title, seats=seats, **{name: getattr(one.state, name) for name in names})

    def with_seat_alone(self, seat: str) -> "DemandView":
        return self.model_copy(update={"seats": [one for one in self.seats if one.id == seat]})


class LevelView(BaseModel):
    level: str
    value: int
    bound: int
    proven: bool


class MarketMatch(BaseModel):
    sought: str
    """The activity's need, or the idea."""
    offer: str
    """The expert, or the partner's offer."""
    place: str
    came_into_question: int
    wish: int | None


class MarketOpen(BaseModel):
    sought: str
    place: str
    why: list[str]


class MarketIdle(BaseModel):
    offer: str
    why: list[str]


class MarketRunView(BaseModel):
    id: str
    market: str
    at: str
    proven: bool
    sought: int
    offered: int
    levels: list[LevelView]
    matches: list[MarketMatch]
    open: list[MarketOpen]
    """Why nobody was found."""
    idle: list[MarketIdle]
    """Why somebody who offered was not taken."""

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> "MarketRunView":
        solution = run["solution"]
        matches = []
        for one in solution.matches:
            sought, _, place = one.interest.partition("#")
            facts = {"came_into_question": one.why.offers, "wish": one.why.wish}
            matches.append(MarketMatch(sought=sought, offer=one.offer, place=place, **facts))
        unfound = []
        for one in solution.unmatched:
            sought, _, place = one.interest.partition("#")
            unfound.append(MarketOpen(sought=sought, place=place, why=why_open(one, solution.offers)))
        return cls(
            id=run["_id"],
            market=run["market"],
            at=run["at"],
            proven=solution.proven,
            sought=solution.interests,
            offered=solution.offers,
            levels=[LevelView(level=one.level, **_figures(level_words(one))) for one in solution.levels],
            matches=matches,
            open=unfound,
            idle=[MarketIdle(offer=one["offer"], why=idle_words(one)) for one in run["idle"]],
        )


def _figures(level: Mapping[str, Any]) -> dict[str, Any]:
    return {name: level[name] for name in ("value", "bound", "proven")}


class SeatProposed(BaseModel):
    sought: str
    seat: str


class SeatRefused(BaseModel):
    sought: str
    code: str
    detail: str


class ProposedSeats(BaseModel):
    proposed: list[SeatProposed]
    refused: list[SeatRefused]


class IdeaSeatView(BaseModel):
    id: str
    partner: str
    member: str
    role: str
    answer: str
    agreed: list[str]
    answer_by: datetime | None


class IdeaView(BaseModel):
    id: str
    status: str
    lead: str
    title: str
    summary: str
    theme: str
    programme: str
    roles: dict[str, int]
    missing: dict[str, int]
    languages: list[str]
    wishes: list[str]
    partners_by: date | None
    name: str
    seats: list[IdeaSeatView]

    @classmethod
    def of(cls, one: Found[Any], kept: Mapping[str, Mapping[str, str]]) -> "IdeaView":
        names = ("status", "lead", "theme", "programme", "roles", "languages", "wishes", "partners_by", "name")
        shown = ("partner", "member", "role", "answer", "agreed", "answer_by")
        seats = [
            IdeaSeatView(id=key, **{name: getattr(seat, name) for name in shown})
            for key, seat in one.state.seats.items()
        ]
        said = kept.get(one.state.words or "", {})
        told = {"title": said.get("title", ""), "summary": said.get("text", ""), "missing": one.state.missing()}
        return cls(id=one.id, seats=seats, **told, **{name: getattr(one.state, name) for name in names})


class PartnerView(BaseModel):
    id: str
    status: str
    member: str
    roles: list[str]
    themes: list[str]
    languages: list[str]
    most: int
    left: int
    likes: list[str]

    @classmethod
    def of(cls, one: Found[Any]) -> "PartnerView":
        names = ("status", "member", "roles", "themes", "languages", "most", "left", "likes")
        return cls(id=one.id, **{name: getattr(one.state, name) for name in names})


class PromoterView(BaseModel):
    """Without the name: `person` is the id of the people's register."""

    id: str
    person: str
    member: str | None
    themes: list[str]
    languages: list[str]
    hosts: bool
    sends: bool
    about: str

    @classmethod
    def of(cls, one: Found[Any], kept: Mapping[str, Mapping[str, str]]) -> "PromoterView":
        names = ("person", "member", "themes", "languages", "hosts", "sends")
        about = kept.get(one.state.words or "", {}).get("text", "")
        return cls(id=one.id, about=about, **{name: getattr(one.state, name) for name in names})
