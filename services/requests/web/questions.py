"""A question to the sender, and the sender's answer: each on a page of its own, and told by mail."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from services.requests.asking import answer_question, ask_sender
from services.requests.commands import AnswerQuestion, AskSender
from services.requests.domain.asking import ASKED_ABOUT
from services.requests.queries import Shown
from shared.contracts.refused import Refused
from shared.spine.draft import Receipt
from shared.spine.store import Store
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

from .common import PATH, Asked, Sender, found, page_store

router = APIRouter()


@router.get(PATH + "/ask")
async def ask_page(request: Request, request_id: str, principal: Asked) -> Response:
    return _ask_page(request, await found(request, principal, request_id), Form.of())


def _ask_page(request: Request, shown: Shown, form: Form, status: int = 200) -> Response:
    open_still = shown.status in ASKED_ABOUT and not shown.question
    return render(request, "ask.html", status=status, shown=shown, form=form, open=open_still)


@router.post(PATH + "/ask")
async def ask(request: Request, request_id: str, principal: Asked) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    command = form.build(AskSender, request=request_id, words="", happened_at=None)
    if command is None:
        return _ask_page(request, shown, form, 422)
    refused = await _done(request, principal, form, lambda store: ask_sender(command, store))
    if refused:
        return _ask_page(request, await found(request, principal, request_id), form, refused)
    return see_other(request, f"/requests/{request_id}", done=_("The question is sent; its sender is told by mail."))


@router.get(PATH + "/answer")
async def answer_page(request: Request, request_id: str, principal: Sender) -> Response:
    return _answer_page(request, await found(request, principal, request_id), Form.of())


def _answer_page(request: Request, shown: Shown, form: Form, status: int = 200) -> Response:
    return render(request, "answer.html", status=status, shown=shown, form=form)


@router.post(PATH + "/answer")
async def answer(request: Request, request_id: str, principal: Sender) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    command = form.build(AnswerQuestion, request=request_id, words="", happened_at=None)
    if command is None:
        return _answer_page(request, shown, form, 422)
    refused = await _done(request, principal, form, lambda store: answer_question(command, store))
    if refused:
        return _answer_page(request, await found(request, principal, request_id), form, refused)
    return see_other(
        request, f"/requests/{request_id}", done=_("Your answer is sent; the coordinator gets it by mail.")
    )


async def _done(request: Request, principal: Principal, form: Form, do: Callable[[Store], Awaitable[Receipt]]) -> int:
    """0 once it is done; else the status of the refusal, which the form tells."""
    try:
        await do(page_store(request, principal, form.command_id))
    except Refused as refusal:
        return form.refuse(refusal)
    return 0
