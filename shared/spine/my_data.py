"""My data: what is held about me, in every service; corrected, exported and erased by me.

Each service serves its own part under `/<service>/my-data`; `/account/data` puts them together in the browser. Who is
signed in sees their own; a participant without an account comes by the signed link of a letter.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from shared.contracts.catalogue import SERVICES
from shared.contracts.refused import Refused
from shared.messages.digest import MY_DATA
from shared.messages.letter import OUTBOX, document, letter_id
from shared.people import normal_address
from shared.people.erasures import ROUNDS
from shared.people.links import person_of_link
from shared.people.notices import NOTICES
from shared.people.register import PEOPLE
from shared.people.subject import DataSubject
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark
from shared.web.pages import render, see_other
from shared.web.rights import Principal, SignInNeeded, public

from .held import held_in
from .service import Service

FIELDS = {
    "_id": mark("Number"), "type": mark("What"), "what": mark("What"), "kind": mark("Kind"), "time": mark("When"),
    "at": mark("When"), "by": mark("By whom"), "about": mark("About"), "stream": mark("About"), "purpose": mark("For"),
    "name": mark("Name"), "title": mark("Title"), "description": mark("Description"),
    "audience": mark("Who takes part"),
    "reason": mark("Reason"), "words": mark("Words"), "member": mark("Member"), "network": mark("Network"),
    "created": mark("Made"), "made": mark("Made"), "begun": mark("Begun"), "expires": mark("Ends"),
    "seen": mark("Last seen"), "state": mark("State"), "subject": mark("Subject"), "size": mark("Size"),
    "media_type": mark("Type"), "fields": mark("Fields"), "asked": mark("Asked for"), "rounds": mark("How far"),
    "last_used": mark("Last used"), "refused": mark("Answer"), "survey": mark("Survey"), "place": mark("Place"),
    "registration": mark("Registration"), "activity": mark("Activity"),
}  # fmt: skip
Anybody = Annotated[Principal | None, public()]
Whose = Callable[[Request, Principal | None], Awaitable[DataSubject]]


def whose(service: Service) -> Whose:
    async def find(request: Request, principal: Principal | None) -> DataSubject:
        """Whom the link was made for, else who is signed in. A key is nobody."""
        link = request.query_params.get("link", "")
        if link:
            request.app.state.sessions.limits.by_link(link)
            person = person_of_link(service.settings, link)
            who = await service.people.data_subject(person) if person else None
        elif principal is None or not principal.email:
            raise SignInNeeded
        else:
            who = await service.people.data_subject(principal.subject, principal.network)
        if who is None:
            raise HTTPException(404)
        return who

    return find


def my_data_router(service: Service) -> APIRouter:
    """This service's part, and the pages under `/account/data`, which every service carries."""
    router, find = APIRouter(include_in_schema=False), whose(service)
    _part(router, service, find)
    _pages(router, service, find)
    _erasing(router, service, find)
    _asking(router, service)
    return router


def _part(router: APIRouter, service: Service, find: Whose) -> None:
    @router.get(f"/{service.name}/my-data")
    async def part(request: Request, principal: Anybody) -> Response:
        held = await held_in(service.db, service.name, await find(request, principal))
        name = "my_data_part.html" if "part" in request.query_params else "my_data_service.html"
        return _unkept(render(request, name, held=held, about=service.name, suffix=_suffix(request), told=_told))

    @router.get(f"/{service.name}/my-data/export")
    async def export(request: Request, principal: Anybody) -> Response:
        held = await held_in(service.db, service.name, await find(request, principal))
        return _download(service.name, {"service": service.name, "places": [asdict(one) for one in held]})


