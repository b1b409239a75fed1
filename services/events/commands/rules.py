"""What may be asked about how places are given."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.events.commands.words import AboutActivity, Attended, Day, Drawn, Id, Places, RegistrationId

MOST_QUOTAS, LONGEST_OFFER_HOURS, AT_ONCE = 100, 24 * 60, 200
Policy = Literal["first-come", "draw", "coverage"]
Approval = Literal["none", "one", "two"]


class Kept(BaseModel):
    """Places kept for a member, until a day or for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    member: Id
    mode: Attended = "on-site"
    places: Annotated[Places, Field(ge=1)]
    release_on: Day | None = None


class Rules(BaseModel):
    """How places are given: published with the activity, before anybody registers."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    policy: Policy = "first-come"
    offer_hours: Annotated[int, Field(ge=1, le=LONGEST_OFFER_HOURS)] | None = None
    approval: Approval = "none"
    quotas: Annotated[tuple[Kept, ...], Field(max_length=MOST_QUOTAS)] = ()
    draw_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.policy == "draw") != (self.draw_at is not None):
            raise ValueError("Say when it is drawn, for a draw and for nothing else.")
        if len({(one.member, one.mode) for one in self.quotas}) < len(self.quotas):
            raise ValueError("Name each member once for each mode.")
        return self

    @property
    def last_release(self) -> date | None:
        return max((one.release_on for one in self.quotas if one.release_on), default=None)


class SetRules(Rules, AboutActivity):
    commitment: Annotated[str, Drawn] = ""
    """Of the seed that the handler draws."""


class DrawPlaces(AboutActivity):
    """The day of the draw has come; the seed is the one that was committed to."""

    seed: Annotated[str, Drawn] = ""


class ReleaseQuotas(AboutActivity):
    """What is not used of quotas whose day has come is for everybody."""


class FillPlaces(AboutActivity):
    """What a draw or a release left to be given away goes to those in line."""


class AboutRegistration(AboutActivity):
    registration: RegistrationId


class AcceptOffer(AboutRegistration):
    pass


class LapseOffer(AboutRegistration):
    """The offer was not answered in time."""


class EndorseRegistration(AboutRegistration):
    """Their member stands behind it."""


class ApproveRegistration(AboutRegistration):
    pass


class DeclineRegistration(AboutRegistration):
    pass


class SubstitutePerson(AboutRegistration):
    """Somebody else of the same member comes instead."""

    person: Id
