"""A question to the sender of a request, and the answer; it decides nothing."""

from services.requests.commands import AnswerQuestion, AskSender
from shared.contracts.base import Event
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestAnswered, RequestQuestioned

from .rules import must_be_there, wrong_status
from .state import OPEN, Request, Status

ASKED_ABOUT = (*OPEN, Status.PLANNED)


def ask(request: Request, command: AskSender) -> list[Event]:
    must_be_there(request)
    if request.status not in ASKED_ABOUT:
        raise wrong_status(request)
    if request.question:
        raise Refused("asked-already", "A question waits for its answer already.")
    return [RequestQuestioned(kind=request.kind, member=request.member, words=command.words)]


def answer(request: Request, command: AnswerQuestion) -> list[Event]:
    must_be_there(request)
    if not request.question:
        raise Refused("nothing-asked", "No question waits for an answer; it was answered or decided meanwhile.")
    return [RequestAnswered(kind=request.kind, member=request.member, words=command.words, question=request.question)]
