"""What who registers for an activity is asked, what they answered, and what they have begun to."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.events.commands import Asked
from services.events.handlers.rules import ANSWERS, DRAFTS, QUESTIONS
from shared import clock
from shared.mongo import Database


async def asked(db: Database, network: str, activity: str) -> tuple[Asked, ...]:
    found = await db[QUESTIONS].find_one({"_id": activity, "network": network})
    return tuple(Asked.model_validate(one) for one in found["items"]) if found else ()


async def draft(db: Database, network: str, activity: str, person: str) -> dict[str, str]:
    """What they had typed before they sent it."""
    found = await db[DRAFTS].find_one({"_id": f"{activity}/{person}", "network": network})
    return dict(found["answers"]) if found else {}


async def keep_draft(db: Database, network: str, activity: str, person: str, answers: Mapping[str, str]) -> None:
    facts: dict[str, Any] = {"activity": activity, "network": network, "person": person, "on": clock.now()}
    await db[DRAFTS].replace_one({"_id": f"{activity}/{person}"}, facts | {"answers": dict(answers)}, upsert=True)


async def answers(db: Database, network: str, registrations: Iterable[str]) -> dict[str, dict[str, str]]:
    """By registration."""
    query = {"_id": {"$in": list(registrations)}, "network": network}
    return {one["_id"]: one["answers"] async for one in db[ANSWERS].find(query)}
