"""The use cases of an activity's documents: lay one out, take one away."""

from functools import partial

from shared.files import File, Files
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Receipt
from shared.spine.store import Store

from .domain import documents
from .domain.activity import Activity
from .domain.documents import AddDocument, Documents, RemoveDocument

DOCUMENTS = Aggregate("documents", Documents, documents.evolve)


def documents_of(activity: str) -> str:
    """The stream of an activity's documents."""
    return "documents" + activity.removeprefix("activity")


async def add_document(file: File, store: Store) -> Receipt:
    """Lay out a file that was kept for this activity; at any time, also when it was held or called off."""
    about: Activity = await store.load(file.about)
    command = AddDocument.model_validate({"activity": file.about, "file": file.id, "sort": file.sort})
    decide = partial(documents.decide, member=about.member)
    return await store.execute(documents_of(file.about), command, decide, [file.added])


async def remove_document(file: File, store: Store, files: Files) -> Receipt:
    """Take it away; the content goes with it, unless somebody else added the same."""
    about: Activity = await store.load(file.about)
    command = RemoveDocument(activity=file.about, file=file.id)
    decide = partial(documents.decide, member=about.member)
    receipt = await store.execute(documents_of(file.about), command, decide, [file.removed])
    await files.release([(file.network, file.hash)])
    return receipt
