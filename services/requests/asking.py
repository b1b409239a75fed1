"""The use cases of a question: a coordinator asks the sender, the sender answers; both are told by mail."""

from shared.ids import new_id
from shared.spine.draft import Receipt
from shared.spine.store import Store

from .commands import AnswerQuestion, AskSender
from .domain import asking
from .reasons import answer_of, question_of


async def ask_sender(command: AskSender, store: Store) -> Receipt:
    command = command.model_copy(update={"words": new_id("words")})
    return await store.execute(command.request, command, asking.ask, question_of(command, store))


async def answer_question(command: AnswerQuestion, store: Store) -> Receipt:
    command = command.model_copy(update={"words": new_id("words")})
    return await store.execute(command.request, command, asking.answer, answer_of(command, store))
