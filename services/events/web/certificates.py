"""Certificates on the organiser's desk: the rule, the assessment, who has one; revoke, issue again, take them all."""

import zipfile
from collections.abc import AsyncIterator
from typing import IO, Annotated, cast

import orjson
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from services.events import certifying
from services.events.badges.keys import issuer_of
from services.events.certificate_papers import as_badge, as_pdf, terms
from services.events.certifying import rule_of
from services.events.commands.certificate import (
    RecordAssessment,
    ReissueCertificate,
    RevokeCertificate,
    SetCertificateRule,
)
from services.events.domain.sessions import sessions_of
from services.events.queries import certificate as queries
from services.events.queries import registration as registrations
from services.events.queries.activity import Found
from services.events.queries.certificate import Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.people.reads import Purpose
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

from .asked import ActivityPath, db_of, found, names_shown, people_of, profile_of, service_of
from .certificate_check import CertificatePath, keys_of
from .sessions import zone_of

router = APIRouter(include_in_schema=False)
Certifier = Annotated[Principal, require("events.certify")]


@router.get("/events/{activity:activity}/certificates")
async def certificates(request: Request, activity: ActivityPath, principal: Certifier) -> Response:
    return await _page(request, principal, await found(request, principal, activity))


async def _page(
    request: Request, principal: Principal, one: Found, form: Form | None = None, status: int = 200
) -> Response:
    db, network = db_of(request), principal.network
    told = await registrations.attendance(db, network, one.row.id)
    certification = await queries.certification(db, network, one.row.id)
    rule = rule_of(certification, one.state.kind, profile_of(principal))
    issued = {state.registration: (id, state) for id, state in await queries.of_activity(db, network, one.row.id)}
    paging = Paging.of(request, per_page=50)
    rows = registrations.registrations(one.state, told, status="confirmed")
    shown = rows[paging.skip : paging.skip + paging.per_page]
    sessions = sessions_of(one.state, told.sessions, zone_of(principal.network))
    asked = Form.of(
        offered="1" if rule.offered else None, share=rule.share, months=rule.months,
        assessment="1" if rule.assessment else None, feedback="1" if rule.feedback else None,
    )  # fmt: skip
    return render(
        request, "events/certificates.html", status=status, one=one, row=one.row, form=form or asked, rule=rule,
        terms=terms(rule), issued=issued, certification=certification, listing=paging.listing(shown, len(rows)),
        share={row.id: told.share(row.id, sessions) for row in shown}, today=clock.now().date(),
        names=await names_shown(request, principal, Purpose.ATTENDANCE, (row.person for row in shown)),
        own=certification.rule is not None,
    )  # fmt: skip


@router.post("/events/{activity:activity}/certificates/rule")
async def set_rule(request: Request, activity: ActivityPath, principal: Certifier) -> Response:
    one, form = await found(request, principal, activity), await read_form(request)
    ticked = {name: bool(form[name]) for name in ("offered", "assessment", "feedback")}
    command = form.build(SetCertificateRule, activity=activity, **ticked)
    status = 422
    if command is not None:
        try:
            await certifying.set_rule(command, store_for(request, principal, command_id=form.command_id))
            done = _("The rule is set. Whoever fulfils it once the activity was held gets a certificate by itself.")
            return see_other(request, f"/events/{activity}/certificates", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)


@router.post("/events/{activity:activity}/certificates/assessment")
async def assess(request: Request, activity: ActivityPath, principal: Certifier) -> Response:
    """`listed` names every registration that the page showed, `passed` those whose box was ticked."""
    one, form = await found(request, principal, activity), await read_form(request)
    passed = set(form.all("passed"))
    command = Form().build(
        RecordAssessment, activity=activity, passed={listed: listed in passed for listed in form.all("listed")}
    )
    if command is None:
        form.fail("", _("There is nobody on this list; reload the page."))
        return await _page(request, principal, one, status=422)
    receipt = await certifying.record_assessment(command, store_for(request, principal, command_id=form.command_id))
    done = _("The assessment is recorded, %(count)s changed.", count=len(receipt.events))
    return see_other(request, f"/events/{activity}/certificates?{request.url.query}".rstrip("?"), done=done)


async def _of(request: Request, principal: Principal, activity: str, certificate: str) -> Shown:
    one = await queries.shown(db_of(request), principal.network, certificate)
    if one is None or one.state.activity != activity:
        raise HTTPException(404)
    return one


async def _asking(
    request: Request, principal: Principal, one: Shown, form: Form, *, again: bool, status: int = 200
) -> Response:
    names = await names_shown(request, principal, Purpose.PERSON, [one.state.person])
    return render(
        request, "events/certificate_change.html", status=status, one=one, state=one.state, form=form, again=again,
        holder=names.get(one.state.person, _("Name erased")), back=f"/events/{one.state.activity}/certificates",
    )  # fmt: skip


