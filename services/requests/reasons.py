"""What people wrote beside a decision, kept by an id that its event names."""

from shared.spine.draft import Put
from shared.spine.store import Store

from .commands import AnswerQuestion, AskSender, Decision
from .streams import WORDS


def reason_of(command: Decision, store: Store) -> list[Put]:
    if not command.words:
        return []
    return [Put(WORDS, command.words, _about(command.request, store) | {"reason": command.reason})]


def question_of(command: AskSender, store: Store) -> list[Put]:
    return [Put(WORDS, command.words, _about(command.request, store) | {"question": command.question})]


def answer_of(command: AnswerQuestion, store: Store) -> list[Put]:
    return [Put(WORDS, command.words, _about(command.request, store) | {"answer": command.answer})]


def _about(request: str, store: Store) -> dict[str, object]:
    return {"network": store.origin.network, "about": request}
