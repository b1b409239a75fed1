"""The persons of a network: list, account, changes, deputies."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language
from shared.people import Role
from shared.people.accounts import Account, Facts, Stale
from shared.people.directory import Asked, Directory
from shared.people.mailing import Mailing
from shared.people.reads import Purpose
from shared.people.standing import HUMAN, may_give
from shared.people.trail import Change
from shared.web import exports, stale
from shared.web.formats import language_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal

from . import lists
from .common import (
    CHANGES,
    PURPOSES,
    Reader,
    Worker,
    actor_in_words,
    givable,
    giver_of,
    is_member,
    member_options,
    people_of,
    role_options,
    told,
)

router = APIRouter(include_in_schema=False)
_AT_FIELD = {
    "address-known": "email", "address-invalid": "email", "roles-missing": "roles", "role-not-yours": "roles",
    "last-of-role": "roles", "member-missing": "member", "member-unknown": "member",
    "days-turned": "last", "days-many": "last", "deputy-self": "deputy", "deputy-foreign": "deputy",
    "deputy-no-account": "deputy",
}  # fmt: skip


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Leave out characters that cannot be printed.")
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]


class PersonForm(BaseModel):
    name: Line
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_printable)]
    language: Language = Language.EN
    member: str | None = None
    roles: tuple[Role, ...] = Field(min_length=1)

    def facts(self) -> Facts:
        return Facts(self.name, self.email, self.language.value, self.member, self.roles)


class DeputyForm(BaseModel):
    deputy: str = Field(max_length=64)
    first: date
    last: date


async def directory_of(request: Request) -> Directory:
    """The directory, in which the ready-made persons of the local profile are from the first look on."""
    directory = people_of(request).directory
    await directory.seed(request.app.state.identity.ready_made())
    return directory


async def found(request: Request, principal: Principal, person: str) -> Account:
    """The person, of the own network; else 404."""
    one = await (await directory_of(request)).one(principal.network, person[:64])
    if one is None:
        raise HTTPException(404)
    return one


@router.get("/admin")
async def persons(request: Request, principal: Reader) -> Response:
    query = request.query_params
    role = query.get("role", "")
    state = query.get("state", "")
    asked = Asked(
        find="".join(one for one in query.get("q", "") if one.isprintable()).strip()[:200],
        role=Role(role) if role in HUMAN else None,
        member=query.get("member", ""),
        state=state if state in ("closed", "known") else "open",
    )
    paging = Paging.of(request, sortable=("name", "member", "since", "changed"), default="name")
    directory = await directory_of(request)
    if kind := exports.asked(request):
        return lists.persons(principal, kind, people_of(request), directory, asked=asked, sort=paging.sort)
    rows, total = await directory.page(
        principal.network, asked, sort=paging.sort, skip=paging.skip, limit=paging.per_page
    )
    people = people_of(request)
    await people.reads.note(principal, Purpose.DIRECTORY, [one.id for one in rows])
    return render(
        request,
        "admin_persons.html",
        listing=paging.listing(rows, total),
        title=_title(asked.state, total),
        members=member_options(principal.network),
        roles=role_options(HUMAN),
        deputised=await people.name_of(one.deputy.of for one in rows if one.deputy),
    )


def _title(state: str, total: int) -> str:
    match state:
        case "closed":
            return ngettext("%(num)s account is closed", "%(num)s accounts are closed", total)
        case "known":
            return ngettext(
                "%(num)s person registered without an account", "%(num)s persons registered without an account", total
            )
    return ngettext("%(num)s person may sign in", "%(num)s persons may sign in", total)


@router.get("/admin/persons/new")
async def new_page(request: Request, principal: Worker) -> Response:
    return _new(request, principal, Form.of(language="en"))


def _new(request: Request, principal: Principal, form: Form, status: int = 200) -> Response:
    return render(request, "admin_person_new.html", status=status, form=form, **_choices(principal))


def _choices(principal: Principal) -> dict[str, Any]:
    languages = [(one.value, language_name(one.value)) for one in Language]
    return {"roles": givable(principal), "members": member_options(principal.network), "languages": languages}


@router.post("/admin/persons/new")
async def new(request: Request, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    status = 422
    wanted = form.build(PersonForm)
    if wanted is not None:
        try:
            _check_member(principal.network, wanted.member)
            person = await (await directory_of(request)).add(giver, wanted.facts())
        except Refused as refusal:
            status = form.refuse(refusal, _AT_FIELD.get(refusal.code, ""))
        else:
            return see_other(request, f"/admin/persons/{person}", done=_("The account is there."))
    return _new(request, principal, form, status)


def _check_member(network: str, member: str | None) -> None:
    if member and not is_member(network, member):
        raise Refused("member-unknown", "Choose a member of this network.", status=422)


def _form_of(one: Account) -> Form:
    return Form.of(name=one.name, email=one.email, language=one.language, member=one.member or "", roles=one.roles)


@router.get("/admin/persons/{person}")
async def person_page(request: Request, person: str, principal: Reader) -> Response:
    one = await found(request, principal, person)
    return await _page(request, principal, one, _form_of(one))


async def _page(
    request: Request,
    principal: Principal,
    one: Account,
    form: Form,
    *,
    naming: Form | None = None,
    status: int = 200,
) -> Response:
    people = people_of(request)
    directory, network = people.directory, principal.network
    changes = await directory.trail.of(network, one.id)
    reads = await people.reads.of(one.id, limit=5)
    is_officer = Role.NLO in one.roles and one.member is not None
    deputies = await directory.deputies_of(network, one.id)
    candidates = await directory.could_deputise(network, one) if is_officer else []
    ids = {change.by for change in changes} | {read.by for read in reads} | ({one.deputy.of} if one.deputy else set())
    await people.reads.note(principal, Purpose.PERSON, [one.id])
    return render(
        request,
        "admin_person.html",
        status=status,
        one=one,
        form=form,
        naming=naming or Form.of(first=clock.now().date()),
        deputies=deputies,
        logins=await people.logins.of(network, one.id),
        bounce=await Mailing(people.db).comes_back(network, one.id),
        candidates=[(other.id, _named(other)) for other in candidates],
        is_officer=is_officer,
        mine=principal.may("admin.work") and set(one.roles) <= may_give(principal.roles),
        changes=changes,
        reads=reads,
        names=await people.name_of(ids),
        told=told,
        actor=actor_in_words,
        change_words=CHANGES,
        purposes=PURPOSES,
        blank=Form.of,
        **_choices(principal),
    )


def _named(one: Account) -> str:
    return f"{one.name} ({one.member})" if one.member else one.name


@router.post("/admin/persons/{person}")
async def change(request: Request, person: str, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    one = await found(request, principal, person)
    status = 422
    wanted = form.build(PersonForm)
    if wanted is not None:
        try:
            _check_member(principal.network, wanted.member)
            await people_of(request).directory.change(giver, one.id, _version(form), wanted.facts())
        except Stale as behind:
            status = await _stale(request, form, behind)
        except Refused as refusal:
            status = form.refuse(refusal, _AT_FIELD.get(refusal.code, ""))
        else:
            return see_other(request, f"/admin/persons/{one.id}", done=_("The changes are kept."))
    return await _page(request, principal, one, form, status=status)


def _version(form: Form) -> int:
    return -1 if form.version is None else form.version


async def _stale(request: Request, form: Form, behind: Stale) -> int:
    """What was typed is kept and shown beside what stands now."""
    names = await people_of(request).name_of(change.by for change in behind.changes)
    changes = [_told_as_stale(change, names) for change in behind.changes]
    words = {what: _(sentence) for what, sentence in CHANGES.items()}
    changed = stale.Changed(behind.now.version, changes)
    return form.stale(changed, _form_of(behind.now), take=f"/admin/persons/{behind.now.id}", told=words)


def _told_as_stale(change: Change, names: dict[str, str]) -> stale.Change:
    return stale.Change(change.what, change.at.isoformat(), change.by, {}, actor_in_words(change.by, names))


@router.get("/admin/persons/{person}/close")
async def close_page(request: Request, person: str, principal: Worker) -> Response:
    return _close(request, await found(request, principal, person), Form.of())


def _close(request: Request, one: Account, form: Form, status: int = 200) -> Response:
    return render(request, "admin_close.html", status=status, one=one, form=form)


@router.post("/admin/persons/{person}/close")
async def close(request: Request, person: str, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    one = await found(request, principal, person)
    try:
        await people_of(request).directory.close(giver, one.id, _version(form))
    except Stale as behind:
        return _close(request, behind.now, form, await _stale(request, form, behind))
    except Refused as refusal:
        return _close(request, one, form, form.refuse(refusal))
    done = _("The account is closed and signed out everywhere.")
    return see_other(request, f"/admin/persons/{one.id}", done=done)


@router.post("/admin/persons/{person}/open")
async def open_again(request: Request, person: str, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    one = await found(request, principal, person)
    try:
        await people_of(request).directory.open(giver, one.id, _version(form))
    except Stale as behind:
        return await _page(
            request, principal, behind.now, _form_of(behind.now), status=await _stale(request, form, behind)
        )
    except Refused as refusal:
        shown = _form_of(one)
        return await _page(request, principal, one, shown, status=shown.refuse(refusal))
    return see_other(request, f"/admin/persons/{one.id}", done=_("The account is open again, with the roles it had."))


@router.post("/admin/persons/{person}/deputies")
async def name_deputy(request: Request, person: str, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    one = await found(request, principal, person)
    status = 422
    wanted = form.build(DeputyForm)
    if wanted is not None:
        try:
            directory = people_of(request).directory
            await directory.name_deputy(giver, one.id, wanted.deputy, wanted.first, wanted.last)
        except Refused as refusal:
            status = form.refuse(refusal, _AT_FIELD.get(refusal.code, ""))
        else:
            return see_other(request, f"/admin/persons/{one.id}", done=_("The deputy is named."))
    return await _page(request, principal, one, _form_of(one), naming=form, status=status)


@router.post("/admin/persons/{person}/end-deputy")
async def end_deputy(request: Request, person: str, principal: Worker) -> Response:
    giver, form = giver_of(principal), await read_form(request)
    one = await found(request, principal, person)
    await people_of(request).directory.end_deputy(giver, one.id)
    back = form["_back"] if form["_back"].isalnum() else one.id
    return see_other(request, f"/admin/persons/{back}", done=_("The time as deputy is over."))
