"""A service's letters: which event writes to whom, what each letter says when it is sent, and who its groups are."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Event
from shared.mongo import Database
from shared.people.mailing import Addressee
from shared.settings import Settings
from shared.spine.draft import Appended, Once

from .letter import EACH, OUTBOX, Letter, document, letter_id

MOST_SINGLE = 50


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it is written, with the others of its command."""

    id: str
    stream: str
    event: Any
    network: str
    together: tuple[Event, ...] = ()

    def with_a(self, *kinds: type[Event]) -> bool:
        """Whether the same command brought an event of one of these kinds too."""
        return any(isinstance(one, kinds) for one in self.together)


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter about to be written."""

    db: Database
    settings: Settings
    letter: Letter
    person: Addressee

    @property
    def network(self) -> str:
        return self.letter.network

    @property
    def data(self) -> Mapping[str, Any]:
        return self.letter.data


Write = Callable[[Happened], Iterable[Once]]
"""The letters that an event writes; each by `letter(...)`. Pure: who and what is looked up when they are sent."""

Tell = Callable[[Telling], Awaitable[dict[str, Any] | None]]
"""What the template is given: `link` is a path of this installation, `calendar` an `Entry`, `about` the path of what
the letter is about for who looks after it. None where there is nothing to say any more."""

Group = Callable[[Database, Letter], Awaitable[Mapping[str, Mapping[str, Any]]]]
"""The persons of a group, each with what their letter's data has beyond the group's; one of a kind with the same
`once` is written once, however many groups it comes from. `only` in the group's data is not passed on to them."""


class Correspondence:
    """One visible table: event -> letters, kind -> what it says, group -> its persons."""

    def __init__(self) -> None:
        self.writers: dict[type[Event], list[Write]] = defaultdict(list)
        self.tellers: dict[str, Tell] = {}
        self.groups: dict[str, Group] = {}

    def on(self, event: type[Event], write: Write) -> None:
        self.writers[event].append(write)

    def tell(self, kind: str, tell: Tell) -> None:
        """A kind that is not told gets the letter's data as it is."""
        self.tellers[kind] = tell

    def group(self, name: str, group: Group) -> None:
        """The word before `@` in `to`; a role means its holders already."""
        self.groups[name] = group

    def written(self, appended: Sequence[Appended], network: str) -> list[Once]:
        """The letters of one command. Many of a kind are one document, which the worker takes apart."""
        if not self.writers:
            return []
        together = tuple(one.event for one in appended)
        letters = [
            made
            for one in appended
            for write in self.writers.get(type(one.event), ())
            for made in write(Happened(one.id, one.stream, one.event, network, together))
        ]
        return letters if len(letters) <= MOST_SINGLE else _bundled(letters, network)


def _bundled(letters: Iterable[Once], network: str) -> list[Once]:
    by_kind: dict[str, list[Once]] = defaultdict(list)
    for one in letters:
        by_kind[one.document["kind"]].append(one)
    return [
        Once(
            OUTBOX,
            letter_id(kind, EACH, several[0].id),
            document(kind, EACH, network, {"each": [[one.document["to"], one.document["data"]] for one in several]}),
            current=True,
        )
        for kind, several in by_kind.items()
    ]
