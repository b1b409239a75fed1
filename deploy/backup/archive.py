"""The file: a zip of BSON members, with a manifest that says what must be in it.

store/<database>/<collection>.bson   its documents; the database without the namespace: `requests`, `people`
log/<topic>/<partition>.bson         its messages: `o` offset, `t` time, `k` key, `v` value, `h` headers
manifest.json                        versions, the moment, and count, size and SHA-256 of every member
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument

from deploy.local.checks import Trouble

FORMAT = 1
MANIFEST = "manifest.json"
LEVEL = 3
"""Of deflate: higher ones take twice the time for a few hundredths of the size."""
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument, tz_aware=True)


@dataclass(frozen=True)
class Member:
    """What a member must be."""

    count: int
    bytes: int
    sha256: str


@dataclass
class Manifest:
    namespace: str
    taken_at: str
    """When the snapshot was taken, by the real clock."""
    liaison: str
    mongodb: str
    events: dict[str, int] = field(default_factory=dict)
    """By service: events in the store."""
    on_log: dict[str, int] = field(default_factory=dict)
    """By service: how many of them are on the log; the relay sends the others."""
    foreign: dict[str, int] = field(default_factory=dict)
    """By service: messages on its topic that are no event of its store."""
    members: dict[str, Member] = field(default_factory=dict)
    format: int = FORMAT


class Writing:
    """`add` takes the documents of one member after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], None]]:
        digest, count, size = hashlib.sha256(), 0, 0
        with self._archive.open(name, "w", force_zip64=True) as file:

            def add(document: bytes) -> None:
                nonlocal count, size
                file.write(document)
                digest.update(document)
                count, size = count + 1, size + len(document)

            yield add
        self.members[name] = Member(count, size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        manifest.members = self.members
        self._archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """A new file, readable by its owner alone, that has its name once it is complete and on the disk."""
    arriving = path.with_name(path.name + ".partial")
    arriving.unlink(missing_ok=True)
    handle = os.open(arriving, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield Writing(archive)
            file.flush()
            os.fsync(file.fileno())
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)


class Archive:
    """A backup that is read. Raises Trouble where it is not one, or damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            told = json.loads(self._zip.read(MANIFEST))
        except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise Trouble(f"{path} is no backup of Liaison, or not whole ({type(error).__name__}).") from None
        if told.get("format") != FORMAT:
            raise Trouble(f"{path} has format {told.get('format')}, this Liaison reads {FORMAT}: use a newer one.")
        members = {name: Member(**one) for name, one in told.pop("members").items()}
        self.manifest = Manifest(**told, members=members)

    def close(self) -> None:
        self._zip.close()

    def documents(self, name: str) -> Iterator[RawBSONDocument]:
        with self._zip.open(name) as file:
            yield from bson.decode_file_iter(cast(Any, file), RAW)

    def names(self, kind: str) -> list[tuple[str, str, str]]:
        """Members of `store` or `log`: name, database or topic, collection or partition."""
        found = [(name, *name.removesuffix(".bson").split("/", 2)) for name in sorted(self.manifest.members)]
        return [(name, group, leaf) for name, of, group, leaf in found if of == kind]

    def verify(self, told: Callable[[int], None] = lambda done: None) -> None:
        """Read all of it and hold it against the manifest; Trouble names the first member that differs."""
        if extra := set(self._zip.namelist()) - {*self.manifest.members, MANIFEST}:
            raise Trouble(f"{self.path} has {sorted(extra)[0]}, which its manifest does not know: it was changed.")
        for name, member in self.manifest.members.items():
            if self._found(name, told) != member:
                raise Trouble(f"{self.path} is damaged: {name} is not what its manifest says. Take another backup.")

    def _found(self, name: str, told: Callable[[int], None]) -> Member | None:
        digest, count, size = hashlib.sha256(), 0, 0
        try:
            for document in self.documents(name):
                digest.update(document.raw)
                count, size = count + 1, size + len(document.raw)
                told(1)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, InvalidBSON, ValueError):
            return None
        return Member(count, size, digest.hexdigest())
