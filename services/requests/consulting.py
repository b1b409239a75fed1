"""The use cases of consultations, and what their pages read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.files import AttachmentAdded
from shared.contracts.planning import ConsultationAnswered
from shared.contracts.refused import Refused
from shared.files import File
from shared.ids import new_id
from shared.mongo import Database
from shared.profiles import Profile
from shared.spine.aggregate import Aggregate, Deadline
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import attachments, consultation
from .domain.attachments import Attachments
from .domain.consultation import (
    AnswerConsultation,
    CloseConsultation,
    Consultation,
    ExtendConsultation,
    OpenConsultation,
)
from .offered import profile_of
from .streams import CONSULTATION_WORDS

CONSULTATION = Aggregate(
    "consultation",
    Consultation,
    consultation.evolve,
    deadlines=lambda stream, event: [Deadline(*one) for one in consultation.closing(stream, event)],
)
MOST_FILES = attachments.MOST


def end_of(day: date, profile: Profile) -> datetime:
    """The moment at which that day is over where the network is."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(profile.zone))


async def open_consultation(command: OpenConsultation, store: Store) -> Receipt:
    """Ask members and units about a draft; their officers hear of it by mail."""
    profile = profile_of(store.origin.network)
    if command.about not in {one.id for one in profile.consulted_on}:
        raise Refused("about-unknown", "Choose what this network is consulted on.", status=422)
    if strangers := set(command.members) - set(profile.member_codes):
        sentence = "Choose members of this network; %(member)s is none."
        raise Refused("members-unknown", sentence, status=422, member=sorted(strangers)[0])
    if set(command.units) - {one.id for one in profile.units}:
        raise Refused("units-unknown", "Choose units of this network.", status=422)
    name = command.consultation or new_id("consultation")
    everybody = profile.member_codes if not command.members and not command.units else command.members
    whole = command.model_copy(update={"members": everybody, "closes_at": end_of(command.due_on, profile)})
    network = store.origin.network
    said = {"network": network, "title": command.title, "text": command.text, "link": command.link or ""}
    return await store.execute(name, whole, consultation.open_it, [Put(CONSULTATION_WORDS, name, said)])


async def answer_consultation(command: AnswerConsultation, store: Store) -> Receipt:
    network = store.origin.network
    if command.line is not None and profile_of(network).line(command.line) is None:
        raise Refused("line-unknown", "Choose a line of the plan.", status=422)
    command = command.model_copy(update={"words": new_id("words") if command.comment else ""})
    beside = []
    if command.words:
        said = {"network": network, "about": command.consultation, "comment": command.comment}
        beside.append(Put(CONSULTATION_WORDS, command.words, said))
    return await store.execute(command.consultation, command, consultation.decide, beside)


async def extend_consultation(command: ExtendConsultation, store: Store) -> Receipt:
    """Give it another day."""
    closes_at = end_of(command.due_on, profile_of(store.origin.network))
    command = command.model_copy(update={"closes_at": closes_at})
    return await store.execute(command.consultation, command, consultation.decide)


async def close_consultation(command: CloseConsultation, store: Store) -> Receipt:
    """No answer comes any more; what everybody said stays."""
    return await store.execute(command.consultation, command, consultation.decide)


async def attach_draft(file: File, store: Store) -> Receipt:
    """Keep a file with the draft that it asks about."""
    await store.load(file.about)
    stream = "attachments" + file.about.removeprefix("consultation")

    def add(state: Attachments, _command: Any) -> list[Any]:
        if file.id in state.files:
            return []
        if len(state.files) >= MOST_FILES:
            raise Refused("too-many-files", "%(most)s files are attached already; remove one first.", most=MOST_FILES)
        return [AttachmentAdded(about=file.about, file=file.id)]

    return await store.execute(stream, CloseConsultation(consultation=file.about), add, [file.added])


@dataclass(frozen=True, slots=True)
class Comment:
    """What a party said, in its turn."""

    party: str
    position: str
    line: str | None
    at: str
    actor: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A consultation as its readers see it."""

    id: str
    network: str
    state: Consultation
    words: Mapping[str, Any]
    comments: Sequence[Comment] = field(default_factory=tuple)
    version: int = 0

    @property
    def title(self) -> str:
        return str(self.words.get("title", ""))


async def prepare(db: Database) -> None:
    await db[CONSULTATION_WORDS].create_index([("network", 1)])


async def consultations(db: Database, network: str) -> list[Asked]:
    """All of the network, those open first, each by its day."""
    rows = await db.streams.find({"network": network, "aggregate": "consultation"}).sort("_id", -1).to_list(500)
    said = {
        one["_id"]: one async for one in db[CONSULTATION_WORDS].find({"_id": {"$in": [row["_id"] for row in rows]}})
    }
    found = [
        Asked(row["_id"], network, CONSULTATION.load(row["state"]), said.get(row["_id"], {}), version=row["version"])
        for row in rows
    ]
    return sorted(
        found, key=lambda one: (one.state.status != "open", one.state.due_on if one.state.status == "open" else "")
    )


async def consulted(db: Database, network: str, name: str) -> Asked | None:
    row = await db.streams.find_one({"_id": name, "network": network, "aggregate": "consultation"})
    if row is None:
        return None
    words = await db[CONSULTATION_WORDS].find_one({"_id": name}) or {}
    return Asked(
        name, network, CONSULTATION.load(row["state"]), words, await _comments(db, network, name), row["version"]
    )


async def _comments(db: Database, network: str, name: str) -> list[Comment]:
    query = {"stream": name, "network": network, "type": ConsultationAnswered.type}
    rows = await db.events.find(query).sort("version", 1).to_list(2_000)
    ids = [row["data"]["words"] for row in rows if row["data"].get("words")]
    said = {one["_id"]: one async for one in db[CONSULTATION_WORDS].find({"_id": {"$in": ids}})}
    return [
        Comment(
            f"unit:{row['data']['unit']}" if row["data"].get("unit") else row["data"]["member"],
            row["data"]["position"],
            row["data"].get("line"),
            row["time"],
            row.get("actor"),
            str(said.get(row["data"].get("words"), {}).get("comment", "")),
        )
        for row in rows
    ]
