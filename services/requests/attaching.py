"""The use cases of a request's attachments: add a file, remove one."""

from functools import partial

from shared.contracts.refused import Refused
from shared.files import File, Files
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Receipt
from shared.spine.store import Store

from .domain import attachments, request
from .domain.attachments import AddAttachment, Attachments, RemoveAttachment
from .domain.request import Status

ATTACHMENTS = Aggregate("attachments", Attachments, attachments.evolve)
CLOSED = (Status.DECLINED, Status.WITHDRAWN)


def attachments_of(request_id: str) -> str:
    """The stream of a request's attachments."""
    return "attachments" + request_id.removeprefix("request")


async def add_attachment(file: File, store: Store) -> Receipt:
    """Attach a file that was kept for this request; refused where nothing comes of the request any more."""
    about: request.Request = await store.load(file.about)
    if about.status in CLOSED:
        raise Refused(
            "wrong-status",
            "This request is %(state)s; nothing can be attached to it any more.",
            state=about.status.value,
        )
    command = AddAttachment(request=file.about, file=file.id)
    decide = partial(attachments.decide, member=about.member)
    return await store.execute(attachments_of(file.about), command, decide, [file.added])


async def remove_attachment(file: File, store: Store, files: Files) -> Receipt:
    """Take it off; the content goes with it, unless somebody else added the same."""
    about: request.Request = await store.load(file.about)
    command = RemoveAttachment(request=file.about, file=file.id)
    decide = partial(attachments.decide, member=about.member)
    receipt = await store.execute(attachments_of(file.about), command, decide, [file.removed])
    await files.release([(file.network, file.hash)])
    return receipt
