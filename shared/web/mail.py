"""What a person is written about, and how; ending it from a letter; and the local profile's mailbox."""

from email import message_from_bytes, policy
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from shared.messages.kinds import TOPICS
from shared.messages.transport import MAILBOX
from shared.messages.unsubscribing import read_token
from shared.people.mailing import WANTS, Mailing
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, public, require

router = APIRouter(include_in_schema=False)
Me = Annotated[Principal, require("account.read")]
Anybody = Annotated[Principal | None, public()]
HOW = {"at-once": _mark("At once"), "daily": _mark("Once a day"), "never": _mark("Not at all")}


def _people_db(request: Request) -> Any:
    return request.app.state.people.db


def _is_local(request: Request) -> bool:
    """Whether letters are shown here: the local profile without a mail server."""
    settings = request.app.state.settings
    return settings.profile == "local" and not settings.smtp_host


async def _person(request: Request, principal: Principal) -> Any:
    """Who is signed in, as the mail knows them; 404 for a key."""
    people = request.app.state.people
    if principal.email:
        await people.remember(principal.name, principal.email, principal.member, principal.network)
    person = await Mailing(people.db).addressee(principal.network, principal.subject)
    if person is None:
        raise HTTPException(404)
    return person


@router.get("/account/mail")
async def mail_page(request: Request, principal: Me) -> Response:
    person = await _person(request, principal)
    chosen = {topic: person.wants.get(topic, "at-once") for topic in TOPICS}
    return render(
        request, "account_mail.html", person=person, topics=_topics(), hows=_hows(), form=Form.of(**chosen),
        local=_is_local(request),
    )  # fmt: skip


@router.post("/account/mail")
async def choose(request: Request, principal: Me) -> Response:
    form, person = await read_form(request), await _person(request, principal)
    wants = {topic: form[topic] for topic in TOPICS if form[topic]}
    if not set(wants.values()) <= set(WANTS):
        raise HTTPException(422)
    await Mailing(_people_db(request)).choose(person.id, wants)
    return see_other(request, "/account/mail", done=_("Your choice counts from the next letter on."))


def _topics() -> list[tuple[str, str]]:
    return [(topic, _(title)) for topic, title in TOPICS.items()]


def _hows() -> list[tuple[str, str]]:
    return [(how, _(word)) for how, word in HOW.items()]


@router.get("/mail/unsubscribe/{token}")
async def unsubscribe_page(request: Request, token: str, principal: Anybody) -> Response:
    """Asks first: programs that look into letters follow links, and must not unsubscribe anybody."""
    _who, topic = _opened(request, token)
    response = render(request, "unsubscribe.html", topic=_(TOPICS[topic]), token=token, form=Form.of(), done=False)
    return _unseen(response)


@router.post("/mail/unsubscribe/{token}")
async def unsubscribe(request: Request, token: str, principal: Anybody) -> Response:
    """From the page, or by a mail program at once (RFC 8058)."""
    who, topic = _opened(request, token)
    await Mailing(_people_db(request)).choose(who, {topic: "never"})
    response = render(request, "unsubscribe.html", topic=_(TOPICS[topic]), token=token, form=Form.of(), done=True)
    return _unseen(response)


def _opened(request: Request, token: str) -> tuple[str, str]:
    found = read_token(request.app.state.settings, token)
    if found is None:
        raise HTTPException(404)
    return found


def _unseen(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/mailbox")
async def mailbox(request: Request, principal: Me) -> Response:
    """The letters of the reader's network, newest first: everybody there may be anybody."""
    _only_local(request)
    paging = Paging.of(request)
    query: dict[str, Any] = {"network": principal.network}
    if request.query_params.get("whose", "mine") == "mine":
        query["person"] = (await _person(request, principal)).id
    letters = _people_db(request)[MAILBOX]
    total = await letters.count_documents(query)
    found = letters.find(query, {"raw": 0}).sort("at", -1).skip(paging.skip).limit(paging.per_page)
    return render(request, "mailbox.html", listing=paging.listing(await found.to_list(None), total))


@router.get("/mailbox/{letter}")
async def mailbox_letter(request: Request, letter: Annotated[str, Path(max_length=200)], principal: Me) -> Response:
    _only_local(request)
    found = await _people_db(request)[MAILBOX].find_one({"_id": letter, "network": principal.network})
    if found is None:
        raise HTTPException(404)
    message = message_from_bytes(found["raw"], policy=policy.default)
    body = message.get_body(("plain",))
    files = [part.get_filename() or part.get_param("name") for part in message.walk() if _is_file(part)]
    text = str(body.get_content()) if body else ""
    names = list(dict.fromkeys(str(name) for name in files if name))
    return _unseen(render(request, "mailbox_letter.html", letter=found, text=text, files=names))


def _is_file(part: Any) -> bool:
    return bool(part.get_content_type() == "text/calendar" or part.get_content_disposition() == "attachment")


def _only_local(request: Request) -> None:
    if not _is_local(request):
        raise HTTPException(404)
