"""What may be asked of registrations."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.events.commands.words import PERSONS_AT_ONCE, AboutActivity, Attended, Drawn, Id, RegistrationId, Words


class Registrant(BaseModel):
    """Who is to be registered: an id of the people's register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Id
    member: Id
    mode: Attended | None = None
    """Left open: on site where there are such places."""


class RegisterPersons(AboutActivity):
    """Register one or many, all or none; who finds no place joins the waitlist of their mode."""

    persons: Annotated[tuple[Registrant, ...], Field(min_length=1, max_length=PERSONS_AT_ONCE)]
    together: bool = False
    """A delegation of one member that comes together or not at all; else each counts alone."""
    standing: Literal["", "endorsed", "approved"] = ""
    """What who sends it has the word for, where registrations are approved."""


class CancelRegistration(AboutActivity):
    registration: RegistrationId


class RestoreRegistration(AboutActivity):
    """Take a cancellation back, where the place is still free."""

    registration: RegistrationId
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class ChangeMode(AboutActivity):
    """Attend in another way, where there is a free place for it."""

    registration: RegistrationId
    mode: Attended
