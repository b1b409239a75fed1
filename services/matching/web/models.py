"""What the API takes beside the commands themselves."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.matching import commands
from services.matching.commands import Code, InterestId, Moment


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    happened_at: Moment | None = None


class InterestBody(commands.Wish):
    call: commands.CallId
    member: Code | None = None
    """Left out: one's own."""


class OfferBody(commands.Hosting):
    call: commands.CallId
    member: Code | None = None
    """Left out: one's own."""


class CallBody(commands.Terms):
    year: int = Field(ge=2000, le=2100)
    market: Code | None = None
    """Of the network's profile; left out: the first that it offers."""


class CallTerms(commands.Terms):
    """What stands from now on; what is left out has its default."""


class InterestTerms(commands.Wish):
    """What stands from now on; what is left out has its default."""


class OfferTerms(commands.Hosting):
    """What stands from now on; what is left out has its default."""


class AnswerBody(Body):
    member: Code | None = None
    """The side that answers; left out: one's own."""


class DeclineBody(AnswerBody):
    reason: commands.Reason = ""


class WeekBody(DeclineBody):
    week: commands.Week
    """The start week asked for instead."""


class ReasonBody(Body):
    reason: Annotated[commands.Reason, Field(min_length=1)]


class NoShowBody(Body):
    absent: Code
    """The side that did not turn up."""
    reason: commands.Reason = ""


class CostsBody(Body):
    """Whole euros."""

    actual: bool = False
    """What was paid, instead of what is planned."""
    travel: commands.Euros = 0
    accommodation: commands.Euros = 0
    interpretation: commands.Euros = 0


class ReportBody(AnswerBody):
    useful: int = Field(ge=1, le=5)
    joint_inspection: bool = False
    """Whether a joint inspection took place."""
    report: Annotated[commands.Reason, Field(min_length=1)]


class ProposeBody(Body):
    interests: Annotated[tuple[InterestId, ...], Field(max_length=1_000)] | None = None
    """Which of the run's matches; left out: all."""
