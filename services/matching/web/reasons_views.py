"""What the API answers of reasons: why and why not, what would change it, and how far that is worked out.

To a reader with a member of its own no other member's offer is named.
"""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel

from services.matching.domain.changes import Change, Closing, Unlocked, ranked
from services.matching.domain.reasons import NextBest
from services.matching.domain.solution import Match
from services.matching.domain.working import Since, Working
from services.matching.queries import Run
from services.matching.web.change_words import distance, since_words, smallest, unlocking
from services.matching.web.reasons import WhyNot
from services.matching.web.runs import to_see
from services.matching.web.views import told
from shared.profiles import Profile


class WorkingView(BaseModel):
    run: str
    call: str
    stage: str
    """solving, explaining, done, stopped, superseded, failed; others may come to be."""
    step: int
    """Levels that are done, of `steps`, while the run is solved."""
    steps: int
    found: int
    """Exchanges of the best choice so far, while the run is solved."""
    done: int
    """Interests and offers that were looked at, of `todo`, once it is solved."""
    todo: int

    @classmethod
    def of(cls, run: str, call: str, working: Working) -> Self:
        return cls(run=run, call=call, **told(working, cls))


class ChangeView(BaseModel):
    """One change with which the interest is matched; solved again to see."""

    kind: str
    """week, language, focus, place, cap, budget, interpretation; others may come to be."""
    value: str
    """A start week, a language, a focus area, or an amount; an offer or a member only for who may see it."""
    week: str
    """From when on it would be matched."""
    places: int
    host: str | None
    """For those alone who see the whole call."""

    @classmethod
    def of(cls, change: Change, reader: str | None) -> Self:
        value = "" if reader is not None and change.kind == "place" else change.value
        host = change.host if reader is None else None
        return cls(kind=change.kind, value=value, week=change.week, places=change.places, host=host)


class WhatIfView(BaseModel):
    interest: str
    known: bool
    """Whether it was worked out."""
    change: ChangeView | None
    """Where it was worked out and none is here, no single change was found that matches it."""
    said: str


class UnlockedView(BaseModel):
    offer: str
    host: str
    exchanges: int
    said: str

    @classmethod
    def of(cls, one: Unlocked, profile: Profile) -> Self:
        return cls(offer=one.offer, host=one.host, exchanges=one.exchanges, said=unlocking(one, profile))


class DistanceView(BaseModel):
    wanted: int
    standing: int
    missing: int
    by: list[UnlockedView]
    said: list[str]

    @classmethod
    def of(cls, closing: Closing, profile: Profile) -> Self:
        by = [UnlockedView.of(one, profile) for one in closing.by]
        said = distance(closing, profile)
        return cls(wanted=closing.wanted, standing=closing.standing, missing=closing.missing, by=by, said=said)


class RunReasonsView(BaseModel):
    run: str
    working: WorkingView | None
    """None for runs of before anything was worked out."""
    stale: list[str]
    """Why it may not hold any more; empty where it does."""
    changes: list[WhatIfView]
    hosts: list[UnlockedView]
    """By what one place more unlocks; for those alone who see the whole call."""
    distance: DistanceView | None
    """To the least that the call wants; for those alone who see the whole call."""

    @classmethod
    def of(
        cls, run: Run, working: Working | None, came: tuple[Since, bool], profile: Profile, reader: str | None
    ) -> Self:
        _matches, unmatched = to_see(run, reader)
        seen = working if reader is None else None
        return cls(
            run=run.id,
            working=WorkingView.of(run.id, run.call, working) if working else None,
            stale=since_words(*came),
            changes=[what_if(working, one.interest, profile, reader) for one in unmatched],
            hosts=[UnlockedView.of(one, profile) for one in ranked(seen.unlocked)] if seen else [],
            distance=DistanceView.of(seen.closing, profile) if seen and seen.closing else None,
        )


def what_if(working: Working | None, interest: str, profile: Profile, reader: str | None) -> WhatIfView:
    change = working.changes.get(interest) if working else None
    return WhatIfView(
        interest=interest,
        known=working is not None and interest in working.changes,
        change=ChangeView.of(change, reader) if change else None,
        said=smallest(working, interest, profile, reader),
    )


class InterestReasonsView(BaseModel):
    interest: str
    run: str | None
    """The last run, where it left the interest without a match."""
    why: list[str]
    change: WhatIfView | None
    stale: list[str]

    @classmethod
    def of(cls, interest: str, found: WhyNot | None, profile: Profile, reader: str | None) -> Self:
        if found is None:
            return cls(interest=interest, run=None, why=[], change=None, stale=[])
        change = what_if(found.working, interest, profile, reader)
        return cls(interest=interest, run=found.run.id, why=found.sentences, change=change, stale=found.stale)


class NextView(BaseModel):
    """The best other host for the interest."""

    host: str | None
    """For those alone who see the whole call."""
    week: str
    level: str | None
    """The first level on which it would have been worse, by `less`; none where it is as good."""
    less: int
    limit: str | None
    """What stops it as things stand."""

    @classmethod
    def of(cls, one: NextBest, reader: str | None) -> Self:
        return cls(
            host=one.host if reader is None else None, week=one.week, level=one.level, less=one.less, limit=one.limit
        )


class ExchangeReasonsView(BaseModel):
    exchange: str
    run: str | None
    why: list[str]
    adds: dict[str, int]
    """By level, what it added to the run; for the sender and those who see the whole call."""
    next: NextView | None

    @classmethod
    def of(cls, exchange: str, run: str | None, match: Match | None, why: Sequence[str], reader: str | None) -> Self:
        told = match is not None and reader in (None, match.sender)
        adds = {level.value: value for level, value in match.why.adds.items()} if match and told else {}
        second = NextView.of(match.why.next, reader) if match and told and match.why.next else None
        return cls(exchange=exchange, run=run if match else None, why=list(why), adds=adds, next=second)
