"""The use cases of needs analyses: record, revise, withdraw one; take an evaluation; remind when they are too old."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from shared.contracts.base import Command, Event
from shared.contracts.needs import AgendaNoted
from shared.ids import fixed_id, new_id
from shared.profiles.rows import NeedsAnalysis
from shared.spine.aggregate import Aggregate, Deadline, Decide
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import needs
from .domain.needs import (
    AboutNeeds,
    Agenda,
    Analysis,
    Evaluation,
    ReceiveEvaluation,
    RecordNeeds,
    RemindOfNeeds,
    ReviseNeeds,
    Rules,
    WithdrawNeeds,
)
from .offered import profile_of
from .streams import WORDS


def _falls_due(stream: str, event: Event) -> list[Deadline]:
    if not isinstance(event, AgendaNoted):
        return []
    due = event.due_on
    at = datetime(due.year, due.month, due.day, tzinfo=UTC) if due else None
    return [Deadline(f"needs/{stream}", at, RemindOfNeeds(agenda=stream))]


NEEDS = Aggregate("needs", Analysis, needs.evolve)
EVALUATION = Aggregate("evaluation", Evaluation, needs.evolve_evaluation)
AGENDA = Aggregate("agenda", Agenda, needs.evolve_agenda, deadlines=_falls_due)


def agenda_id(network: str) -> str:
    return fixed_id("agenda", network)


def evaluation_id(activity: str) -> str:
    return fixed_id("evaluation", activity)


def needs_of(network: str) -> NeedsAnalysis:
    """How the network analyses needs: its kinds of source, and after how many years an analysis is too old."""
    return profile_of(network).needs or NeedsAnalysis(every_years=2)


def rules_of(network: str) -> Rules:
    profile = profile_of(network)
    return Rules(
        frozenset(one.id for one in needs_of(network).sources),
        frozenset(one.id for one in profile.target_groups),
        frozenset(one.id for one in profile.topics),
        frozenset(profile.member_codes),
    )


async def record_needs(command: RecordNeeds, store: Store) -> Receipt:
    """Keep an analysis; from then on the matrix counts it, and the next one is due in so many years."""
    network = store.origin.network
    name = command.needs or new_id("needs")
    decides: dict[str, Decide] = {
        name: partial(needs.record, rules=rules_of(network)),
        agenda_id(network): _noting(name, command, network),
    }
    return await store.execute_all(command, decides, [_words(name, command, network)])


async def revise_needs(command: ReviseNeeds, store: Store, kept: Mapping[str, object]) -> Receipt:
    """It says something else from now on; `kept` are the words so far."""
    network = store.origin.network
    described = [name for name in ("title", "summary") if getattr(command, name) != kept.get(name, "")]
    decides: dict[str, Decide] = {
        command.needs: partial(needs.revise, rules=rules_of(network), described=described),
        agenda_id(network): _noting(command.needs, command, network),
    }
    return await store.execute_all(command, decides, [_words(command.needs, command, network)])


async def withdraw_needs(command: WithdrawNeeds, store: Store) -> Receipt:
    """It counts no more, and the reason says why."""
    network = store.origin.network
    command = command.model_copy(update={"words": new_id("words")})
    decides: dict[str, Decide] = {
        command.needs: needs.withdraw,
        agenda_id(network): lambda agenda, _: needs.note(agenda, command.needs, None, years=_years(network)),
    }
    reason = {"network": network, "about": command.needs, "reason": command.reason}
    return await store.execute_all(command, decides, [Put(WORDS, command.words, reason)])


async def receive_evaluation(command: ReceiveEvaluation, store: Store) -> Receipt:
    return await store.execute(evaluation_id(command.activity), command, needs.receive)


async def remind_of_needs(command: RemindOfNeeds, store: Store) -> Receipt:
    """Due since the newest analysis became too old: the coordinators get a letter, once."""
    return await store.execute(command.agenda, command, needs.remind)


def _noting(name: str, about: AboutNeeds, network: str) -> Decide:
    def noting(agenda: Agenda, _command: Command) -> list[Event]:
        return needs.note(agenda, name, about.on, years=_years(network))

    return noting


def _years(network: str) -> int:
    return needs_of(network).every_years


def _words(name: str, command: AboutNeeds, network: str) -> Put:
    words = {"network": network, "member": command.member, "title": command.title, "summary": command.summary}
    return Put(WORDS, name, words)
