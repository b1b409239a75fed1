"""What a file is, by its content: the few kinds that are taken, each told by what no other kind has.

A table of our own, because what must be told apart are office documents with and without macros, which signatures of
the first bytes cannot do: all of them are ZIP archives.
"""

import codecs
import struct
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from shared.contracts.refused import Refused
from shared.web.i18n import mark as _mark

PIECE = 256 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# The central directory is read into memory; a document of an office has some dozen entries.
_MOST_DIRECTORY, _MOST_ENTRIES, _MOST_PART = 1024 * 1024, 10_000, 1024 * 1024
_END_OF_ARCHIVE, _END_LENGTH, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: how its names may end, and how it is called when it is sent."""

    name: str
    endings: tuple[str, ...]
    media_type: str


PDF = Kind("PDF", ("pdf",), "application/pdf")
PNG = Kind("PNG", ("png",), "image/png")
JPEG = Kind("JPEG", ("jpg", "jpeg"), "image/jpeg")
DOCX = Kind("Word", ("docx",), f"{_OFFICE}wordprocessingml.document")
XLSX = Kind("Excel", ("xlsx",), f"{_OFFICE}spreadsheetml.sheet")
PPTX = Kind("PowerPoint", ("pptx",), f"{_OFFICE}presentationml.presentation")
ODT = Kind("OpenDocument", ("odt",), f"{_OPEN}text")
ODS = Kind("OpenDocument", ("ods",), f"{_OPEN}spreadsheet")
ODP = Kind("OpenDocument", ("odp",), f"{_OPEN}presentation")
TEXT = Kind("Text", ("txt",), "text/plain; charset=utf-8")
CSV = Kind("CSV", ("csv",), "text/csv; charset=utf-8")

DOCUMENTS: tuple[Kind, ...] = (PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, PNG, JPEG, TEXT, CSV)
"""What a request's attachments and an activity's documents may be: nothing that runs."""

ACCEPTED = ",".join(f".{ending}" for kind in DOCUMENTS for ending in kind.endings)
"""For a browser's choice of files."""

_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
)
_MAIN_PARTS: Mapping[bytes, Kind] = {f"{one.media_type}.main+xml".encode(): one for one in (DOCX, XLSX, PPTX)}
_OPEN_TYPES: Mapping[bytes, Kind] = {one.media_type.encode(): one for one in (ODT, ODS, ODP)}

_NOT_TAKEN = _mark("This kind of file is not taken here. Send a PDF, an office document, a picture or a text.")
_MACROS = _mark("This document carries macros, which are not taken here. Save it without them and send it again.")
_OTHER = _mark("What is in this file is not what its name says. Save it anew in the program that made it.")


def not_taken() -> Refused:
    return Refused("type-not-taken", _NOT_TAKEN, status=415)


def kind_of(source: IO[bytes], name: str, allowed: tuple[Kind, ...]) -> Kind:
    """What the content is, where that is allowed and fits the name; reads it piece by piece. Raises `Refused`."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    found = _by_content(source, ending)
    if found is None or found not in allowed:
        raise not_taken()
    if ending not in found.endings:
        raise Refused("type-differs", _OTHER, status=415)
    return found


def _by_content(source: IO[bytes], ending: str) -> Kind | None:
    source.seek(0)
    head = source.read(16)
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(source)
    known = next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)
    if known:
        return known
    return (CSV if ending in CSV.endings else TEXT) if _is_text(source) else None


def _is_text(source: IO[bytes]) -> bool:
    """Unicode throughout, without characters that only programs write."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := source.read(PIECE):
            if _has_controls(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(one) == "Cc" for one in set(text) - set("\t\n\r\f"))


def _in_archive(source: IO[bytes]) -> Kind | None:
    if not _is_small_archive(source):
        return None
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            return _office_kind(archive)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.zlib.error):  # type: ignore[attr-defined]
        return None


def _is_small_archive(source: IO[bytes]) -> bool:
    """Whether its directory is one that may be read: a small upload can announce millions of entries."""
    size = source.seek(0, 2)
    source.seek(max(0, size - _END_LENGTH - _LONGEST_COMMENT))
    tail = source.read()
    at = tail.rfind(_END_OF_ARCHIVE)
    if at < 0 or len(tail) - at < _END_LENGTH:
        return False
    entries, directory = struct.unpack_from("<HI", tail, at + 10)
    return bool(entries <= _MOST_ENTRIES and directory <= _MOST_DIRECTORY)


def _office_kind(archive: zipfile.ZipFile) -> Kind | None:
    names = archive.namelist()
    if any(one.rpartition("/")[2].casefold() == "vbaproject.bin" or one.startswith("Basic/") for one in names):
        raise Refused("has-macros", _MACROS, status=415)
    if "mimetype" in names:
        return _OPEN_TYPES.get(_part(archive, "mimetype").strip())
    if "[Content_Types].xml" not in names:
        return None
    types = _part(archive, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise Refused("has-macros", _MACROS, status=415)
    return next((kind for main, kind in _MAIN_PARTS.items() if b'"' + main + b'"' in types), None)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_MOST_PART)
