"""The files attached to one request, in a stream beside it: adding one is no change of the request itself."""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import StringConstraints

from services.requests.commands import Moment, RequestId
from shared.contracts.base import Command, Event
from shared.contracts.files import AttachmentAdded, AttachmentRemoved
from shared.contracts.refused import Refused

MOST = 20
FileId = Annotated[str, StringConstraints(pattern=r"^file-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class AboutAttachment(Command):
    happened_at: Moment | None = None
    request: RequestId
    file: FileId


class AddAttachment(AboutAttachment):
    pass


class RemoveAttachment(AboutAttachment):
    pass


@dataclass(frozen=True, slots=True)
class Attachments:
    files: tuple[str, ...] = ()


def decide(attachments: Attachments, command: Command, *, member: str) -> list[Event]:
    match command:
        case AddAttachment():
            if command.file in attachments.files:
                return []
            if len(attachments.files) >= MOST:
                raise Refused("too-many-files", "%(most)s files are attached already; remove one first.", most=MOST)
            return [AttachmentAdded(about=command.request, file=command.file, member=member)]
        case RemoveAttachment():
            if command.file not in attachments.files:
                return []
            return [AttachmentRemoved(about=command.request, file=command.file, member=member)]
    raise TypeError(type(command).__name__)


def evolve(attachments: Attachments, event: Event) -> Attachments:
    match event:
        case AttachmentAdded():
            return replace(attachments, files=(*attachments.files, event.file))
        case AttachmentRemoved():
            return replace(attachments, files=tuple(one for one in attachments.files if one != event.file))
    return attachments