@router.get("/events/{activity:activity}/certificates/{certificate:certificate}/revoke")
async def revoke_page(
    request: Request, activity: ActivityPath, certificate: CertificatePath, principal: Certifier
) -> Response:
    one = await _of(request, principal, activity, certificate)
    return await _asking(request, principal, one, Form.of(), again=False)


@router.post("/events/{activity:activity}/certificates/{certificate:certificate}/revoke")
async def revoke(
    request: Request, activity: ActivityPath, certificate: CertificatePath, principal: Certifier
) -> Response:
    one, form = await _of(request, principal, activity, certificate), await read_form(request)
    command, status = form.build(RevokeCertificate, certificate=certificate), 422
    if command is not None:
        try:
            await certifying.revoke(command, store_for(request, principal, command_id=form.command_id))
            done = _("The certificate is revoked; its public page says so.")
            return see_other(request, f"/events/{activity}/certificates", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _asking(request, principal, one, form, again=False, status=status)


@router.get("/events/{activity:activity}/certificates/{certificate:certificate}/reissue")
async def reissue_page(
    request: Request, activity: ActivityPath, certificate: CertificatePath, principal: Certifier
) -> Response:
    one = await _of(request, principal, activity, certificate)
    name = await queries.name_on(db_of(request), people_of(request), one)
    return await _asking(request, principal, one, Form.of(name=name), again=True)


@router.post("/events/{activity:activity}/certificates/{certificate:certificate}/reissue")
async def reissue(
    request: Request, activity: ActivityPath, certificate: CertificatePath, principal: Certifier
) -> Response:
    one, form = await _of(request, principal, activity, certificate), await read_form(request)
    command, status = form.build(ReissueCertificate, certificate=certificate), 422
    if command is not None:
        try:
            await certifying.reissue(command, store_for(request, principal, command_id=form.command_id))
            done = _("It is issued again; the holder is told, and earlier editions count no more.")
            return see_other(request, f"/events/{activity}/certificates", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _asking(request, principal, one, form, again=True, status=status)


@router.get("/events/{activity:activity}/certificates.zip")
async def bundle(request: Request, activity: ActivityPath, principal: Certifier) -> Response:
    """All that count, as PDF and badge, sent while they are made."""
    one, db = await found(request, principal, activity), db_of(request)
    today = clock.now().date()
    valid = [(id, state) for id, state in await queries.of_activity(db, one.network, activity) if state.valid(today)]
    people, settings = people_of(request), service_of(request).settings
    await people.reads.note(principal, Purpose.EXPORT, {state.person for _id, state in valid})
    told = await queries.certification(db, one.network, activity)
    rule = rule_of(told, one.state.kind, profile_of(principal))
    signer = await keys_of(request).signer(one.network)

    async def parts() -> AsyncIterator[bytes]:
        out = Chunks()
        with zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_STORED) as archive:
            for number, (id, state) in enumerate(valid, 1):
                shown = await queries.shown_of(db, one, id, state)
                name = await queries.name_on(db, people, shown)
                if name is None:
                    continue
                called = f"{number:04}-{_plain(name)}"
                archive.writestr(f"{called}.pdf", await as_pdf(shown, name, rule, settings.base_url))
                badge = as_badge(shown, name, rule, signer, settings.base_url)
                archive.writestr(f"{called}.json", orjson.dumps(badge, option=orjson.OPT_INDENT_2))
                yield out.taken()
        yield out.taken()

    headers = {"Content-Disposition": 'attachment; filename="certificates.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(parts(), media_type="application/zip", headers=headers)


class Chunks:
    """What an archive writes, given on piece by piece; it cannot be read back, so that nothing is kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _plain(name: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in name)[:60]


@router.get("/events/certificates/key")
async def key_page(request: Request, principal: Annotated[Principal, require("events.keys")]) -> Response:
    keys = keys_of(request)
    return render(
        request, "events/certificate_key.html", form=Form.of(), made=await keys.made(principal.network),
        issuer=issuer_of(principal.network, service_of(request).settings).id,
        known=await keys.public(principal.network), network=principal.network,
    )  # fmt: skip


@router.post("/events/certificates/key")
async def renew_key(request: Request, principal: Annotated[Principal, require("events.keys")]) -> Response:
    await read_form(request)
    await keys_of(request).renew(principal.network)
    done = _("Certificates are signed with a new key from now on; what earlier ones signed still counts.")
    return see_other(request, "/events/certificates/key", done=done)
