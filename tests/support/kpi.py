"""Messages for the indicators' tests, as they would stand on the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from services.kpi.engine.cells import Partition, as_stored
from services.kpi.engine.figures import Cells, Scope
from services.kpi.engine.merging import Merged
from services.kpi.engine.reading import Reader
from services.kpi.indicators import INDICATORS, MEASURES
from shared.contracts import events, matching, requests
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope, headers_of
from shared.profiles import load

READER = Reader(list(MEASURES.values()))
ELA = load("ela")
ACTIVITY = {"kind": "posting-360", "pillar": "cooperation", "line": "posting-360"}
MEMBER_CODES = ("BG", "PT", "FR", "LU")


@dataclass
class Message:
    """What the reader reads of a Kafka record."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    topic: str = "liaison.events"
    partition: int = 0
    key: bytes | None = b"stream"
    timestamp: int = 0


@dataclass
class Log:
    """One partition in the making; `day` is when what is said next happens and is recorded."""

    day: str = "2024-10-15"
    network: str = "ela"
    said: list[tuple[Envelope, Event]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def say(self, event: Event, stream: str = "activity-1", **changes: str) -> "Log":
        day = changes.get("day", self.day)
        moment = f"{day}T10:00:00.000Z"
        recorded = f"{changes.get('recorded', day)}T10:00:01.000Z"
        stored = {
            "_id": f"{stream}@{len(self.messages)}",
            "stream": stream,
            "source": "/events",
            "type": event.type,
            "time": moment,
            "recordedtime": recorded,
            "network": changes.get("network", self.network),
            "actor": "someone",
        }
        headers = headers_of(stored)
        names = ("source", "type", "time", "recordedtime", "network", "actor")
        self.said.append((Envelope(id=stored["_id"], subject=stream, **{name: stored[name] for name in names}), event))
        self.add(event.model_dump_json().encode(), headers)
        return self

    def add(self, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> None:
        self.messages.append(Message(len(self.messages), value, headers))


def partition_of(log: Log, batches: Iterable[Sequence[Message]] | None = None, place: Any = None) -> Partition:
    """The log worked, in one batch or in those given."""
    from aiokafka import TopicPartition

    state = Partition(place or TopicPartition("liaison.events", 0), READER.measures)
    for batch in batches or [log.messages]:
        if batch:
            state.add(READER.fold(batch, state.recorded), batch[-1].offset + 1)
    return state


def merged_of(*partitions: Partition) -> Merged:
    merged = Merged(READER.measures)
    for one in partitions:
        merged.put([as_stored(document) for document in one.documents("test")])
    return merged


def cells_of(*logs: Log, year: int = 2024, **scope: str) -> Cells:
    from aiokafka import TopicPartition

    parts = [partition_of(log, place=TopicPartition("liaison.events", number)) for number, log in enumerate(logs)]
    return Cells(merged_of(*parts), Scope("ela", year, **scope), ELA)


def value_of(indicator: str, cells: Cells) -> Any:
    return INDICATORS[indicator].formula(cells.profile)(cells)


# Anything that may be said, for hypothesis

DAYS = st.sampled_from(["2023-12-20", "2024-01-03", "2024-03-31", "2024-04-01", "2024-10-15"])
MEMBERS = st.sampled_from(MEMBER_CODES)
ACTIVITIES = st.sampled_from([f"activity-{number}" for number in range(4)])
KINDS = st.sampled_from(["national-event", "mediation-training", "posting-360"])
MODES = st.sampled_from(["on-site", "online"])
PERSONS = st.sampled_from(["p1", "p2", "p3"])
_ACTIVITY = {"kind": KINDS, "pillar": st.just("cooperation"), "line": st.just("posting-360"), "member": MEMBERS}
_PLAN = {**_ACTIVITY, "year": st.just(2024), "activity": ACTIVITIES, "quarter": st.sampled_from(["2024-Q1", "2024-Q4"])}
_PERSON = {"registration": st.just("r"), "person": PERSONS, "member": MEMBERS, "mode": MODES, "kind": KINDS}
_EXCHANGE = {
    "call": st.just("c"),
    "sender": MEMBERS,
    "host": MEMBERS,
    "focus": st.just("information"),
    "week": st.sampled_from(["2024-W02", "2024-W38"]),
}

EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(requests.ActivityPlanned, **_PLAN),
    st.builds(requests.ActivityUnplanned, **_PLAN, planned_on=DAYS),
    st.builds(requests.RequestSubmitted, kind=KINDS, member=MEMBERS, plan=st.just("plan")),
    st.builds(requests.RequestDeclined, kind=KINDS, member=MEMBERS),
    st.builds(requests.RequestFulfilled, kind=KINDS, member=MEMBERS, activity=ACTIVITIES),
    st.builds(
        events.ActivityHeld, **_ACTIVITY, planned=st.booleans(), held_on=DAYS, quarter=st.sampled_from(["", "2024-Q1"])
    ),
    st.builds(events.ActivityCancelled, **_ACTIVITY, invited=st.tuples(MEMBERS), invited_on=DAYS),
    st.builds(events.RegistrationOpened, **_ACTIVITY, invited=st.tuples(MEMBERS, MEMBERS)),
    st.builds(events.RegistrationConfirmed, **_PERSON, from_waitlist=st.booleans(), waitlisted_on=DAYS),
    st.builds(events.RegistrationWaitlisted, **_PERSON, position=st.just(1)),
    st.builds(
        events.RegistrationCancelled,
        **_PERSON,
        previously=st.sampled_from(["confirmed", "waitlisted"]),
        previously_on=DAYS,
    ),
    st.builds(
        events.AttendanceRecorded,
        **_PERSON,
        activity=ACTIVITIES,
        present=st.booleans(),
        previously_present=st.booleans(),
        previously_on=DAYS,
    ),
    st.builds(
        events.AttendanceTakenBack, **_PERSON, activity=ACTIVITIES, previously_present=st.booleans(), previously_on=DAYS
    ),
    st.builds(events.RegistrationRestored, **_PERSON, on=DAYS, cancelled_on=DAYS),
    st.builds(
        requests.RequestReopened,
        kind=KINDS,
        member=MEMBERS,
        status=st.just("submitted"),
        previously=st.just("planned"),
        plan=st.just("plan"),
        year=st.just(2024),
        taken_back=st.lists(st.tuples(st.sampled_from(["planned", "deferred"]), DAYS), max_size=2).map(tuple),
    ),
    st.builds(
        requests.ActivityMoved,
        **_PLAN,
        previous_line=st.just("other"),
        previous_pillar=st.just("cooperation"),
        previous_quarter=st.sampled_from(["2024-Q1", "2024-Q2"]),
        previous_member=MEMBERS,
        planned_on=DAYS,
    ),
    st.builds(events.FeedbackGiven, activity=ACTIVITIES, relevance=st.integers(1, 5), added_value=st.integers(1, 5)),
    st.builds(events.SurveyOpened, activity=ACTIVITIES, tokens=st.integers(1, 9)),
    st.builds(matching.ExchangeAgreed, **_EXCHANGE),
    st.builds(matching.ExchangeHeld, **_EXCHANGE, activity=ACTIVITIES),
    st.builds(matching.ExchangeCancelled, **_EXCHANGE, agreed_on=DAYS),
)


@st.composite
def logs(draw: Any, most: int = 40) -> Log:
    log = Log()
    for event in draw(st.lists(EVENTS, max_size=most)):
        stream = draw(st.sampled_from([f"activity-{number}" for number in range(4)]))
        log.say(event, stream, day=draw(DAYS), recorded=draw(DAYS), network=draw(st.sampled_from(["ela", "eures"])))
    return log
