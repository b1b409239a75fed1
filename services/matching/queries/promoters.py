"""Mobility promoters and their meetings."""

import asyncio
from typing import Any

from services.matching.queries import Found
from services.matching.queries.experts import _all
from shared.mongo import Database


async def promoters(
    db: Database, network: str, *, skip: int = 0, limit: int = 25, offers: str = "", **asked: str
) -> tuple[list[Found[Any]], int]:
    """Those who show themselves, by theme, language, member, and whether they receive or send."""
    names = {"theme": "themes", "language": "languages", "member": "member"}
    query: dict[str, Any] = {"aggregate": "promoter", "network": network, "state.status": "shown"}
    query |= {f"state.{names[name]}": value for name, value in asked.items() if value}
    if offers in ("hosts", "sends"):
        query[f"state.{offers}"] = True
    rows, total = await asyncio.gather(
        _all(db, query, [("state.member", 1), ("_id", 1)], skip, limit), db.streams.count_documents(query)
    )
    return rows, int(total)


async def meetings_of(db: Database, network: str, person: str) -> list[Found[Any]]:
    """Those that somebody asked for or is asked to, the latest first."""
    mine = [{"state.asker": person}, {"state.person": person}]
    return await _all(db, {"aggregate": "meeting", "network": network, "$or": mine}, [("_id", -1)], 0, 200)
