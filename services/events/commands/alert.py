"""What may be asked of a restricted alert. Its words are sealed before they are kept, and stand in no command."""

from typing import Annotated

from pydantic import Field

from services.events.commands.words import Day, Id
from shared.contracts.base import Command

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
AlertId = Annotated[str, Field(pattern=f"^warning-{_UUID}$")]


class AboutAlert(Command):
    alert: AlertId


class RaiseAlert(AboutAlert):
    """`to`: members named, besides the own."""

    member: Id
    to: Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]
    expires_on: Day


class CorrectAlert(AboutAlert):
    member: Id


class WithdrawAlert(AboutAlert):
    member: Id


class ExpireAlert(AboutAlert):
    pass


class ReadAlert(AboutAlert):
    person: str
    member: Id


class DiscussAlert(AboutAlert):
    member: Id
    message: str
