"""What must come out: an account kept from answers alone, which knows nothing of how indicators are counted.

It takes answers in any order: what is told twice, or late, changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Said = Mapping[str, Any]
"""The body of an answer."""

FATES = ("withdrawn", "fulfilled", "planned", "declined", "deferred", "submitted")
"""What became of a request: the first of these that was ever said of it."""


@dataclass
class Account:
    """Everything that the services said yes to, in one network; the figures are those of `year`."""

    year: int = 0
    requests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What was said of each request."""
    askers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Member and kind of each request."""
    sent_in: dict[str, int] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    """Activities of the plan, each with the plan's year."""
    invited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    held: dict[str, Said] = field(default_factory=dict)
    placed: dict[str, Said] = field(default_factory=dict)
    """Every registration, as it was first told of."""
    had_place: set[str] = field(default_factory=set)
    waited: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    present: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """By registration: its activity, and whether the person was there, as told last."""
    marks: list[tuple[str, int, int]] = field(default_factory=list)
    """Kind of activity, relevance, added value."""
    agreed: dict[str, str] = field(default_factory=dict)
    """Exchanges agreed, each with its week."""
    exchanged: set[str] = field(default_factory=set)

    # What is told of

    def request(self, told: Said) -> None:
        """A request was sent or decided on."""
        name = told["id"]
        self.requests[name].add(told["status"])
        self.askers[name] = (told["member"], told["kind"])
        self.sent_in[name] = int(told["submitted_on"][:4])
        if told["status"] == "planned":
            self.planned[told["activity"]] = int(told["quarter"][:4])

    def planned_by_the_network(self, told: Said) -> None:
        self.planned[told["activity"]] = told["year"]

    def opened(self, told: Said) -> None:
        """Registration for an activity was opened."""
        self.invited[told["id"]] |= set(told["invited"])

    def registered(self, told: Said) -> None:
        self._placed(told["registrations"])

    def cancelled(self, told: Said) -> None:
        """A place was given back; who waited may have got it."""
        self.gone.add(told["registration"])
        self._placed(told["confirmed"])

    def _placed(self, places: Iterable[Said]) -> None:
        for place in places:
            name = place["registration"]
            self.placed.setdefault(name, place)
            (self.had_place if place["status"] == "confirmed" else self.waited).add(name)

    def attended(self, activity: str, told: Mapping[str, bool]) -> None:
        """Attendance was recorded. For one registration, these come in the order in which they were answered."""
        for registration, present in told.items():
            self.present[registration] = (activity, present)

    def activity_held(self, told: Said) -> None:
        self.held[told["id"]] = told
        if told["request"]:
            self.requests[told["request"]].add("fulfilled")
        if told["exchange"]:
            self.exchanged.add(told["exchange"])

    def feedback(self, kind: str, relevance: int, added_value: int) -> None:
        self.marks.append((kind, relevance, added_value))

    def exchange(self, told: Said) -> None:
        """One side of an exchange accepted."""
        if told["status"] in ("agreed", "held"):
            self.agreed[told["id"]] = told["week"]

    # What must come of it

    @property
    def confirmed(self) -> set[str]:
        return self.had_place - self.gone

    @property
    def waiting(self) -> set[str]:
        return self.waited - self.had_place - self.gone

    @property
    def came(self) -> set[str]:
        """Registrations whose persons were present."""
        return {name for name, (_, present) in self.present.items() if present}

    def held_in_year(self) -> dict[str, Said]:
        return {name: one for name, one in self.held.items() if self._year_of(one) == self.year}

    def _year_of(self, one: Said) -> int:
        return int((one["quarter"] or one["held_on"])[:4])

    def invitations(self) -> set[tuple[str, str]]:
        """Activity held in the year, and member invited to it."""
        return {(name, member) for name in self.held_in_year() for member in self.invited[name]}

    def participations(self) -> set[tuple[str, str]]:
        return {(self.present[name][0], self.placed[name]["member"]) for name in self.came}

    def by_member(self, registrations: Iterable[str]) -> Counter[str]:
        return Counter(self.placed[name]["member"] for name in registrations)

    def persons(self) -> set[str]:
        return {self.placed[name]["person"] for name in self.came}

    def national_events(self) -> set[str]:
        held = self.held_in_year().values()
        return {one["member"] for one in held if one["kind"] == "national-event" and one["member"]}

    def fates(self) -> Counter[str]:
        sent = (said for name, said in self.requests.items() if self.sent_in[name] == self.year)
        return Counter(next(fate for fate in FATES if fate in said) for said in sent)

    def activities_in_plan(self) -> int:
        return sum(year == self.year for year in self.planned.values())

    def activities_completed(self) -> int:
        return sum(bool(one["planned"]) for one in self.held_in_year().values())

    def exchanges_agreed(self) -> int:
        return sum(int(week[:4]) == self.year for week in self.agreed.values())

    def exchanges_held(self) -> int:
        return sum(int(self.agreed[one][:4]) == self.year for one in self.exchanged)

    def counts(self) -> dict[str, Any]:
        """The raw numbers, for people and logs."""
        fates, invitations = self.fates(), self.invitations()
        return {
            "requests": fates.total(),
            "requests_by_fate": {fate: fates[fate] for fate in FATES if fates[fate]},
            "planned": self.activities_in_plan(),
            "completed": self.activities_completed(),
            "held": len(self.held_in_year()),
            "registrations": len(self.confirmed),
            "waiting": len(self.waiting),
            "cancelled": len(self.gone),
            "promoted": len(self.waited & self.had_place),
            "participations": len(self.came),
            "persons": len(self.persons()),
            "invitations": len(invitations),
            "invitations_taken_up": len(invitations & self.participations()),
            "feedback": len(self.marks),
            "relevance_sum": sum(one for _, one, _ in self.marks),
            "added_value_sum": sum(one for _, _, one in self.marks),
            "exchanges_agreed": self.exchanges_agreed(),
            "exchanges_held": self.exchanges_held(),
            "national_events": sorted(self.national_events()),
            "registrations_by_member": dict(sorted(self.by_member(self.confirmed).items())),
            "participations_by_member": dict(sorted(self.by_member(self.came).items())),
        }
