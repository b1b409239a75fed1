"""The documents of one activity, in a stream beside it: minutes come after it is held, when nothing else changes."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import StringConstraints

from services.events.commands import AboutActivity
from shared.contracts.base import Command, Event
from shared.contracts.files import DocumentAdded, DocumentRemoved
from shared.contracts.refused import Refused

MOST = 100
FileId = Annotated[str, StringConstraints(pattern=r"^file-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Sort = Literal["agenda", "minutes", "material"]


class AddDocument(AboutActivity):
    """Lay out a file that was uploaded, for who sees the activity."""

    file: FileId
    sort: Sort = "material"


class RemoveDocument(AboutActivity):
    file: FileId


@dataclass(frozen=True, slots=True)
class Documents:
    files: dict[str, str] = field(default_factory=dict)
    """What each of them is there for, by its id."""


def decide(documents: Documents, command: Command, *, member: str | None) -> list[Event]:
    match command:
        case AddDocument():
            if command.file in documents.files:
                return []
            if len(documents.files) >= MOST:
                raise Refused("too-many-files", "There are %(most)s documents already; remove one first.", most=MOST)
            about = {"about": command.activity, "file": command.file, "member": member}
            return [DocumentAdded(**about, sort=command.sort)]
        case RemoveDocument():
            if command.file not in documents.files:
                return []
            sort = documents.files[command.file]
            return [DocumentRemoved(about=command.activity, file=command.file, member=member, sort=sort)]
    raise TypeError(type(command).__name__)


def evolve(documents: Documents, event: Event) -> Documents:
    match event:
        case DocumentAdded():
            return replace(documents, files={**documents.files, event.file: event.sort})
        case DocumentRemoved():
            return replace(documents, files={id: sort for id, sort in documents.files.items() if id != event.file})
    return documents
