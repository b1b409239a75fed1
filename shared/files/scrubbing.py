"""Taking a person's name and address out of the contents of files that others added.

Plain texts and packed XML (workbooks, documents, presentations) are rewritten under a new hash. What neither is, such
as a PDF or a picture, is out of reach: docs/operations/personal-data.md says what then.
"""

import asyncio
import io
import zipfile
from typing import Any

from shared.people.scrub import Scrubber

from .store import BUCKET, Files

MOST_BYTES, MOST_UNPACKED = 25 * 1024 * 1024, 100 * 1024 * 1024


async def scrub_contents(db: Any, scrubber: Scrubber, network: str) -> int:
    """Rewrite every content of the network in which the scrubber finds somebody; returns how many."""
    files, changed = Files(db), 0
    async for kept in db[f"{BUCKET}.files"].find({"metadata.network": network, "length": {"$lte": MOST_BYTES}}):
        pieces = db[f"{BUCKET}.chunks"].find({"files_id": kept["_id"]}).sort("n", 1)
        content = b"".join([piece["data"] async for piece in pieces])
        clean = await asyncio.to_thread(scrubbed, content, scrubber)
        if clean is not None:
            await files.rewrite(network, kept["filename"], clean)
            changed += 1
    return changed


def scrubbed(content: bytes, scrubber: Scrubber) -> bytes | None:
    """The content without name and address; None where they are not found in it."""
    if content.startswith(b"PK"):
        return _repacked(content, scrubber)
    if b"\0" in content[:4096] or content.startswith(b"%PDF"):
        return None
    clean, found = scrubber.clean(content)
    return bytes(clean) if found else None


def _repacked(content: bytes, scrubber: Scrubber) -> bytes | None:
    changed, out = 0, io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                return None
            for one in packed.infolist():
                part, found = packed.read(one), 0
                if one.filename.endswith((".xml", ".rels", ".txt", ".json")):
                    part, found = scrubber.clean(part)
                changed += found
                new.writestr(one, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return None
    return out.getvalue() if changed else None
