"""API keys: made and shown once, listed with their last use, taken back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from shared.contracts.refused import Refused
from shared.people import Role
from shared.people.standing import check_giving, may_give
from shared.web import exports
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import Listing, render, see_other
from shared.web.rights import ACTIONS, Principal, require

from . import lists
from .actions import action_in_words
from .common import giver_of, is_member, member_options, people_of, role_options
from .persons import Line

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, require("keys.read")]
Worker = Annotated[Principal, require("keys.work")]

EXTRA = tuple(action for action, roles in ACTIONS.items() if not roles)
"""Rights that no role has and a key may be given."""
LONGEST = timedelta(days=3 * 366)
_MEMBERS = frozenset({Role.NLO, Role.PARTICIPANT})


class KeyForm(BaseModel):
    name: Line
    roles: tuple[Role, ...] = Field(min_length=1)
    member: str | None = None
    scopes: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    until: date


@router.get("/admin/keys")
async def keys(request: Request, principal: Reader) -> Response:
    people = people_of(request)
    rows = await people.keys.of_network(principal.network)
    rows.sort(key=lambda key: key.expired)
    names = await people.name_of(key.created_by for key in rows)
    if kind := exports.asked(request):
        return lists.keys(principal, kind, rows, names)
    alive = sum(not key.expired for key in rows)
    return render(
        request,
        "admin_keys.html",
        listing=Listing(rows, len(rows), per_page=max(len(rows), 1)),
        title=ngettext("%(num)s program may sign in with a key", "%(num)s programs may sign in with a key", alive),
        creator=lambda key: names.get(key.created_by, ""),
        action_in_words=action_in_words,
        form=Form.of(),
    )


@router.get("/admin/keys/new")
async def new_page(request: Request, principal: Worker) -> Response:
    year = datetime.now(UTC).date() + timedelta(days=365)
    return _new(request, principal, Form.of(until=year))


def _new(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    roles = may_give(principal.roles) | {Role.FORM}
    services: dict[str, list[tuple[str, str]]] = {}
    for action, holders in ACTIONS.items():
        if holders & roles:
            services.setdefault(action.partition(".")[0], []).append((action, action_in_words(action)))
    return render(
        request,
        "admin_key_new.html",
        status=status,
        form=form,
        roles=role_options(roles),
        members=member_options(principal.network),
        scopes=[one for actions in services.values() for one in actions],
        rights=[(action, action_in_words(action)) for action in EXTRA],
    )


@router.post("/admin/keys/new")
async def new(request: Request, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    status = 422
    wanted = form.build(KeyForm)
    if wanted is not None:
        try:
            expires = _check(wanted, principal)
        except Refused as refusal:
            status = form.refuse(refusal, _AT_FIELD[refusal.code])
        else:
            people = people_of(request)
            key_id, bearer = await people.keys.create(
                wanted.name,
                wanted.roles,
                wanted.member,
                principal.network,
                rights=wanted.rights,
                created_by=giver.subject,
                scopes=wanted.scopes,
                expires=expires,
            )
            told = {"roles": [[], [str(role) for role in wanted.roles]]}
            await people.directory.trail.add(principal.network, giver.subject, "key-made", key_id, told=told)
            return render(request, "admin_key_made.html", status=201, program=wanted.name, bearer=bearer)
    return _new(request, principal, form, status)


_AT_FIELD = {
    "role-not-yours": "roles", "member-missing": "member", "member-unknown": "member", "scope-unknown": "scopes",
    "right-unknown": "rights", "until-passed": "until", "until-far": "until",
}  # fmt: skip


def _check(wanted: KeyForm, principal: Principal) -> datetime:
    """When it expires; refused where it would be more than its maker may give."""
    check_giving(principal.roles, set(wanted.roles) - {Role.FORM})
    if wanted.member and not is_member(principal.network, wanted.member):
        raise Refused("member-unknown", "Choose a member of this network.", status=422)
    if _MEMBERS & set(wanted.roles) and not wanted.member:
        raise Refused("member-missing", "Choose the member that the program speaks for.", status=422)
    if not set(wanted.scopes) <= ACTIONS.keys():
        raise Refused("scope-unknown", "Choose from the list.", status=422)
    if not set(wanted.rights) <= set(EXTRA):
        raise Refused("right-unknown", "Choose from the list.", status=422)
    today = datetime.now(UTC).date()
    if wanted.until < today:
        raise Refused("until-passed", "Give a day that is still to come.", status=422)
    if wanted.until - today > LONGEST:
        raise Refused("until-far", "Three years at most; make a new key then.", status=422)
    return datetime.combine(wanted.until + timedelta(days=1), time(), UTC)


@router.post("/admin/keys/{key}/revoke")
async def revoke(request: Request, key: str, principal: Worker) -> Response:
    giver = giver_of(principal)
    people = people_of(request)
    one = next((row for row in await people.keys.of_network(principal.network) if row.id == key), None)
    if one is None:
        raise HTTPException(404)
    check_giving(principal.roles, set(one.roles) - {Role.FORM})
    if await people.keys.revoke(one.id, principal.network):
        await people.directory.trail.add(principal.network, giver.subject, "key-revoked", one.id)
    return see_other(request, "/admin/keys", done=_("The key is taken back. It works for a minute more at most."))