def _pages(router: APIRouter, service: Service, find: Whose) -> None:
    async def shown(request: Request, who: DataSubject, form: Form | None = None, status: int = 200) -> Response:
        row = await service.people.row(who.id) or {}
        held = [one for one in await held_in(service.people.db, PEOPLE, who) if one.place != "persons"]
        context: dict[str, Any] = {
            "row": row,
            "held": held,
            "form": form or Form.of(name=row.get("name"), email=row.get("email")),
            "purposes": row.get("purposes", []),
            "notices": NOTICES,
            "services": SERVICES,
            "suffix": _suffix(request),
            "told": _told,
        }
        return _unkept(render(request, "my_data.html", status=status, **context))

    @router.get("/account/data")
    async def page(request: Request, principal: Anybody) -> Response:
        return await shown(request, await find(request, principal))

    @router.get("/account/data/export")
    async def export(request: Request, principal: Anybody) -> Response:
        held = await held_in(service.people.db, PEOPLE, await find(request, principal))
        return _download("account", {"service": "account", "places": [asdict(one) for one in held]})

    @router.post("/account/data/correct")
    async def correct(request: Request, principal: Anybody) -> Response:
        who, form = await find(request, principal), await read_form(request)
        try:
            await service.people.correct(who.id, name=form["name"][:200], email=form["email"])
        except Refused as refusal:
            field = {"name-missing": "name", "address-invalid": "email", "address-taken": "email"}.get(refusal.code, "")
            return await shown(request, who, form, form.refuse(refusal, field))
        return see_other(request, f"/account/data{_suffix(request)}", done=_("Your name and address are as you wrote."))

    @router.post("/account/data/withdraw")
    async def withdraw(request: Request, principal: Anybody) -> Response:
        who, form = await find(request, principal), await read_form(request)
        notice = NOTICES.get(form["purpose"])
        if notice is None or not notice.consent:
            raise HTTPException(404)
        await service.people.withdraw(who.id, notice.purpose)
        done = _("Your consent is withdrawn. What was done until now stays as it is; you can have it erased.")
        return see_other(request, f"/account/data{_suffix(request)}", done=done)


def _erasing(router: APIRouter, service: Service, find: Whose) -> None:
    @router.get("/account/data/erase")
    async def ask(request: Request, principal: Anybody) -> Response:
        who = await find(request, principal)
        return _unkept(render(request, "my_data_erase.html", form=Form(), suffix=_suffix(request), called=who.names[0]))

    @router.post("/account/data/erase")
    async def erase(request: Request, principal: Anybody) -> Response:
        who, form = await find(request, principal), await read_form(request)
        if form["_confirmed"] != "yes":
            raise HTTPException(422)
        asked_by = "link" if request.query_params.get("link") else "self"
        erasure = await service.people.erase(who.id, asked_by=asked_by)
        response = see_other(request, f"/account/data/erasures/{erasure}")
        if asked_by == "self":
            request.app.state.sessions.close(response)
        return response

    @router.get("/account/data/erasures/{erasure}")
    async def progress(request: Request, erasure: str, principal: Anybody) -> Response:
        """Open to who has its address, a random one: it says how far it is, and nothing about whom."""
        found = await service.people.erasures.find(erasure)
        if found is None:
            raise HTTPException(404)
        steps = [(name, min(done, ROUNDS), ROUNDS) for name, done in found["rounds"].items()]
        return _unkept(render(request, "my_data_erasure.html", found=found, steps=steps))


def _asking(router: APIRouter, service: Service) -> None:
    @router.get("/account/data/ask")
    async def ask(request: Request, principal: Anybody) -> Response:
        return render(request, "my_data_ask.html", form=Form())

    @router.post("/account/data/ask")
    async def send(request: Request, principal: Anybody) -> Response:
        """The same answer whoever has the address: nobody learns here who is known."""
        request.app.state.sessions.limits.sign_in(request)
        form = await read_form(request)
        try:
            address = normal_address(form["email"])
        except Refused as refusal:
            return render(request, "my_data_ask.html", form=form, status=form.refuse(refusal, "email"))
        today = datetime.now(UTC).date().isoformat()
        for person, network in await service.people.of_address(address):
            facts, own = document(MY_DATA, person, network, {}), letter_id(MY_DATA, person, today)
            await service.people.db[OUTBOX].update_one({"_id": own}, {"$setOnInsert": facts}, upsert=True)
        done = _("If this address is known here, a letter with the link is on its way to it.")
        return see_other(request, "/account/data/ask", done=done)


def _told(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """The fields in words, as far as there are any."""
    return [(_(FIELDS[name]) if name in FIELDS else name, value) for name, value in row.items()]


def _suffix(request: Request) -> str:
    """The link goes along to whatever the page leads to."""
    link = request.query_params.get("link", "")
    return f"?link={link}" if link and set(link) <= _SAFE else ""


_SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # a stricter one would take the origin off our own forms
    return response


def _download(name: str, content: dict[str, Any]) -> Response:
    content = {"exported": datetime.now(UTC).isoformat(timespec="seconds"), **content}
    body = orjson.dumps(content, option=orjson.OPT_INDENT_2, default=str)
    response = Response(body, media_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{name}.json"'
    return _unkept(response)
