"""What waits for a member: questions about its requests, consultations that ask for its answer, documents due."""

from dataclasses import dataclass

from shared.mongo import Database

from .consulting import CONSULTATION
from .cycling import DELIVERABLE
from .streams import CONSULTATION_WORDS, CYCLE_WORDS, WORDS

MOST = 200


@dataclass(frozen=True, slots=True)
class Waits:
    """`kind` is question, consultation or document; `on` is the day by which it is due, empty where none is set."""

    kind: str
    id: str
    title: str
    on: str = ""


async def waiting(db: Database, network: str, member: str) -> list[Waits]:
    """What has a day first, the earliest first; then questions, which keep a request from its answer."""
    dated = [*await _consultations(db, network, member), *await _documents(db, network, member)]
    return [*sorted(dated, key=lambda one: (one.on, one.id)), *await _questions(db, network, member)]


async def _consultations(db: Database, network: str, member: str) -> list[Waits]:
    query = {"network": network, "aggregate": "consultation", "state.status": "open", "state.members": member}
    found = {}
    async for row in db.streams.find(query, {"state": 1}).limit(MOST):
        state = CONSULTATION.load(row["state"])
        if member in state.silent:
            found[row["_id"]] = state.due_on
    titles = await _titles(db, CONSULTATION_WORDS, list(found))
    return [Waits("consultation", name, titles.get(name, ""), on) for name, on in found.items()]


async def _documents(db: Database, network: str, member: str) -> list[Waits]:
    query = {"network": network, "aggregate": "deliverable"}
    found = {}
    async for row in db.streams.find(query, {"state": 1}).sort("_id", -1).limit(MOST):
        state = DELIVERABLE.load(row["state"])
        if member in state.due and member not in state.delivered:
            found[row["_id"]] = state.due[member]
    titles = await _titles(db, CYCLE_WORDS, list(found))
    return [Waits("document", name, titles.get(name, ""), on) for name, on in found.items()]


async def _questions(db: Database, network: str, member: str) -> list[Waits]:
    query = {"network": network, "aggregate": "request", "state.member": member, "state.question": {"$gt": ""}}
    rows = await db.streams.find(query, {"_id": 1}).sort("state.submitted_on", 1).limit(MOST).to_list(MOST)
    titles = await _titles(db, WORDS, [row["_id"] for row in rows])
    return [Waits("question", row["_id"], titles.get(row["_id"], "")) for row in rows]


async def _titles(db: Database, collection: str, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    return {one["_id"]: str(one.get("title", "")) async for one in db[collection].find({"_id": {"$in": ids}})}
