"""One letter a day with the news of a day, for who wants it that way."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from shared.mongo import Database
from shared.people.links import my_data_path
from shared.profiles import load
from shared.web.i18n import reader_zone

from .correspondence import Correspondence, Telling
from .letter import OUTBOX, document, letter_id

DIGESTS, KIND, MY_DATA = "digests", "digest", "my-data"
AT = time(7, 0)
"""By the clock of the network's zone."""
MOST = 100


def last_moment(network: str, now: datetime) -> datetime:
    """The latest moment at which daily letters of this network went out."""
    local = now.astimezone(reader_zone(load(network).zone))
    moment = datetime.combine(local.date(), AT, local.tzinfo)
    return (moment if moment <= local else moment - timedelta(days=1)).astimezone(UTC)


async def write_due(people_db: Database, now: datetime | None = None) -> int:
    """Write the daily letter of everybody who has news from before it; returns how many were new."""
    now = now or datetime.now(UTC)
    written = 0
    by_person = [{"$group": {"_id": {"person": "$person", "network": "$network"}, "first": {"$min": "$at"}}}]
    async for row in people_db[DIGESTS].aggregate(by_person):
        person, network = row["_id"]["person"], row["_id"]["network"]
        until = last_moment(network, now)
        if row["first"] >= until:
            continue
        facts = document(KIND, person, network, {"until": until})
        own = letter_id(KIND, person, until.isoformat())
        done = await people_db[OUTBOX].update_one({"_id": own}, {"$setOnInsert": facts}, upsert=True)
        written += done.upserted_id is not None
    return written


async def tell_digest(telling: Telling) -> dict[str, Any] | None:
    """What is in it; nothing where it was sent before."""
    query = {"person": telling.person.id, "at": {"$lt": telling.data["until"]}}
    entries = await telling.db[DIGESTS].find(query).sort("at", 1).to_list(MOST)
    return {"entries": entries, "link": "/"} if entries else None


async def forget_sent(people_db: Database) -> None:
    """Take away what was in daily letters that were sent."""
    done = {"kind": KIND, "state": {"$in": ["sent", "dropped"]}, "data.until": {"$exists": True}}
    async for letter in people_db[OUTBOX].find(done):
        await people_db[DIGESTS].delete_many({"person": letter["to"], "at": {"$lt": letter["data"]["until"]}})
        await people_db[OUTBOX].update_one({"_id": letter["_id"]}, {"$unset": {"data": ""}})


async def tell_my_data(telling: Telling) -> dict[str, Any]:
    """The link is made when it is sent: it stands in no collection."""
    return {"link": my_data_path(telling.settings, telling.person.id)}


PEOPLE_LETTERS = Correspondence()
PEOPLE_LETTERS.tell(KIND, tell_digest)
PEOPLE_LETTERS.tell(MY_DATA, tell_my_data)
"""What the letters of the people's database say: they belong to no service."""
