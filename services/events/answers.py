"""Answers to surveys until they are released: held apart, in an order that tells nothing, without whose they are.

The collection is clustered by its random ids, so that not even the order in which it is stored tells who was first. A
document bears the day and no finer time.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from pymongo.errors import CollectionInvalid, OperationFailure

from shared.mongo import Database
from shared.spine.draft import Put, Remove

from .domain.survey import GROUP, Answer, Survey
from .streams import SURVEY

NAMESPACE_EXISTS = 48
HELD, WORDS, CHOICES = "feedback_held", "feedback_words", "feedback_choices"


@dataclass(frozen=True, slots=True)
class Held:
    """An answer as it is held: its marks, and what was answered beside them by question ("" for words of one's own)."""

    id: str
    answer: Answer
    said: dict[str, str]


def hold(survey: str, network: str, answer: Answer, said: dict[str, str]) -> Put:
    return Put(HELD, uuid4().hex, {"survey": survey, "network": network, **asdict(answer), "said": said})


class Answers:
    """Reads what is held, and says what becomes of it once it is released."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @staticmethod
    async def prepare(db: Database) -> None:
        for name in (HELD, WORDS, CHOICES):
            try:
                await db.create_collection(name, clusteredIndex={"key": {"_id": 1}, "unique": True})
            except (CollectionInvalid, OperationFailure) as error:
                if isinstance(error, OperationFailure) and error.code != NAMESPACE_EXISTS:
                    raise
        await db[HELD].create_index("survey")
        for name in (WORDS, CHOICES):
            await db[name].create_index([("network", 1), ("activity", 1)])

    async def standing(self, survey: str) -> tuple[int, Survey, str]:
        """The survey, its version and its network."""
        found = await self._db.streams.find_one({"_id": survey})
        if found is None:
            return 0, Survey(), ""
        return int(found["version"]), SURVEY.load(found["state"]), str(found["network"])

    async def draw(self, survey: str, *, everything: bool) -> list[Held]:
        """A group drawn by lot, or all that are left; none where they are too few."""
        documents = await self._db[HELD].find({"survey": survey}).to_list(None)
        lot = random.SystemRandom()
        if not everything:
            documents = lot.sample(documents, GROUP) if len(documents) >= GROUP else []
        lot.shuffle(documents)
        return [_held(one) for one in documents]

    @staticmethod
    def released(state: Survey, network: str, drawn: Sequence[Held]) -> list[Put | Remove]:
        """The held documents go; words and choices stay, each by itself: two of one answer are not told together."""
        about = {"activity": state.activity, "network": network, "follow_up": state.follow_up}
        said = [(question, text) for one in drawn for question, text in one.said.items() if text]
        random.SystemRandom().shuffle(said)
        kept: list[Put | Remove] = [Remove(HELD, one.id) for one in drawn]
        for question, text in said:
            name, value = (CHOICES, "choice") if question.startswith("=") else (WORDS, "words")
            kept.append(Put(name, uuid4().hex, {**about, "question": question.removeprefix("="), value: text}))
        return kept


def _held(document: dict[str, Any]) -> Held:
    facts = {name: document[name] for name in Answer.__dataclass_fields__ if name in document}
    return Held(str(document["_id"]), Answer(**facts), dict(document["said"]))
