"""What is asked of the market for partners: project ideas, offers to join them, answers to proposals."""

from typing import Annotated

from pydantic import AfterValidator, Field

from services.matching.commands.experts import Day, SeatId, Title, Told
from services.matching.commands.words import (
    Areas,
    Ask,
    Code,
    Drawn,
    Languages,
    Members,
    Reason,
    RunId,
    Wishes,
    _stream,
    printable,
)

IdeaId = Annotated[str, _stream("idea")]
PartnerId = Annotated[str, _stream("partner")]
Roles = Annotated[dict[Code, Annotated[int, Field(ge=1, le=10)]], Field(min_length=1, max_length=10)]


class PutIdea(Ask):
    """A project idea that needs partners: so many in each role."""

    lead: Code
    title: Title
    summary: Told
    words: Annotated[str, Drawn] = ""
    theme: Code
    programme: Annotated[str, Field(max_length=100), AfterValidator(printable)] = ""
    roles: Roles
    languages: Languages
    wishes: Wishes = ()
    """Members that would be liked best, best first."""
    excluded: Members = ()
    partners_by: Day | None = None
    market: Annotated[str, Drawn] = ""


class WithdrawIdea(Ask):
    """Who joined, or was asked, reads the reason."""

    idea: IdeaId
    reason: Told
    words: Annotated[str, Drawn] = ""


class MakeProject(Ask):
    """All partners joined: the idea is a project from now on, under this name."""

    idea: IdeaId
    name: Title


class Partnering(Ask):
    """`likes` are ideas, best first; at most `most` are joined."""

    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]
    themes: Areas
    languages: Languages
    most: int = Field(1, ge=1, le=20)
    likes: Annotated[tuple[IdeaId, ...], Field(max_length=5)] = ()
    excluded: Members = ()
    market: Annotated[str, Drawn] = ""


class OfferPartnership(Partnering):
    member: Code


class ChangePartnership(Partnering):
    partner: PartnerId


class WithdrawPartnership(Ask):
    partner: PartnerId


class ProposePartner(Ask):
    """One match of a run: lead and partner are asked."""

    idea: IdeaId
    seat: SeatId
    run: RunId
    partner: PartnerId
    role: Code
    member: Annotated[str, Drawn] = ""
    theme: Annotated[str, Drawn] = ""
    lead: Annotated[str, Drawn] = ""
    languages: Annotated[tuple[str, ...], Drawn] = ()
    answer_days: Annotated[int, Drawn] = 21


class AcceptPartner(Ask):
    """`member` is the side that answers: the idea's lead or the partner."""

    idea: IdeaId
    seat: SeatId
    member: Code


class DeclinePartner(Ask):
    idea: IdeaId
    seat: SeatId
    member: Code
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class LapsePartner(Ask):
    idea: IdeaId
    seat: SeatId
