"""What may be asked of requests and of the annual plan."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from shared.contracts.base import Command

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff]")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_QUARTER = r"^20[0-9]{2}-Q[1-4]$"
_REQUEST = r"^request-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_ACTIVITY = r"^activity-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("Leave out characters that cannot be printed.")
    return text


def _in_reach(moment: datetime) -> datetime:
    if moment < _EARLIEST:
        raise ValueError("Give a time after the year 2000.")
    return moment.astimezone(UTC)


def _text(least: int, most: int) -> object:
    return StringConstraints(min_length=least, max_length=most, strip_whitespace=True)


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""An id of the network's profile: a member, kind, line, topic."""
RequestId = Annotated[str, StringConstraints(pattern=_REQUEST)]
ActivityId = Annotated[str, StringConstraints(pattern=_ACTIVITY)]
WholeId = Annotated[str, StringConstraints(pattern=f"{_REQUEST}|{_ACTIVITY}")]
QuarterText = Annotated[str, StringConstraints(pattern=_QUARTER), Field(examples=["2024-Q2"])]
Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
Title = Annotated[str, _text(1, 200), AfterValidator(printable)]
OptionalTitle = Annotated[str, _text(0, 200), AfterValidator(printable)]
Words = Annotated[str, _text(0, 5_000), AfterValidator(printable)]
Reason = Annotated[str, _text(0, 2_000), AfterValidator(printable)]
Phrase = Annotated[str, _text(1, 200), AfterValidator(printable)]
Choice = Annotated[str, _text(1, 80), AfterValidator(printable)]
Address = Annotated[str, _text(1, 500), StringConstraints(pattern=r"^https?://[^\s<>\"]+$"), AfterValidator(printable)]
Several = Annotated[tuple[Id, ...], Field(max_length=40)]
Number = Annotated[int, Field(ge=1, le=10_000)]
Year = Annotated[int, Field(ge=2000, le=2099)]


class Wish(Command):
    """What a member asks for; the kind says which of the fields its form takes."""

    happened_at: Moment | None = None
    kind: Id
    title: Title
    description: Words = ""
    audience: Words = ""
    """Who will take part, in words."""
    topic: Id | None = None
    target_groups: Several = ()
    focus_area: Id | None = None
    language: Id | None = None
    participants: Number | None = None
    officials: Number | None = None
    quarter_wished: QuarterText | None = None
    mode: Id | None = None
    host_place: Phrase | None = None
    host_member: Id | None = None
    members: Several = ()
    duration: Choice | None = None
    level: Choice | None = None
    network: Choice | None = None
    weeks: Phrase | None = None
    inside: WholeId | None = None
    """The activity of a plan, or the request, that it is part of."""
    inside_event: Phrase | None = None
    """What it is part of, in words."""
    website: Address | None = None
    agenda: Words = ""
    format: Phrase | None = None
    contact: Phrase | None = None
    """Who is asked about it, in a unit."""
    owner: Id | None = None
    """The unit or member that takes it on."""
    period: Phrase | None = None
    """When, as it was written: `Winter 2024/2025`."""


# Ids drawn by a handler stay out of the content's hash: a command sent again with its id is still the same command.
Drawn = Field(exclude=True)


class SubmitRequest(Wish):
    member: Id
    via: str = "page"
    form: OptionalTitle = ""
    """The form it came from, where it was not one of these pages."""
    request: Annotated[str, Drawn] = ""


class Decision(Command):
    happened_at: Moment | None = None
    request: RequestId
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""
    """Under which id the reason is kept."""


class PlanRequest(Decision):
    """Put what was asked for on a line and into a quarter of the annual plan."""

    line: Id
    quarter: QuarterText
    activity: Annotated[str, Drawn] = ""


class DeferRequest(Decision):
    """Put it off: it is weighed again with the plan of that quarter's year."""

    quarter: QuarterText


class DeclineRequest(Decision):
    pass


class WithdrawRequest(Decision):
    """Its sender does not need it any more."""


class MergeRequest(Decision):
    """Answer it together with another one, whose fate it shares."""

    into: RequestId


class AcceptForCall(Decision):
    """An exchange asked for without an open call joins this one, where it is matched."""

    call: Annotated[str, StringConstraints(pattern=r"^call-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class AskSender(Command):
    """A question to its sender; the decision waits for the answer, its due day does not."""

    happened_at: Moment | None = None
    request: RequestId
    question: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


class AnswerQuestion(Command):
    happened_at: Moment | None = None
    request: RequestId
    answer: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


class ReopenRequest(Decision):
    """Take the last decision back: it was wrong, and the reason says why."""


class ReturnRequest(Command):
    """Its activity, or the exchange agreed for it, was cancelled: it is to be decided anew."""

    request: RequestId
    activity: str = ""
    exchange: str = ""
    words: Annotated[str, Drawn] = ""


class FulfilRequest(Command):
    """Its activity was held."""

    request: RequestId
    activity: str
    exchange: str = ""
    """The one that the activity was, where it came of a call."""


class PlanActivity(Command):
    """An activity of the network's own, which nobody requested."""

    happened_at: Moment | None = None
    year: Year
    kind: Id
    line: Id
    quarter: QuarterText
    title: OptionalTitle = ""
    member: Id | None = None
    topic: Id | None = None
    target_groups: Several = ()
    language: Id | None = None
    participants: Number | None = None
    reason: Reason = ""
    """Why, once the plan is adopted: then it is an amendment."""
    activity: Annotated[str, Drawn] = ""
    words: Annotated[str, Drawn] = ""


class MoveActivity(Command):
    """Give an activity of the network's own another line, quarter, member or title."""

    happened_at: Moment | None = None
    year: Year
    activity: ActivityId
    line: Id
    quarter: QuarterText
    title: OptionalTitle = ""
    member: Id | None = None
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class UnplanActivity(Command):
    happened_at: Moment | None = None
    year: Year
    activity: ActivityId
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class AssignActivity(Command):
    """Who stands for an activity: the unit, its contact person, and the partners by stage."""

    happened_at: Moment | None = None
    year: Year
    activity: ActivityId
    owner: Id | None = None
    contact: OptionalTitle = ""
    partners: Annotated[tuple[Annotated[str, StringConstraints(max_length=130)], ...], Field(max_length=80)] = ()
    """Each as `<stage>:<partner>`."""


class SetCutOff(Command):
    """Requests sent after this day belong to the next plan; without a day all of them are waited for."""

    happened_at: Moment | None = None
    year: Year
    on: date | None = None


class BeginYear(Command):
    """Make the year's plan from that of the year before: what is annual recurs, deferred requests come along."""

    happened_at: Moment | None = None
    year: Year
    reason: Reason = ""
    """What the senders of the requests read that come along."""


class AdoptPlan(Command):
    """The Management Board agrees; refused while requests are undecided."""

    happened_at: Moment | None = None
    year: Year


class NoteActivity(Command):
    """What `events` says about an activity, kept beside the plan for its readers."""

    activity: str
