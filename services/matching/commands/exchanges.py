"""What is asked of an exchange, from its proposal to both sides' reports."""

from typing import Annotated

from pydantic import Field

from services.matching.commands.words import (
    Ask,
    CallId,
    Code,
    Drawn,
    Euros,
    ExchangeId,
    InterestId,
    Language,
    OfferId,
    Reason,
    RunId,
    Week,
)

Told = Annotated[Reason, Field(min_length=1)]


class ProposeExchange(Ask):
    """One match of a run becomes a proposal to both sides; the amounts are what it will cost, in euros."""

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
    language: Language | None = None
    answer_days: int = Field(14, ge=1, le=90)
    travel: Euros = 0
    accommodation: Euros = 0
    interpretation: Euros = 0
    request: Annotated[str, Drawn] = ""
    """What its interest came of."""

    @property
    def amount(self) -> int:
        return self.travel + self.accommodation + self.interpretation


class AcceptExchange(Ask):
    exchange: ExchangeId
    member: Code


class DeclineExchange(Ask):
    """`reason` is read by the other side and the coordinator; it stays in this service."""

    exchange: ExchangeId
    member: Code
    reason: Reason = ""


class AskWeek(Ask):
    """One side would come, or host, in another week: it says yes to that, and the other is asked anew."""

    exchange: ExchangeId
    member: Code
    week: Week
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""
    answer_days: Annotated[int, Drawn] = 14


class TakeBackProposal(Ask):
    """The proposal was wrong: as if it had not been made, while it is not agreed. Both sides read the reason."""

    exchange: ExchangeId
    reason: Told
    words: Annotated[str, Drawn] = ""


class ReleaseProposal(TakeBackProposal):
    """The request that its interest came of is not in the call any more: nothing is left to answer."""

    reason: Reason = ""


class ExpireProposal(Ask):
    exchange: ExchangeId


class SetCosts(Ask):
    """What an exchange costs: planned, or `actual`, what was paid."""

    exchange: ExchangeId
    actual: bool = False
    travel: Euros = 0
    accommodation: Euros = 0
    interpretation: Euros = 0

    @property
    def amount(self) -> int:
        return self.travel + self.accommodation + self.interpretation


class HoldExchange(Ask):
    exchange: ExchangeId
    activity: str = Field(max_length=80)


class CancelExchange(Ask):
    """What was agreed will not be held; where somebody gives a reason, both sides read it."""

    exchange: ExchangeId
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class RecordNoShow(Ask):
    """Agreed, and `absent` did not turn up, or had nobody to receive the officials."""

    exchange: ExchangeId
    absent: Code
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class ReportExchange(Ask):
    """One side's report after it was held; `report` is read by the other side and the coordinator."""

    exchange: ExchangeId
    member: Code
    useful: int = Field(ge=1, le=5)
    joint_inspection: bool = False
    """Whether a joint inspection took place."""
    report: Told
    words: Annotated[str, Drawn] = ""
