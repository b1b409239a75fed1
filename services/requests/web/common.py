"""What the pages and the API of this service share."""

from typing import Annotated, Any

from fastapi import HTTPException, Request
from starlette.convertors import Convertor, register_url_convertor

from services.requests import queries
from services.requests.domain.kinds import Kind
from services.requests.domain.state import Status
from services.requests.queries import Shown
from shared.contracts.base import Event
from shared.contracts.refused import Refused
from shared.contracts.requests import (
    RequestAcceptedForCall,
    RequestDeclined,
    RequestDeferred,
    RequestFulfilled,
    RequestMatched,
    RequestMerged,
    RequestPlanned,
    RequestReopened,
    RequestWithdrawn,
)
from shared.contracts.vocabulary import in_protocol_order
from shared.mongo import Database
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.formats import member_name
from shared.web.i18n import _, mark
from shared.web.rights import Principal, only_own, require


class _RequestConvertor(Convertor[str]):
    """So that `/requests/<id>` takes request ids alone and leaves other addresses to their own routes."""

    regex = "request-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("request", _RequestConvertor())
PATH = "/requests/{request_id:request}"

Reader = Annotated[Principal, require("requests.read")]
Asker = Annotated[Principal, require("requests.submit")]
Importer = Annotated[Principal, require("requests.import")]
Withdrawer = Annotated[Principal, require("requests.withdraw")]
Asked = Annotated[Principal, require("requests.ask")]
"""Who may ask the sender."""
Sender = Annotated[Principal, require("requests.answer")]
Decider = Annotated[Principal, require("requests.decide")]
Coordinator = Annotated[Principal, require("requests.triage")]
PlanReader = Annotated[Principal, require("plan.read")]
PlanEditor = Annotated[Principal, require("plan.edit")]
PlanAdopter = Annotated[Principal, require("plan.adopt")]

FATES: dict[str, str] = {
    "submitted": mark("Sent"),
    "planned": mark("Planned"),
    "accepted": mark("In the call"),
    "merged": mark("Merged"),
    "deferred": mark("Deferred"),
    "declined": mark("Declined"),
    "withdrawn": mark("Withdrawn"),
    "fulfilled": mark("Held"),
}
FATE_COLOURS = {
    "submitted": "ask",
    "planned": "yes",
    "fulfilled": "yes",
    "accepted": "yes",
    "merged": "later",
    "deferred": "later",
    "declined": "no",
}


DECISIONS: tuple[type[Event], ...] = (
    RequestPlanned, RequestDeferred, RequestDeclined, RequestWithdrawn, RequestReopened, RequestFulfilled,
    RequestMerged, RequestAcceptedForCall, RequestMatched,
)  # fmt: skip
"""What another decision minds: whoever decides must have seen these."""
_TOLD = {
    "planned": mark("planned it"),
    "deferred": mark("deferred it"),
    "declined": mark("declined it"),
    "merged": mark("merged it with another request"),
    "accepted-for-call": mark("accepted it for a call"),
    "matched": mark("said that both sides agreed to an exchange"),
    "withdrawn": mark("withdrew it"),
    "reopened": mark("took the decision back"),
    "fulfilled": mark("said that its activity was held"),
}


def fate_word(shown: Shown) -> str:
    """What became of it so far; with an exchange agreed in its call it is planned."""
    fate = "planned" if shown.status is Status.ACCEPTED and shown.state["exchange"] else shown.status.value
    return _(FATES.get(fate, fate))


def told() -> dict[str, str]:
    """What somebody else did to a request meanwhile, in words."""
    return {name: _(words) for name, words in _TOLD.items()}


def db_of(request: Request) -> Database:
    found: Database = request.app.state.service.db
    return found


def page_store(request: Request, principal: Principal, command_id: str) -> GroupingStore:
    return store_for(request, principal, source="page", command_id=command_id)


def api_store(request: Request, principal: Principal) -> GroupingStore:
    return store_for(request, principal, source="api")


async def found(request: Request, principal: Principal, request_id: str) -> Shown:
    """The request, where it is the reader's to see; else 404."""
    shown = await queries.one(db_of(request), principal.network, request_id)
    if shown is None:
        raise HTTPException(404)
    only_own(principal, network=shown.network, member=shown.member)
    return shown


def member_for(principal: Principal, given: str | None) -> str:
    """On whose behalf somebody asks: their own member's, or any for who sees all of the network."""
    own = principal.own_member
    if own is None:
        if not given:
            raise Refused("member-missing", "Choose the member that asks.", status=422)
        return given
    if not own or given not in (None, "", own):
        raise Refused("member-foreign", "You can ask for your own member alone.", status=403)
    return own


def findable(text: str) -> str:
    """What is typed to find something, without what no title holds."""
    return "".join(one for one in text if one.isprintable()).strip()[:200]


def asker_options(kind: Kind, profile: Any) -> list[tuple[str, str]]:
    """Members, and who else may ask for this kind."""
    others = [(code, profile.title_of(code)) for code in kind.requesters]
    members = member_options(profile)
    return [one for one in members if one[0] in kind.choices["member"]] + others


def member_options(profile: Any) -> list[tuple[str, str]]:
    names = {member.code: member_name(member.code, profile.id) for member in profile.members}
    return [(code, f"{code} {names[code]}" if names[code] != code else code) for code in in_protocol_order(names)]
