"""The figures counted a second time, another way: from the stores' events, one after the other, with plain sets.

It shares neither measures nor formulas nor cells with the engine, so that a mistake in one does not hide in both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.contracts import events as e
from shared.contracts import matching as m
from shared.contracts import requests as r
from shared.contracts.base import Event, parse_event
from shared.contracts.envelope import NAMES, Envelope
from shared.contracts.vocabulary import Quarter
from shared.profiles import Profile, load

Number = float | int | None
FATES = {
    r.RequestPlanned: "planned",
    r.RequestDeferred: "deferred",
    r.RequestDeclined: "declined",
    r.RequestWithdrawn: "withdrawn",
    r.RequestFulfilled: "fulfilled",
    r.RequestMerged: "merged",
    r.RequestAcceptedForCall: "accepted",
}


@dataclass
class Story:
    """All that was said in one network. Days are ISO dates, years whole numbers."""

    planned: dict[str, int] = field(default_factory=dict)
    held: dict[str, tuple[int, e.ActivityHeld]] = field(default_factory=dict)
    invited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    places: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    present: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    marks: list[tuple[str, int, int]] = field(default_factory=list)
    agreed: dict[str, int] = field(default_factory=dict)
    exchanged: dict[str, int] = field(default_factory=dict)
    submitted: dict[str, str] = field(default_factory=dict)
    decided: Counter[str] = field(default_factory=Counter)
    """How many decisions on a request stand."""
    said: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Fate and day of each decision on a request that stands."""
    asked: dict[str, str] = field(default_factory=dict)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)
    given_back: dict[tuple[str, str], str] = field(default_factory=dict)
    joined: dict[tuple[str, str], str] = field(default_factory=dict)
    placed: dict[tuple[str, str], str] = field(default_factory=dict)
    adopted: dict[int, set[str]] = field(default_factory=dict)
    """The activities of each year's first baseline."""
    trained: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def hear(self, envelope: Envelope, event: Event) -> None:
        stream, day = envelope.subject, envelope.happened_on
        match event:
            case r.ActivityPlanned():
                self.planned[event.activity] = event.year
            case r.ActivityUnplanned():
                self.planned.pop(event.activity, None)
            case r.RequestSubmitted():
                self.submitted[stream] = day
            case _ if type(event) in FATES:
                self.decided[stream] += 1
                self.said[stream].append((FATES[type(event)], day))
            case r.RequestReopened():
                self.decided[stream] -= len(event.taken_back)
                for fate, on in event.taken_back:
                    self.said[stream].remove((fate, on or day))
            case r.RequestQuestioned():
                self.asked.setdefault(stream, day)
                self.asked[stream] = min(self.asked[stream], day)
            case r.PlanAdopted() if event.baseline == 1:
                self.adopted[event.year] = {row[0] for row in event.frozen}
            case m.ExchangeAgreed():
                self.agreed[stream] = int(event.week[:4])
            case m.ExchangeCancelled():
                self.agreed.pop(stream, None)
            case m.ExchangeHeld():
                self.exchanged[stream] = int(event.week[:4])
            case e.ActivityHeld():
                quarter = Quarter.parse(event.quarter) if event.quarter else Quarter.of(event.held_on)
                self.held[stream] = (quarter.year, event)
            case e.RegistrationOpened():
                self.invited[stream] |= set(event.invited)
            case e.ActivityCancelled():
                self.invited[stream] -= set(event.invited)
            case e.FeedbackGiven():
                self.marks.append((day, event.relevance, event.added_value))
            case e.AttendanceRecorded() if event.present:
                self.absent.pop((event.activity, event.registration), None)
                if event.kind == "eu-labour-mobility-training":
                    self.trained[event.activity, event.registration] = (event.member, day)
                self.present[event.activity, event.registration] = (event.person, event.member)
                self._attended[event.activity, event.registration] = day
            case e.AttendanceRecorded() | e.AttendanceTakenBack():
                place = (event.activity, event.registration)
                for told in (self.present, self.trained, self.absent):
                    told.pop(place, None)
                if isinstance(event, e.AttendanceRecorded):
                    self.absent[place] = day
            case e.RegistrationEvent():
                self._register(stream, day, event)

    def __post_init__(self) -> None:
        self._attended: dict[tuple[str, str], str] = {}

    def _register(self, activity: str, day: str, event: e.RegistrationEvent) -> None:
        place = (activity, event.registration)
        match event:
            case e.RegistrationConfirmed():
                self.places[place] = ("confirmed", day, event.member)
                if event.from_waitlist:
                    self.placed[place] = self.joined.get(place, day)
            case e.RegistrationWaitlisted():
                self.places[place] = ("waitlisted", day, event.member)
                self.joined[place] = day
            case e.RegistrationCancelled():
                had = self.places.pop(place, None)
                if had is not None and had[0] == "confirmed":
                    self.given_back[place] = had[1]
            case e.RegistrationRestored():
                self.given_back.pop(place, None)
                self.places[place] = ("confirmed", event.on, event.member)

    def years(self) -> set[int]:
        days = [*self.submitted.values(), *self._attended.values(), *(day for day, _, _ in self.marks)]
        days += [day for _, day, _ in self.places.values()]
        named = {year for year, _ in self.held.values()} | set(self.planned.values())
        return named | set(self.agreed.values()) | set(self.exchanged.values()) | {int(day[:4]) for day in days}

    def figures(self, year: int, profile: Profile) -> dict[str, Number]:
        held = {activity: event for activity, (of, event) in self.held.items() if of == year}
        planned = {activity for activity, of in self.planned.items() if of == year}
        there = [who for place, who in self.present.items() if self._attended[place].startswith(str(year))]
        came = {(activity, member) for (activity, _), (_, member) in self.present.items()}
        invited = {(activity, member) for activity in held for member in self.invited[activity]}
        reached = {member for _, member in there}
        stakeholders = {one.id for one in profile.partners if one.stakeholder}
        readings = {
            "members-invited": _share(len(invited & came), len(invited)),
            "members-network": _share(len(reached & set(profile.member_codes)), len(profile.members)),
            "stakeholder-groups": _share(
                len(reached & (stakeholders | set(profile.member_codes))), len(stakeholders) + len(profile.members)
            ),
        }
        marks = [(relevance, added) for day, relevance, added in self.marks if day.startswith(str(year))]
        places = Counter(status for status, day, _ in self.places.values() if day.startswith(str(year)))
        submitted = {request for request, day in self.submitted.items() if day.startswith(str(year))}
        absent, back, joined, placed = (
            sum(day.startswith(str(year)) for day in days.values())
            for days in (self.absent, self.given_back, self.joined, self.placed)
        )
        trained = {member for member, day in self.trained.values() if day.startswith(str(year))}
        adopted = self.adopted.get(year, set())
        return {
            "completed-to-planned": _share(sum(event.planned for event in held.values()), len(planned)),
            "participation-rate": readings[profile.reading],
            "relevance": _mean([relevance for relevance, _ in marks]),
            "added-value": _mean([added for _, added in marks]),
            "staff-exchanges": sum(of == year for of in self.exchanged.values()),
            "exchanges-agreed": sum(of == year for of in self.agreed.values()),
            "national-events": len(
                {one.member for one in held.values() if one.kind == "national-event" and one.member}
            ),
            "activities-planned": len(planned),
            "activities-held": len(held),
            "registrations": places["confirmed"],
            "waiting": places["waitlisted"],
            "participations": len(there),
            "persons": len({person for person, _ in there}),
            "members-reached": len(reached & set(profile.member_codes)),
            "requests": len(submitted),
            "requests-decided": _share(sum(self.decided[one] > 0 for one in submitted), len(submitted)),
            "requests-covered": _share(sum(self._covered(one) for one in submitted), len(submitted)),
            "first-answer": self._first_answer(submitted),
            "no-shows": _share(absent, absent + len(there)),
            "cancelled-places": _share(back, back + places["confirmed"]),
            "waitlist-conversions": _share(placed, joined),
            "completed-to-baseline": _share(len(adopted & held.keys()), len(adopted)),
            "members-per-annual-training": len(trained & set(profile.member_codes)),
        }

    def _covered(self, request: str) -> bool:
        fates = {fate for fate, _ in self.said[request]}
        return "withdrawn" not in fates and bool(fates & {"planned", "accepted", "merged", "fulfilled"})

    def _first_answer(self, submitted: set[str]) -> int | None:
        waits = []
        for request in submitted:
            days = [day for fate, day in self.said[request] if fate not in ("withdrawn", "fulfilled")]
            days += [self.asked[request]] if request in self.asked else []
            if days:
                waited = date.fromisoformat(min(days)) - date.fromisoformat(self.submitted[request])
                waits.append(max(waited.days, 0))
        return sorted(waits)[(len(waits) - 1) // 2] if waits else None


def figures_from(events: Iterable[tuple[Envelope, Event]]) -> dict[str, dict[int, dict[str, Number]]]:
    """Every indicator's value by network and year, None where there is nothing to divide by.

    The events of one stream come in their order; between streams any order will do.
    """
    stories: dict[str, Story] = defaultdict(Story)
    for envelope, event in events:
        stories[envelope.network].hear(envelope, event)
    return {
        network: {year: story.figures(year, load(network)) for year in sorted(story.years())}
        for network, story in stories.items()
    }


def stored_events(documents: Iterable[dict[str, Any]]) -> Iterable[tuple[Envelope, Event]]:
    """Documents of a service's collection `events`, in order of stream and version, as `figures_from` takes them."""
    for one in documents:
        facts: dict[str, Any] = {name: one.get(name) for name in NAMES} | {"id": one["_id"], "subject": one["stream"]}
        yield Envelope(**facts), parse_event(one["type"], one["data"])


def differences(
    counted: dict[str, dict[int, dict[str, Number]]], shown: dict[str, dict[int, dict[str, Number]]]
) -> list[str]:
    """A sentence for each figure on which the two do not agree."""
    found = []
    for network, years in counted.items():
        for year, figures in years.items():
            other = shown.get(network, {}).get(year, {})
            for name, value in figures.items():
                if not _same(value, other.get(name)):
                    found.append(f"{network} {year} {name}: counted {value}, shown {other.get(name)}")
    return found


def _same(one: Number, other: Number) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < 1e-9


def _mean(marks: list[int]) -> float | None:
    """None also where fewer than five answered: such a figure is not shown."""
    return sum(marks) / len(marks) if len(marks) >= 5 else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
