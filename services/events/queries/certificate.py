"""Certificates as pages, documents and the public check show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.events.certifying import CERTIFICATE, CERTIFICATION, NAMES, PATH, certification_of
from services.events.domain.certificate import Certificate
from services.events.domain.certification import Certification
from services.events.domain.path import Path
from services.events.queries import activity as activities
from services.events.queries.activity import Found
from shared.mongo import Database
from shared.people import People
from shared.profiles import load


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with what it is of."""

    id: str
    state: Certificate
    network: str
    title: str
    starts_on: date | None = None
    ends_on: date | None = None
    place: str = ""
    reason: str = ""
    """Why it was revoked or issued again."""
    modules: tuple[str, ...] = ()
    """The titles of what one of a path is made of."""

    @property
    def page(self) -> str:
        """Where it is looked after."""
        return f"/events/{self.state.activity}/certificates" if self.state.activity else "/events/paths"

    @property
    def number(self) -> str:
        """What people read to each other."""
        return self.id.removeprefix("certificate-")

    def status(self, today: date) -> str:
        if self.state.revoked_on:
            return "revoked"
        return "expired" if self.state.expired(today) else "valid"


async def shown(db: Database, network: str | None, id: str) -> Shown | None:
    """The certificate of that name; in any network where none is given: its check is public."""
    query: dict[str, Any] = {"_id": id, "aggregate": "certificate"}
    found = await db.streams.find_one(query | ({"network": network} if network else {}))
    return await _shown(db, found) if found else None


async def _shown(db: Database, found: Mapping[str, Any]) -> Shown:
    state: Certificate = CERTIFICATE.load(found["state"])
    if state.activity:
        one = await activities.activity(db, found["network"], state.activity)
        if one is not None:
            return await shown_of(db, one, found["_id"], state)
    told: dict[str, Any] = {"title": "", "reason": await _reason(db, state)}
    if state.path:
        told |= {"title": await title_of(db, state.path), "modules": await _titles(db, state.modules)}
    return Shown(found["_id"], state, found["network"], **told)


async def shown_of(db: Database, one: Found, id: str, state: Certificate) -> Shown:
    """A certificate of an activity that is at hand."""
    row, reason = one.row, await _reason(db, state)
    return Shown(id, state, one.network, row.title, row.starts_on, row.ends_on, row.place, reason)


async def _reason(db: Database, state: Certificate) -> str:
    found = await db.reasons.find_one({"_id": state.words}) if state.words else None
    return str((found or {}).get("reason", ""))


async def title_of(db: Database, path: str) -> str:
    return str((await db.words.find_one({"_id": path}) or {}).get("title", ""))


async def _titles(db: Database, certificates: Iterable[str]) -> tuple[str, ...]:
    found = [await shown(db, None, one) for one in certificates]
    return tuple(one.title for one in found if one)


async def of_activity(db: Database, network: str, activity: str) -> list[tuple[str, Certificate]]:
    """All certificates of an activity, each with its id, in the order of its registrations."""
    query = {"aggregate": "certificate", "network": network, "state.activity": activity}
    found = await db.streams.find(query).sort([("state.index", 1)]).to_list(None)
    return [(str(one["_id"]), CERTIFICATE.load(one["state"])) for one in found]


async def void(db: Database, network: str, of: str) -> list[int]:
    """The places, in the list of an activity or path, of what counts no more."""
    field = "activity" if of.startswith("activity-") else "path"
    query = {"aggregate": "certificate", "network": network, f"state.{field}": of}
    found = db.streams.find(query | {"$or": [{"state.revoked_on": {"$ne": None}}, {"state.edition": {"$gt": 1}}]})
    return [place async for one in found for place in CERTIFICATE.load(one["state"]).void]


async def certification(db: Database, network: str, activity: str) -> Certification:
    found = await db.streams.find_one({"_id": certification_of(activity), "network": network})
    loaded: Certification = CERTIFICATION.load(found["state"]) if found else Certification()
    return loaded


async def paths(db: Database, network: str) -> list[tuple[str, str, Path]]:
    """The network's paths: id, title and state."""
    found = await db.streams.find({"aggregate": "path", "network": network}).sort("_id", 1).to_list(200)
    return [(str(one["_id"]), await title_of(db, one["_id"]), PATH.load(one["state"])) for one in found]


async def name_on(db: Database, people: People, one: Shown) -> str | None:
    """The name as the certificate writes it; none where its holder was erased."""
    contact = await people.contact(one.state.person)
    if contact is None:
        return None
    own = await db[NAMES].find_one({"_id": one.id})
    return str(own["name"]) if own else contact[0]


def network_name(network: str) -> str:
    return load(network).name
