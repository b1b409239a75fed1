"""Files that people add to things: their content in GridFS of the owning service, what is known of them beside.

The content is kept once a network, named by its hash (`content.files`, `content.chunks`); a document of `files` names
who added it to what, and goes with it. Events name a file by its id alone.
"""

from .kinds import DOCUMENTS, Kind
from .names import disposition
from .store import COLLECTION, Erased, File, Files
from .sweeping import sweeper

__all__ = ["COLLECTION", "DOCUMENTS", "Erased", "File", "Files", "Kind", "disposition", "sweeper"]
