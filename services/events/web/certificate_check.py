"""The public check of a certificate: whether it counts, and no more of its holder than they allow."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import RedirectResponse, Response

from services.events.badges.credential import status_list
from services.events.badges.keys import SigningKeys, issuer_of
from services.events.badges.signing import did_document, jwt
from services.events.certificate_papers import as_badge, days
from services.events.certifying import rule_of
from services.events.domain.certification import Rule
from services.events.queries import certificate as queries
from services.events.queries import registration as registrations
from services.events.queries.certificate import Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.profiles import NETWORKS, load
from shared.web.formats import speak_for
from shared.web.forms import Form
from shared.web.i18n import _
from shared.web.pages import render
from shared.web.rights import Principal, public

from .asked import UUID, db_of, people_of, service_of

router = APIRouter(include_in_schema=False)
Anybody = Annotated[Principal | None, public()]
CertificatePath = Annotated[str, Path(pattern=f"^certificate-{UUID}$")]
ListedPath = Annotated[str, Path(pattern=f"^(activity|path)-{UUID}$")]
JSON_LD = "application/ld+json"


def keys_of(request: Request) -> SigningKeys:
    service = service_of(request)
    return SigningKeys(service.db, service.settings)


async def rule_for(request: Request, one: Shown) -> Rule | None:
    """What the certificate took; none for one of a path."""
    if not one.state.activity:
        return None
    told = await queries.certification(db_of(request), one.network, one.state.activity)
    return rule_of(told, one.state.kind, load(one.network))


async def checked(request: Request, certificate: str) -> tuple[Shown, str]:
    """The certificate and its holder's name; refused alike where there is none and where its holder was erased."""
    one = await queries.shown(db_of(request), None, certificate)
    name = await queries.name_on(db_of(request), people_of(request), one) if one else None
    if one is None or name is None:
        raise Refused("no-certificate", "There is no certificate of this number to check.", status=404)
    speak_for(request.scope, one.network)
    return one, name


@router.get("/certificates")
async def ask(request: Request, principal: Anybody) -> Response:
    """By its number, for who has it on paper."""
    number = request.query_params.get("number", "").strip().lower().removeprefix("certificate-")
    form = Form.of(number=number or None)
    if number:
        found = await queries.shown(db_of(request), None, f"certificate-{number[:60]}")
        if found is not None:
            return RedirectResponse(f"/certificates/{found.id}", 303)
        form.fail("number", _("There is no certificate of this number to check."))
    return render(request, "events/certificate_ask.html", form=form, status=422 if number else 200)


@router.get("/certificates/{certificate:certificate}")
async def check(request: Request, certificate: CertificatePath, principal: Anybody) -> Response:
    one, name = await checked(request, certificate)
    edition = request.query_params.get("edition", str(one.state.edition))
    return render(
        request, "events/certificate_check.html", one=one, state=one.state, days=days(one),
        holder=name if one.state.named else "", status_word=one.status(clock.now().date()),
        replaced=edition != str(one.state.edition) and edition.isdigit(),
        issuer=queries.network_name(one.network),
    )  # fmt: skip


@router.get("/certificates/{certificate:certificate}.json")
async def credential(request: Request, certificate: CertificatePath, principal: Anybody) -> Response:
    """The credential as anybody may have it: with the holder's name only where they let it be shown."""
    one, name = await checked(request, certificate)
    base = service_of(request).settings.base_url
    signer = await keys_of(request).signer(one.network)
    badge = as_badge(one, name if one.state.named else None, await rule_for(request, one), signer, base)
    return Response(orjson.dumps(badge, option=orjson.OPT_INDENT_2), media_type=JSON_LD)


@router.get("/certificates/issuers/{issuer}/did.json")
async def keys(request: Request, issuer: str, principal: Anybody) -> Response:
    """The public keys of a network, present and earlier ones."""
    if issuer not in NETWORKS:
        raise HTTPException(404)
    did = issuer_of(issuer, service_of(request).settings).id
    public_keys = await keys_of(request).public(issuer)
    return Response(orjson.dumps(did_document(did, public_keys)), media_type="application/did+json")


@router.get("/certificates/status/{of}")
async def status(request: Request, of: ListedPath, principal: Anybody) -> Response:
    """Which certificates of an activity or path count no more, signed; by the real clock, as checks elsewhere go."""
    network = await registrations.network_of(db_of(request), of)
    if network is None:
        raise HTTPException(404)
    settings, signer = service_of(request).settings, await keys_of(request).signer(network)
    now = datetime.now(UTC).replace(microsecond=0)
    void = await queries.void(db_of(request), network, of)
    address = f"{settings.base_url.rstrip('/')}/certificates/status/{of}"
    listed = status_list(address, signer.issuer, void, now - timedelta(hours=1), now + timedelta(days=1))
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(jwt(listed, signer.key, signer.method), media_type="application/vc+jwt", headers=headers)
