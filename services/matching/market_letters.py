"""Whom the markets without calls write to: experts, coordinators, both sides of a partnership, two who want to meet."""

from collections.abc import Iterable
from typing import Any

from services.matching.domain.demand import Answer, Demand
from services.matching.domain.meeting import Meeting
from services.matching.letters import letters
from services.matching.queries.experts import find
from services.matching.queries.ideas import find as find_idea
from services.matching.queries.ideas import texts
from shared.contracts.experts import (
    ExpertAccepted,
    ExpertAssessed,
    ExpertCalledOff,
    ExpertDeclined,
    ExpertLapsed,
    ExpertProposed,
    ExpertReminded,
)
from shared.contracts.ideas import (
    PartnerCalledOff,
    PartnerDeclined,
    PartnerJoined,
    PartnerLapsed,
    PartnerProposed,
)
from shared.contracts.promoters import MeetingAgreed, MeetingAsked, MeetingDeclined, MeetingMoved
from shared.messages import letter, members
from shared.messages.correspondence import Happened, Telling
from shared.people import People, Role
from shared.spine.draft import Once

__all__ = ["letters"]
MINE = "/matching/experts/mine"


def to_expert(happened: Happened) -> Iterable[Once]:
    """They are asked, called off, assessed or reminded."""
    event = happened.event
    kinds: dict[type, str] = {
        ExpertProposed: "expert-asked", ExpertCalledOff: "expert-called-off", ExpertAssessed: "expert-assessed",
        ExpertReminded: "expert-reminded",
    }  # fmt: skip
    data = {"stream": happened.stream, "seat": getattr(event, "seat", "")}
    match event:
        case ExpertAssessed():
            until = event.valid_until and str(event.valid_until)
            data |= {"listed": event.listed, "words": event.words, "until": until}
        case ExpertReminded():
            data |= {"until": str(event.valid_until)}
    return [letter(kinds[type(event)], event.person, happened.network, data, happened.id)]


def of_expert(happened: Happened) -> Iterable[Once]:
    """What an expert said, or did not say, to the coordinators."""
    event = happened.event
    outcomes: dict[type, str] = {ExpertAccepted: "accepted", ExpertDeclined: "declined", ExpertLapsed: "lapsed"}
    data = {
        "stream": happened.stream, "seat": event.seat, "outcome": outcomes[type(event)],
        "words": getattr(event, "words", None),
    }  # fmt: skip
    return [letter("expert-answered", members(Role.COORDINATOR), happened.network, data, happened.id)]


async def tell_of_seat(telling: Telling) -> dict[str, Any] | None:
    """None where the question is answered by now, or was never open."""
    data = telling.data
    found = await find(telling.db, telling.network, data["stream"], Demand)
    seat = found.state.seats.get(data["seat"]) if found else None
    if found is None or seat is None:
        return None
    asked = telling.letter.kind == "expert-asked"
    if asked and seat.answer is not Answer.PROPOSED:
        return None
    state: Demand = found.state
    words = state.why if telling.letter.kind == "expert-called-off" else data.get("words")
    kept = await texts(telling.db, telling.network, [state.words, words])
    own = telling.letter.kind != "expert-answered"
    return {
        "title": kept.get(state.words, {}).get("title", ""), "begins": state.begins, "ends": state.ends,
        "answer_by": seat.answer_by, "language": seat.language or "", "outcome": data.get("outcome", ""),
        "reason": kept.get(words or "", {}).get("text", ""),
        "link": MINE if own else f"/matching/demands/{data['stream']}",
    }  # fmt: skip


async def tell_of_assessment(telling: Telling) -> dict[str, Any]:
    data = telling.data
    kept = await texts(telling.db, telling.network, [data.get("words")])
    reason = kept.get(data.get("words") or "", {}).get("text", "")
    return {"listed": data.get("listed", True), "until": data.get("until"), "reason": reason, "link": MINE}


