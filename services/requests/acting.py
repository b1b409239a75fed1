"""The use cases of the agreed actions of a year, and what their pages read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.mongo import Database
from shared.profiles import Profile
from shared.profiles.rows import BilateralActivity
from shared.spine.aggregate import Aggregate, Decide
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import action
from .domain.action import Action, AgreeAction, JoinAction, ProgressAction, ReviewAction
from .offered import profile_of
from .streams import ACTION_WORDS

ACTION = Aggregate("action", Action, action.evolve)


async def agree_action(command: AgreeAction, store: Store) -> Receipt:
    """Members agree on an action of the year."""
    return await agree_actions([command], store)


async def agree_actions(commands: Sequence[AgreeAction], store: Store) -> Receipt:
    """Several at once, such as those that go on from the year before: all of them or none."""
    network = store.origin.network
    profile = profile_of(network)
    decides: dict[str, Decide] = {}
    beside: list[Put] = []
    for one in commands:
        _check(one, profile)
        name = one.action or new_id("action")
        decides[name] = partial(_agree, whole=one)
        said = {"network": network, "title": one.title, "text": one.text}
        beside.append(Put(ACTION_WORDS, name, said))
    return await store.execute_all(commands[0], decides, beside)


def _agree(state: Action, command: AgreeAction, *, whole: AgreeAction) -> list[Any]:
    return action.agree(state, whole.at(command.when))


def _check(command: AgreeAction, profile: Profile) -> None:
    if command.line not in {one.id for one in profile.lines(command.year)}:
        raise Refused("line-unknown", "Choose a line of the plan of %(year)s.", status=422, year=command.year)
    if strangers := set(command.members) - set(profile.member_codes):
        sentence = "Choose members of this network; %(member)s is none."
        raise Refused("members-unknown", sentence, status=422, member=sorted(strangers)[0])


async def progress_action(command: ProgressAction, store: Store) -> Receipt:
    return await store.execute(command.action, command, action.decide)


async def join_action(command: JoinAction, store: Store) -> Receipt:
    """A member joins later; from three on the action is multilateral."""
    if command.member not in profile_of(store.origin.network).member_codes:
        sentence = "Choose a member of this network; %(member)s is none."
        raise Refused("member-unknown", sentence, status=422, member=command.member)
    return await store.execute(command.action, command, action.decide)


async def review_action(command: ReviewAction, store: Store) -> Receipt:
    """What the annual meeting says of it; the last review counts."""
    command = command.model_copy(update={"words": new_id("words") if command.said else ""})
    beside = []
    if command.words:
        said = {"network": store.origin.network, "about": command.action, "said": command.said}
        beside.append(Put(ACTION_WORDS, command.words, said))
    return await store.execute(command.action, command, action.decide, beside)


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action as its readers see it."""

    id: str
    network: str
    state: Action
    title: str
    text: str
    review: str
    version: int = 0


async def prepare(db: Database) -> None:
    await db[ACTION_WORDS].create_index([("network", 1)])


async def actions(db: Database, network: str, year: int | None) -> list[Agreed]:
    """Of a year, or of all of them."""
    query: dict[str, Any] = {"network": network, "aggregate": "action"}
    query |= {"state.year": year} if year is not None else {}
    return await _agreed(db, await db.streams.find(query).sort("_id", 1).to_list(1_000))


async def one_action(db: Database, network: str, name: str) -> Agreed | None:
    row = await db.streams.find_one({"_id": name, "network": network, "aggregate": "action"})
    return (await _agreed(db, [row]))[0] if row else None


async def _agreed(db: Database, rows: Iterable[Mapping[str, Any]]) -> list[Agreed]:
    states = {row["_id"]: (row["network"], ACTION.load(row["state"]), row["version"]) for row in rows}
    ids = [*states, *(state.words for _network, state, _version in states.values() if state.words)]
    said = {one["_id"]: one async for one in db[ACTION_WORDS].find({"_id": {"$in": ids}})}
    return [
        Agreed(
            id,
            network,
            state,
            str(said.get(id, {}).get("title", "")),
            str(said.get(id, {}).get("text", "")),
            str(said.get(state.words or "", {}).get("said", "")),
            version,
        )
        for id, (network, state, version) in states.items()
    ]


async def going_on(db: Database, network: str, year: int, happened_at: datetime | None = None) -> list[AgreeAction]:
    """The actions of the year before that their reviews let continue, as they are to be agreed on for this year."""
    known = {one.title for one in await actions(db, network, year)}
    return [
        AgreeAction(
            year=year,
            line=one.state.line,
            title=one.title,
            text=one.text,
            lead=one.state.lead,
            members=one.state.members,
            continues=one.id,
            happened_at=happened_at,
        )
        for one in await continuing(db, network, year)
        if one.title not in known
    ]


async def continuing(db: Database, network: str, year: int) -> list[Agreed]:
    """Those of the year before that go on, as far as this year's plan has their lines."""
    lines = {line.id for line in profile_of(network).lines(year)}
    before = await actions(db, network, year - 1)
    return [one for one in before if one.state.outcome == "continues" and one.state.line in lines]


def itemised(profile: Profile, year: int, taken: Iterable[str]) -> list[BilateralActivity]:
    """The rows of the network's own document for the year, and those to which it gives none, as far as not taken."""
    known = set(taken)
    rows = [one for one in profile.bilateral if one.id not in known]
    return [one for one in rows if one.start is None or one.start.year == year]


def counted_once(rows: Sequence[BilateralActivity]) -> int:
    """Rows that are one day or one place of the same listed action count once."""
    return len({one.part_of or one.id for one in rows})
