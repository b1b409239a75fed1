"""What this service's collections hold of persons: entries in the register of personal data."""

from typing import Any

from shared.files import personal as files
from shared.people.register import ANYWHERE, Query, blank, by, not_personal, personal, since_stream
from shared.people.subject import DataSubject
from shared.spine.origin import Origin
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.search import CURSOR as SEARCH_CURSOR
from shared.spine.service import Service

from .commands.experts import WithdrawExpert
from .commands.promoters import HidePromoter
from .domain.expert import Status
from .handlers import RUNS, WORDS
from .handlers.experts import withdraw_expert
from .handlers.market_runs import MARKET_RUNS
from .handlers.promoters import hide_promoter
from .handlers.workings import MARKETS, WORKINGS


async def _reasons(db: Any, who: DataSubject) -> Query:
    """Under the exchange that was declined, or under the id that the event names."""
    caused: dict[str, Any] = {"actor": who.any_of}
    declined = await db.events.distinct("stream", {**caused, "type": "liaison.matching.exchange.declined.v1"})
    named = await db.events.distinct("data.words", {**caused, "data.words": {"$type": "string"}})
    experts = [one["_id"] async for one in db.streams.find(_own_stream("expert", who), {"_id": 1})]
    return {"$or": [{"_id": {"$in": [*declined, *named]}}, {"about": {"$in": experts}}]}


def _own_stream(aggregate: str, who: DataSubject) -> dict[str, Any]:
    return {"aggregate": aggregate, "state.person": who.any_of}


def enter() -> None:
    personal(
        "matching", WORDS,
        "What you wrote in applications, ideas and reports, why you declined or took back, and how you were assessed",
        find=_reasons, erase=blank("reason"), words=ANYWHERE,
        hidden=("network",), kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    files.enter("matching", kept="requests")
    not_personal("matching", MARKET_RUNS, "ids of experts, ideas and offers, weeks and languages, with the reasons")
    not_personal("matching", RUNS, "members, weeks and ids of interests and offers, with the rules' reasons")
    not_personal("matching", MARKETS, "what a run was made of: members, weeks, languages and ids, as in the streams")
    personal(
        "matching", WORKINGS, "Runs of a match that you asked for and that were not worked out to the end",
        find=by("actor"), erase=blank("actor"), shown=("call", "stage"),
    )  # fmt: skip
    personal(
        "matching", SEARCH, "The words by which things are found, taken from what stands elsewhere here",
        words=("title", "words"),
    )  # fmt: skip
    not_personal("matching", SEARCH_CURSOR, "how far the search index has followed")


def gives_experts_up(service: Service) -> None:
    """Before somebody is erased they leave the list of experts and of promoters: activities seek somebody else."""

    async def give_up(who: DataSubject, erasure: str) -> int:
        own: dict[str, Any] = {"network": who.network}
        listed = {"state.status": {"$in": [Status.APPLIED.value, Status.LISTED.value]}}
        store = service.grouping.on_behalf_of
        given = 0
        async for one in service.db.streams.find({**own, **_own_stream("expert", who), **listed}, {"_id": 1}):
            origin = Origin(who.network, source="erasure", command_id=f"{erasure}:{one['_id']}")
            await withdraw_expert(WithdrawExpert(expert=one["_id"]), store(origin))
            given += 1
        shown = {"state.status": "shown"}
        async for one in service.db.streams.find({**own, **_own_stream("promoter", who), **shown}, {"_id": 1}):
            origin = Origin(who.network, source="erasure", command_id=f"{erasure}:{one['_id']}")
            await hide_promoter(HidePromoter(promoter=one["_id"]), store(origin))
            given += 1
        return given

    service.erasing.before.append(give_up)
