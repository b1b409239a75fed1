"""What the pages and the API of practices have in common: what may be seen, and who may do what with it."""

from typing import Annotated

from fastapi import HTTPException, Path, Request

from services.events.domain.practice import Status
from services.events.queries import practice as queries
from services.events.queries.practice import Found
from services.events.web.asked import UUID, db_of, people_of, person_of, service_of
from shared.people import Role
from shared.web.i18n import mark as _mark
from shared.web.rights import Principal, only_own, require

PracticePath = Annotated[
    str, Path(pattern=f"^practice-{UUID}$", examples=["practice-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])
]
ReusePath = Annotated[str, Path(pattern=f"^reuse-{UUID}$", examples=["reuse-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])]
Reader = Annotated[Principal, require("practices.read")]
Sender = Annotated[Principal, require("practices.submit")]
Reviewer = Annotated[Principal, require("practices.review")]
Manager = Annotated[Principal, require("practices.manage")]
Reuser = Annotated[Principal, require("practices.reuse")]

STATES: dict[str, str] = {
    "draft": _mark("Draft"),
    "submitted": _mark("Submitted"),
    "reviewed": _mark("Reviewed"),
    "published": _mark("In the library"),
    "withdrawn": _mark("Withdrawn"),
}
TAGS = {"draft": "later", "submitted": "ask", "reviewed": "ask", "published": "yes", "withdrawn": "no"}


async def seen(request: Request, principal: Principal, practice: str) -> Found:
    """The practice; 404 where the reader may not see it: what is not published is its member's and its reviewers'."""
    found = await queries.one(db_of(request), principal.network, practice)
    if found is None:
        raise HTTPException(404)
    if found.state.status is not Status.PUBLISHED:
        me = await person_of(request, principal)
        if me is None or me not in found.state.reviewers:
            if not principal.may("practices.submit"):
                raise HTTPException(404)
            only_own(principal, network=found.network, member=found.state.member)
    return found


async def own(request: Request, principal: Principal, practice: str) -> Found:
    """The practice, where the reader may change it."""
    found = await seen(request, principal, practice)
    only_own(principal, network=found.network, member=found.state.member)
    return found


async def may_review(request: Request, network: str) -> dict[str, str | None]:
    """Who may be named as a reviewer, by id, with the member they speak for: its liaison officers."""
    await service_of(request).outbox.mailing.holders(network, Role.NLO, None)  # the local profile's are known then
    return {one.id: one.speaks_for for one in await people_of(request).directory.officers(network) if one.speaks_for}


def rights(principal: Principal, found: Found, me: str | None) -> dict[str, bool]:
    """What the page offers the reader to do now."""
    state, status = found.state, found.state.status
    own_side = principal.own_member in (None, state.member)
    manages, after = principal.may("practices.manage"), status is Status.PUBLISHED
    return {
        "edit": status is Status.DRAFT and own_side and principal.may("practices.submit"),
        "back": status in (Status.SUBMITTED, Status.REVIEWED) and own_side and principal.may("practices.submit"),
        "withdraw": status in (Status.DRAFT, Status.SUBMITTED) and own_side and principal.may("practices.submit"),
        "name": status in (Status.SUBMITTED, Status.REVIEWED) and manages,
        "review": status in (Status.SUBMITTED, Status.REVIEWED) and me in state.reviewers,
        "publish": status is Status.REVIEWED and manages,
        "unpublish": status is Status.PUBLISHED and manages and not state.exemplary,
        "recognise": status is Status.PUBLISHED and manages and not state.exemplary,
        "unrecognise": state.exemplary and manages,
        "reuse": status is Status.PUBLISHED and principal.may("practices.reuse"),
        "scores": manages or me in state.reviewers or (own_side and after and principal.may("practices.submit")),
    }  # fmt: skip
