"""What members ask: interests in sending officials, and offers to host them."""

from typing import Annotated

from pydantic import Field

from services.matching.commands.words import (
    Areas,
    Ask,
    CallId,
    Code,
    Drawn,
    InterestId,
    Languages,
    Levels,
    Members,
    OfferId,
    Places,
    Week,
    Weeks,
    Wishes,
)

PlacesByWeek = Annotated[dict[Week, Places], Field(min_length=1, max_length=106)]


class Wish(Ask):
    """`weeks` are start weeks; the stay takes `duration` weeks from there. `wishes` are members, best first."""

    focus: Code
    languages: Languages
    officials: int = Field(1, ge=1, le=50)
    weeks: Weeks
    duration: int = Field(1, ge=1, le=26)
    wishes: Wishes = ()
    joint_inspection: bool = False
    """Whether it shall go with a joint inspection."""
    fewer_opportunities: int = Field(0, ge=0, le=50)
    """Of the officials, how many have fewer opportunities."""
    excluded: Members = ()
    """Members to which it shall not go."""
    levels: Levels = Field(default_factory=dict)
    """How well the officials speak a language; well enough for any where nothing is said."""


class FileInterest(Wish):
    call: CallId
    member: Code
    endorsed: Annotated[bool, Drawn] = False
    rolling: Annotated[bool, Drawn] = False
    request: Annotated[str, Drawn] = ""
    """The request that was accepted for the call."""


class ChangeInterest(Wish):
    """What is wished for from now on, while no proposal holds it."""

    interest: InterestId


class EndorseInterest(Ask):
    """The member's liaison officer stands behind it."""

    interest: InterestId


class WithdrawInterest(Ask):
    interest: InterestId


class Hosting(Ask):
    """`places`: officials that can be received, by week."""

    focus_areas: Areas
    languages: Languages
    places: PlacesByWeek
    joint_inspection: bool = False
    """Whether a joint inspection can be part of it."""
    excluded: Members = ()
    """Members that it does not receive."""
    levels: Levels = Field(default_factory=dict)
    """How well visitors must speak a language."""
    only_if_sends: bool = False
    """It hosts only if the member sends somebody in this call."""


class MakeOffer(Hosting):
    call: CallId
    member: Code
    rolling: Annotated[bool, Drawn] = False


class ChangeOffer(Hosting):
    """What is offered from now on; the weeks that exchanges hold keep at least their places."""

    offer: OfferId


class WithdrawOffer(Ask):
    offer: OfferId
