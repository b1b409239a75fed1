"""Two documents that are one person are merged; who asked to be erased, by telephone or letter, is; a login that is
not theirs any more is unlinked."""

from fastapi import APIRouter, HTTPException, Request, Response

from shared.contracts.refused import Refused
from shared.people import normal_address
from shared.people.accounts import Account
from shared.people.standing import check_managing
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

from .common import Worker, giver_of, people_of
from .persons import found

router = APIRouter(include_in_schema=False)


async def _mine(request: Request, principal: Principal, person: str) -> Account:
    """To be changed: by a person, and only where its roles are theirs to give."""
    giver = giver_of(principal)
    one = await found(request, principal, person)
    check_managing(giver.roles, one.roles)
    return one


@router.get("/admin/persons/{person}/merge")
async def merge_page(request: Request, person: str, principal: Worker) -> Response:
    one = await found(request, principal, person)
    return render(request, "admin_merge.html", one=one, form=Form())


@router.post("/admin/persons/{person}/merge")
async def merge(request: Request, person: str, principal: Worker) -> Response:
    """The other one, named by address, becomes this one; both ids lead here afterwards."""
    one, form, people = await _mine(request, principal, person), await read_form(request), people_of(request)
    try:
        others = [id for id, network in await people.of_address(normal_address(form["email"]))
                  if network == principal.network]  # fmt: skip
        if not others:
            raise Refused("not-found", "Nobody of this address is known here; look at the list.", status=422)
        await _mine(request, principal, others[0])
        await people.merge(one.id, others[0], network=principal.network, by=principal.subject)
    except Refused as refusal:
        return render(request, "admin_merge.html", one=one, form=form, status=form.refuse(refusal, "email"))
    return see_other(request, f"/admin/persons/{one.id}", done=_("The two are one person now."))


@router.get("/admin/persons/{person}/erase")
async def erase_page(request: Request, person: str, principal: Worker) -> Response:
    one = await found(request, principal, person)
    return render(request, "admin_erase.html", one=one, form=Form())


@router.post("/admin/persons/{person}/erase")
async def erase(request: Request, person: str, principal: Worker) -> Response:
    one, form = await _mine(request, principal, person), await read_form(request)
    if form["_confirmed"] != "yes":
        raise HTTPException(422)
    erasure = await people_of(request).erase(one.id, asked_by=principal.subject, network=principal.network)
    return see_other(request, f"/account/data/erasures/{erasure}")


@router.post("/admin/persons/{person}/unlink")
async def unlink(request: Request, person: str, principal: Worker) -> Response:
    one, form = await _mine(request, principal, person), await read_form(request)
    try:
        await people_of(request).logins.unlink(principal.network, one.id, form["login"][:64], by=principal.subject)
    except Refused as refusal:
        return see_other(request, f"/admin/persons/{one.id}", done=_(refusal.sentence), kind="error")
    return see_other(request, f"/admin/persons/{one.id}", done=_("The login is unlinked and signed out."))
