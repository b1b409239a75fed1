"""Events of files that are added to things: a file by its id, the thing by its stream; names and contents stay."""

from .base import Event


class FileEvent(Event):
    about: str
    """The stream of the thing: a request, an activity."""
    file: str
    member: str | None = None


class AttachmentAdded(FileEvent, type="liaison.requests.attachments.added.v1"):
    """A file was attached to a request."""


class AttachmentRemoved(FileEvent, type="liaison.requests.attachments.removed.v1"):
    pass


class DocumentAdded(FileEvent, type="liaison.events.documents.added.v1"):
    """A document of an activity is there for who sees the activity."""

    sort: str = "material"
    """agenda, minutes or material."""


class DocumentRemoved(FileEvent, type="liaison.events.documents.removed.v1"):
    sort: str = "material"


OF_REQUESTS: tuple[type[Event], ...] = (AttachmentAdded, AttachmentRemoved)
OF_EVENTS: tuple[type[Event], ...] = (DocumentAdded, DocumentRemoved)
