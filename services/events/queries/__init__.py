"""What the pages and the API read: folded states of this service's streams, with the words kept beside them."""

from shared.mongo import Database


async def prepare(db: Database) -> None:
    for name in ("starts_on", "status", "quarter"):
        await db.streams.create_index([("aggregate", 1), ("network", 1), (f"state.{name}", 1)])
    # For one person's activities; events without a person are left out of it.
    await db.events.create_index("data.person", partialFilterExpression={"data.person": {"$exists": True}})
    await db.survey_links.create_index([("survey", 1), ("registration", 1)])
    for name in ("registration_answers", "registration_drafts"):
        await db[name].create_index("person")
    await db.connections.create_index([("network", 1), ("activity", 1)])