def to_partners(happened: Happened) -> Iterable[Once]:
    """Lead and partner are asked, and hear what became of it."""
    event = happened.event
    outcomes: dict[type, str] = {
        PartnerJoined: "joined", PartnerDeclined: "declined", PartnerLapsed: "lapsed", PartnerCalledOff: "called-off",
    }  # fmt: skip
    outcome = outcomes.get(type(event), "")
    by = getattr(event, "by", "")
    data = {"idea": happened.stream, "seat": event.seat, "outcome": outcome, "by": by}
    data["words"] = getattr(event, "words", None)
    kind = "partner-answered" if outcome else "partner-proposed"
    sides = [one for one in (event.lead, event.member) if one != by]
    return [letter(kind, members(Role.NLO, one), happened.network, data, happened.id) for one in sides]


async def tell_of_partner(telling: Telling) -> dict[str, Any] | None:
    data, network = telling.data, telling.network
    found = await find_idea(telling.db, network, data["idea"], "idea")
    seat = found.state.seats.get(data["seat"]) if found else None
    if found is None or seat is None or (telling.letter.kind == "partner-proposed" and seat.answer != "proposed"):
        return None
    words = found.state.why if data["outcome"] == "called-off" else data.get("words")
    kept = await texts(telling.db, network, [found.state.words, words])
    return {
        "title": kept.get(found.state.words or "", {}).get("title", ""), "lead": found.state.lead,
        "partner": seat.member, "answer_by": seat.answer_by, "outcome": data["outcome"], "by": data["by"],
        "reason": kept.get(words or "", {}).get("text", ""), "link": f"/matching/ideas/{data['idea']}",
    }  # fmt: skip


def to_other(happened: Happened) -> Iterable[Once]:
    """The one of the two who did not just speak."""
    event = happened.event
    speaker = event.asker if isinstance(event, MeetingAsked) else event.by
    other = event.person if speaker == event.asker else event.asker
    outcomes: dict[type, str] = {MeetingAsked: "asked", MeetingMoved: "moved", MeetingAgreed: "agreed"}
    data = {"meeting": happened.stream, "outcome": outcomes.get(type(event), "declined"), "speaker": speaker}
    data["words"] = getattr(event, "words", None)
    kind = "meeting-asked" if data["outcome"] in ("asked", "moved") else "meeting-answered"
    return [letter(kind, other, happened.network, data, happened.id)]


async def tell_of_meeting(telling: Telling) -> dict[str, Any] | None:
    data = telling.data
    found = await find(telling.db, telling.network, data["meeting"], Meeting)
    if found is None or (telling.letter.kind == "meeting-asked" and found.state.status != "asked"):
        return None
    people = People(telling.db.client[telling.db.name.rpartition("_")[0] + "_people"])
    names = await people.name_of([data["speaker"]])
    kept = await texts(telling.db, telling.network, [data.get("words")])
    return {
        "name": names.get(data["speaker"], ""), "at": found.state.at, "outcome": data["outcome"],
        "message": kept.get(data.get("words") or "", {}).get("text", ""),
        "link": f"/matching/meetings/{data['meeting']}",
    }  # fmt: skip


for _event in (ExpertProposed, ExpertCalledOff, ExpertAssessed, ExpertReminded):
    letters.on(_event, to_expert)
for _answered in (ExpertAccepted, ExpertDeclined, ExpertLapsed):
    letters.on(_answered, of_expert)
for _kind in ("expert-asked", "expert-called-off", "expert-answered"):
    letters.tell(_kind, tell_of_seat)
for _kind in ("expert-assessed", "expert-reminded"):
    letters.tell(_kind, tell_of_assessment)
for _partner in (PartnerProposed, PartnerJoined, PartnerDeclined, PartnerLapsed, PartnerCalledOff):
    letters.on(_partner, to_partners)
for _kind in ("partner-proposed", "partner-answered"):
    letters.tell(_kind, tell_of_partner)
for _meeting in (MeetingAsked, MeetingMoved, MeetingAgreed, MeetingDeclined):
    letters.on(_meeting, to_other)
for _kind in ("meeting-asked", "meeting-answered"):
    letters.tell(_kind, tell_of_meeting)
