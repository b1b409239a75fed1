"""What may be asked for: the rules of a kind of request, and what an asker must mend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.requests.commands import Wish
from shared.contracts.refused import Refused


class Problem(NamedTuple):
    field: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request as its network offers it, with the words that its fields may hold (id -> title)."""

    id: str
    title: str
    activity_kind: str
    pillar: str = ""
    """That of the activity's kind; a plan line's own goes before it."""
    line: str | None = None
    takes: tuple[str, ...] = ()
    offered: bool = True
    not_offered_reason: str = ""
    to_call: bool = False
    required: tuple[str, ...] = ()
    requesters: Mapping[str, str] = field(default_factory=dict)
    """Who may ask for it and is no member -> what they are: unit, social-partner, network."""
    cap: int | None = None
    """How many of them a year's plan takes."""
    untrained: Mapping[str, str] = field(default_factory=dict)
    """Groups that this kind would train and the strategy does not, each with its reason."""
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a field of choices takes; a field without an entry is free."""


_SEVERAL = {"target_groups": "target group", "members": "member"}
_ONE = {
    "topic": "topic",
    "language": "language",
    "mode": "mode",
    "focus_area": "focus area",
    "host_member": "member",
    "duration": "duration",
    "level": "level",
    "network": "network",
    "owner": "unit or member",
}


def problems(kind: Kind, wish: Wish, member: str, *, call_open: bool = False) -> Iterator[Problem]:
    """Everything that keeps the request from being sent, in the order of the form.

    With an open call an exchange is asked for there; without one it waits here for the next.
    """
    if not kind.offered:
        yield Problem("kind", "kind-not-offered", kind.not_offered_reason or f"{kind.title} is not offered.")
    if kind.to_call and call_open:
        yield Problem(
            "kind",
            "ask-in-the-call",
            f"{kind.title}: ask for it in the open call, where it is matched with a host. See Exchanges.",
        )
    if member not in kind.choices.get("member", {}):
        yield Problem("member", "member-unknown", "Choose a member of this network.")
    for name in kind.required:
        if not getattr(wish, name):
            yield Problem(name, "answer-missing", "Fill this in.")
    if refused := _not_trained(kind, wish):
        yield refused
    for name, noun in _ONE.items():
        value = getattr(wish, name)
        if value is not None and name in kind.choices and value not in kind.choices[name]:
            yield Problem(name, f"{name.replace('_', '-')}-unknown", f"Choose a {noun} of the list; {value} is none.")
    for name, noun in _SEVERAL.items():
        if unknown := [one for one in getattr(wish, name) if one not in kind.choices.get(name, {})]:
            sentence = f"Choose each {noun} from the list; {', '.join(unknown)} is not on it."
            yield Problem(name, f"{name.replace('_', '-')}-unknown", sentence)


def _not_trained(kind: Kind, wish: Wish) -> Problem | None:
    """Groups that are reached by information only (strategy, 4.1 f) cannot be all that a training is for."""
    groups = wish.target_groups
    if groups and all(group in kind.untrained for group in groups):
        return Problem("target_groups", "group-not-trained", kind.untrained[groups[0]])
    return None


def check(kind: Kind, wish: Wish, member: str, *, call_open: bool = False) -> None:
    """Refuse with the first problem."""
    for problem in problems(kind, wish, member, call_open=call_open):
        raise Refused(problem.code, problem.sentence, status=422)
