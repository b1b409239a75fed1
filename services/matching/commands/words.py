"""What may be asked of `matching`.

A `week` is an ISO week, `2024-W38`; a `focus` is a focus area's id of the network's profile.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.matching.week import in_order, real_week
from shared.contracts.base import Command


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _in_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("Give a time between the years 2000 and 2100.")
    return moment.astimezone(UTC)


def printable(text: str) -> str:
    if any(not (one.isprintable() or one in "\n\t") for one in text):
        raise ValueError("Write letters, digits and marks only.")
    return text


def _stream(aggregate: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^{aggregate}-[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$")


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
CallId = Annotated[str, _stream("call")]
InterestId = Annotated[str, _stream("interest")]
OfferId = Annotated[str, _stream("offer")]
ExchangeId = Annotated[str, _stream("exchange")]
RunId = Annotated[str, _stream("run")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,60}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Week = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W[0-9]{2}$"), AfterValidator(real_week)]
Places = Annotated[int, Field(ge=1, le=500)]
Languages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=24), AfterValidator(_once)]


class Ask(Command):
    happened_at: Moment | None = None


class OpenCall(Ask):
    year: int = Field(ge=2000, le=2100)
    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30), AfterValidator(_once)]
    minimum: int = Field(0, ge=0, le=100_000)
    answer_days: int = Field(14, ge=1, le=90)


class ChangeCall(Ask):
    """Its terms are these from now on; proposals that wait keep the time they were given."""

    call: CallId
    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30), AfterValidator(_once)]
    minimum: int = Field(0, ge=0, le=100_000)
    answer_days: int = Field(14, ge=1, le=90)


class CloseCall(Ask):
    call: CallId


Reason = Annotated[str, Field(max_length=2_000), AfterValidator(printable)]
# Ids drawn by a handler stay out of the content's hash: a command sent again with its id is still the same command.
Drawn = Field(exclude=True)


class ReopenCall(Ask):
    """It was closed too early; `reason` is read by everybody who sees the call."""

    call: CallId
    reason: Annotated[Reason, Field(min_length=1)]
    words: Annotated[str, Drawn] = ""


class FileInterest(Ask):
    """`weeks` are start weeks; the stay takes `duration` weeks from there. `wishes` are members, best first."""

    call: CallId
    member: Code
    focus: Code
    languages: Languages
    officials: int = Field(1, ge=1, le=50)
    weeks: Annotated[tuple[Week, ...], Field(min_length=1, max_length=106), AfterValidator(in_order)]
    duration: int = Field(1, ge=1, le=26)
    wishes: Annotated[tuple[Code, ...], Field(max_length=5), AfterValidator(_once)] = ()


class ChangeInterest(Ask):
    """What is wished for from now on, while no proposal holds it."""

    interest: InterestId
    focus: Code
    languages: Languages
    officials: int = Field(1, ge=1, le=50)
    weeks: Annotated[tuple[Week, ...], Field(min_length=1, max_length=106), AfterValidator(in_order)]
    duration: int = Field(1, ge=1, le=26)
    wishes: Annotated[tuple[Code, ...], Field(max_length=5), AfterValidator(_once)] = ()


class WithdrawInterest(Ask):
    interest: InterestId


class MakeOffer(Ask):
    """`places`: officials that can be received, by week."""

    call: CallId
    member: Code
    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30), AfterValidator(_once)]
    languages: Languages
    places: Annotated[dict[Week, Places], Field(min_length=1, max_length=106)]


class ChangeOffer(Ask):
    """What is offered from now on; the weeks that exchanges hold keep at least their places."""

    offer: OfferId
    focus_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30), AfterValidator(_once)]
    languages: Languages
    places: Annotated[dict[Week, Places], Field(min_length=1, max_length=106)]


class WithdrawOffer(Ask):
    offer: OfferId


class RunMatch(Ask):
    call: CallId


class ProposeExchange(Ask):
    """One match of a run becomes a proposal to both sides."""

    exchange: ExchangeId
    run: RunId
    call: CallId
    interest: InterestId
    offer: OfferId
    sender: Code
    host: Code
    focus: Code
    week: Week
    duration: int = Field(ge=1)
    officials: int = Field(ge=1)
    language: Language
    answer_days: int = Field(14, ge=1, le=90)


class AcceptExchange(Ask):
    exchange: ExchangeId
    member: Code


class DeclineExchange(Ask):
    """`reason` is read by the other side and the coordinator; it stays in this service."""

    exchange: ExchangeId
    member: Code
    reason: Annotated[str, Field(max_length=2_000), AfterValidator(printable)] = ""


class TakeBackProposal(Ask):
    """The proposal was wrong: as if it had not been made, while it is not agreed. Both sides read the reason."""

    exchange: ExchangeId
    reason: Annotated[Reason, Field(min_length=1)]
    words: Annotated[str, Drawn] = ""


class ExpireProposal(Ask):
    exchange: ExchangeId


class HoldExchange(Ask):
    exchange: ExchangeId
    activity: str = Field(max_length=80)


class CancelExchange(Ask):
    exchange: ExchangeId
