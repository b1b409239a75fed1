"""What a run comes to: the matches, the level of each that was reached and proven, and the reasons."""

from dataclasses import dataclass, field

from services.matching.domain.candidates import WISHES, wish_points
from services.matching.domain.market import LESS_IS_BETTER, Aim, Level
from services.matching.domain.program import Program
from services.matching.domain.reasons import Reasons, Unmatched, Why, explain

__all__ = ["WISHES", "Level", "Match", "Reached", "Solution", "put_together", "reached", "wish_points"]


@dataclass(frozen=True, slots=True)
class Reached:
    """What a level came to. `proven`: nothing better exists; otherwise `bound` is the best that may still exist.

    Of costs, less is better: `bound` is then the least that may still be possible.
    """

    level: Level
    value: int
    bound: int
    proven: bool
    parts: dict[Level, int] = field(default_factory=dict)
    """Of a weighed level: what each of its parts came to."""

    @property
    def gap(self) -> float:
        """How much better a choice might still be, as a fraction of the better one."""
        return abs(self.bound - self.value) / max(1, abs(self.bound), abs(self.value))


def reached(program: Program, aim: Aim, chosen: list[int], bound: int) -> Reached:
    """A level as people read it; `bound` is the objective's."""
    value = program.reaches(aim, chosen)
    sign = -1 if aim.level in LESS_IS_BETTER else 1
    parts = {level: program.count(level, chosen) for level in aim.weights} if len(aim.weights) > 1 else {}
    return Reached(aim.level, sign * value, sign * bound, value >= bound, parts)


@dataclass(frozen=True, slots=True)
class Match:
    interest: str
    offer: str
    sender: str
    host: str
    focus: str
    week: str
    duration: int
    officials: int
    language: str
    """Empty where an interpreter is needed: they share none."""
    why: Why
    cost: int = 0
    interpreted: bool = False
    """They share no language; the call pays an interpreter."""
    inspection: bool = False
    """A joint inspection belongs to it: one side wishes it and the other agrees."""


@dataclass(frozen=True, slots=True)
class Solution:
    levels: tuple[Reached, ...]
    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    interests: int
    offers: int
    candidates: int
    explained: bool = True
    """Whether the reasons are all here; those of a large market are worked out when somebody asks (`explain.py`)."""

    @property
    def proven(self) -> bool:
        """Whether the levels that people care for are proven; the last one only breaks ties."""
        return all(one.proven for one in self.levels if one.level is not Level.ORDER)

    @property
    def gap(self) -> float:
        """The largest of the levels' gaps, as a fraction; ties apart."""
        return max((one.gap for one in self.levels if one.level is not Level.ORDER), default=0.0)


def put_together(
    program: Program, levels: tuple[Reached, ...], chosen: list[int], reasons: Reasons | None = None
) -> Solution:
    """The chosen candidates as matches, with the reasons for everybody."""
    market = program.market
    reasons = reasons or explain(program, chosen)
    return Solution(
        levels=levels,
        matches=tuple(_match(program, column, reasons) for column in chosen),
        unmatched=reasons.unmatched,
        interests=len(market.seekers),
        offers=len(market.hosts),
        candidates=len(program.candidates),
    )


def _match(program: Program, column: int, reasons: Reasons) -> Match:
    one = program.candidates[column]
    pair = program.field.pairs[one.pair]
    seeker, host = program.market.seekers[one.seeker], program.market.hosts[one.host]
    return Match(
        interest=seeker.id,
        offer=host.id,
        sender=seeker.member,
        host=host.member,
        focus=pair.focus,
        week=program.field.calendar.week(one.week),
        duration=seeker.duration,
        officials=seeker.officials,
        language=pair.language,
        why=reasons.matched[seeker.id],
        cost=pair.cost,
        interpreted=not pair.language,
        inspection=bool(seeker.inspection or host.inspection),
    )
