"""The wider event that a request is part of: what it may be, what was chosen, and what is part of something."""

from collections.abc import Iterable
from datetime import date

from shared.contracts.vocabulary import Quarter
from shared.mongo import Database

from . import queries
from .domain.state import OPEN, Status
from .queries import Chip, Filter, Shown

MOST = 300
Placed = tuple[int, Chip]
"""An activity with the year of its plan."""


async def coming_activities(db: Database, network: str, today: date) -> list[Placed]:
    """Activities of this year's plan and the later ones that are still to come, by quarter."""
    here = str(Quarter.of(today))
    found = [
        (year, chip)
        for year in await queries.planned_years(db, network)
        if year >= today.year
        for chip in (await queries.plan(db, network, year))[1]
        if chip.planned.quarter >= here and chip.note.get("status") not in ("held", "cancelled")
    ]
    return sorted(found, key=lambda one: (one[1].planned.quarter, one[1].activity))[:MOST]


async def open_requests(db: Database, network: str, own: str | None) -> list[Shown]:
    """Requests that are no activity yet: one's own member's, or the network's; those sent last first."""
    only = Filter(member=own)
    return await queries.listed_of(db, network, only, [*OPEN, Status.ACCEPTED], skip=0, limit=MOST, sort="-sent")


async def activity(db: Database, network: str, name: str) -> Placed | None:
    """The activity of a plan, be it over or not."""
    known = {"aggregate": "plan", "network": network, f"state.activities.{name}": {"$exists": True}}
    plan = await db.streams.find_one(known, {"state.year": 1})
    if plan is None:
        return None
    year = int(plan["state"]["year"])
    chip, _version = await queries.chip(db, network, year, name)
    return (year, chip) if chip else None


async def parts_of(db: Database, network: str, wholes: Iterable[str | None], own: str | None) -> list[Shown]:
    """Requests that were asked for as part of one of these, as far as they are the reader's to see."""
    named = [one for one in wholes if one]
    query = {"aggregate": "request", "network": network, "state.inside": {"$in": named}}
    query |= {"state.member": own} if own is not None else {}
    rows = await db.streams.find(query).sort("state.submitted_on", 1).to_list(MOST) if named else []
    return await queries.shown(db, rows)
