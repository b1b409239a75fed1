"""What the API answers of a run: its levels, matches and the interests without one, each with its reasons."""

from typing import Literal, Self

from pydantic import BaseModel

from services.matching.domain.reasons import Unmatched
from services.matching.domain.solution import Match
from services.matching.queries import Run
from services.matching.web.runs import to_see
from services.matching.web.sentences import why_matched, why_unmatched
from services.matching.web.views import told
from shared.profiles import Profile

_FIRST_LEVELS = ("exchanges", "members", "wishes", "order")
_FIRST_RULES = ("own-host", "turned-down", "focus", "language", "dates", "capacity")


class LevelView(BaseModel):
    """One of the levels that every call has had from the beginning."""

    level: Literal["exchanges", "members", "wishes", "order"]
    value: int
    bound: int
    proven: bool


class AimView(BaseModel):
    """One of all levels that the call has; others may come to be."""

    level: str
    value: int
    bound: int
    """The best that may still exist: of cost the least, of all others the most."""
    gap: float
    """How much better a choice might be, as a fraction."""
    proven: bool


class MatchView(BaseModel):
    interest: str
    offer: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int
    officials: int
    language: str
    why: list[str]

    @classmethod
    def of(cls, match: Match, profile: Profile, reader: str | None) -> Self:
        names = [name for name in cls.model_fields if name != "why"]
        return cls(**{name: getattr(match, name) for name in names}, why=why_matched(match, profile, reader))


class FallenView(BaseModel):
    rule: Literal["own-host", "turned-down", "focus", "language", "dates", "capacity"]
    offers: int
    candidates: int


class BrokenView(BaseModel):
    """One of all rules; others may come to be."""

    rule: str
    offers: int
    candidates: int


class TakenView(BaseModel):
    host: str
    starts: int
    by: list[str]


class UnmatchedView(BaseModel):
    interest: str
    sender: str
    fallen: list[FallenView]
    """By rule: the offers that it left without a start week, and the pairs of offer and start week that broke it."""
    broken: list[BrokenView]
    """The same for all rules, those that came later among them."""
    open: int
    """Pairs of offer and start week that broke no rule."""
    taken: list[TakenView]
    """Who was given the places there; for those alone who see the whole call."""
    why: list[str]

    @classmethod
    def of(cls, one: Unmatched, focus: str, offers: int, profile: Profile, reader: str | None) -> Self:
        broken = [BrokenView(rule=row.rule, offers=row.offers, candidates=row.candidates) for row in one.fallen]
        fallen = [FallenView.model_validate(row.model_dump()) for row in broken if row.rule in _FIRST_RULES]
        taken = [TakenView(host=row.host, starts=row.starts, by=list(row.by)) for row in one.taken]
        return cls(
            interest=one.interest,
            sender=one.sender,
            fallen=fallen,
            broken=broken,
            open=one.open,
            taken=taken if reader is None else [],
            why=why_unmatched(one, focus, offers, profile, reader),
        )


class RunView(BaseModel):
    id: str
    call: str
    at: str
    proven: bool
    interests: int
    offers: int
    candidates: int
    matched: int
    gap: float
    """The largest of the levels' gaps, as a fraction."""
    standing: int
    """Exchanges proposed or agreed before, which it leaves as they are."""
    kept: int
    """Matches of the run before that are the same in this one."""
    changed: int
    levels: list[LevelView]
    aims: list[AimView]
    """All levels of the call in their order."""
    matches: list[MatchView]
    """Those that the reader may see."""
    unmatched: list[UnmatchedView]

    @classmethod
    def of(cls, run: Run, focus: dict[str, str], profile: Profile, reader: str | None) -> Self:
        solution = run.solution
        matches, unmatched = to_see(run, reader)
        return cls(
            id=run.id,
            call=run.call,
            at=run.at,
            proven=solution.proven,
            interests=solution.interests,
            offers=solution.offers,
            candidates=solution.candidates,
            matched=len(solution.matches),
            gap=solution.gap,
            standing=run.beside_before.standing,
            kept=run.beside_before.kept,
            changed=run.beside_before.changed,
            levels=[LevelView(**told(one, LevelView)) for one in solution.levels if one.level in _FIRST_LEVELS],
            aims=[AimView(**told(one, AimView)) for one in solution.levels],
            matches=[MatchView.of(one, profile, reader) for one in matches],
            unmatched=[
                UnmatchedView.of(one, focus.get(one.interest, ""), solution.offers, profile, reader)
                for one in unmatched
            ],
        )
