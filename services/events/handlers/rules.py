"""The use cases of how places are given: rules, the draw, answers to a form's questions."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from services.events.commands import AskQuestions, DrawPlaces, RegisterPersons, SetRules
from services.events.domain import activity
from services.events.domain.placing import commitment_of
from services.events.sealed import Sealed
from shared.contracts.events import ActivityDescribed, RegistrationEvent
from shared.contracts.refused import Refused
from shared.contracts.registering import RegistrationRulesSet
from shared.mongo import Database
from shared.spine.draft import Appended, Following, Put, Receipt, Remove
from shared.spine.store import Store

SEEDS, QUESTIONS, ANSWERS, DRAFTS = "draw_seeds", "questions", "registration_answers", "registration_drafts"


async def set_rules(command: SetRules, store: Store, sealed: Sealed) -> Receipt:
    """Publish how places are given. Of a draw the seed is drawn now and kept sealed; its hash is what is published."""
    seed = secrets.token_hex(16)
    command = command.model_copy(update={"commitment": commitment_of(seed) if command.draw_at else ""})

    def keep(appended: Sequence[Appended]) -> list[Put]:
        used = (one.event.commitment for one in appended if isinstance(one.event, RegistrationRulesSet))
        if not command.commitment or command.commitment not in used:
            return []
        return [Put(SEEDS, command.activity, {"network": store.origin.network, "seed": sealed.seal(seed)})]

    return await store.execute(command.activity, command, activity.decide, [Following(keep)])


async def draw_places(command: DrawPlaces, store: Store, db: Database, sealed: Sealed) -> Receipt:
    """The day of the draw: the line takes the order of the seed, which everybody can then check."""
    kept = await db[SEEDS].find_one({"_id": command.activity})
    seed = sealed.open(kept["seed"]) if kept else None
    if seed is None:
        raise Refused("seed-unknown", "This is not the seed that was committed to.")
    command = command.model_copy(update={"seed": seed})
    return await store.execute(command.activity, command, activity.decide)


async def ask_questions(command: AskQuestions, store: Store) -> Receipt:
    """What who registers is asked; the words are kept beside."""
    items = [one.model_dump() for one in command.questions]

    def keep(appended: Sequence[Appended]) -> list[Put]:
        told = any(isinstance(one.event, ActivityDescribed) for one in appended)
        return [Put(QUESTIONS, command.activity, {"network": store.origin.network, "items": items})] if told else []

    return await store.execute(command.activity, command, activity.decide, [Following(keep)])


async def register_oneself(command: RegisterPersons, store: Store, answers: Mapping[str, str]) -> Receipt:
    """With what was answered to the activity's questions, which is kept beside; a draft of it goes."""
    (who,) = command.persons

    def keep(appended: Sequence[Appended]) -> list[Put | Remove]:
        own = (one.event for one in appended if isinstance(one.event, RegistrationEvent))
        registration = next((one.registration for one in own if one.person == who.person), None)
        if registration is None:
            return []
        said: dict[str, Any] = {"activity": command.activity, "network": store.origin.network, "person": who.person}
        gone = Remove(DRAFTS, f"{command.activity}/{who.person}")
        return [gone, *([Put(ANSWERS, registration, said | {"answers": dict(answers)})] if answers else [])]

    return await store.execute(command.activity, command, activity.decide, [Following(keep)])
