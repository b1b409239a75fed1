"""The engine: compiled measures do what their functions say, and nothing depends on how the log was cut."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kpi.engine.cells import CELLS_A_BLOCK, Partition, as_stored, cells_of, sums_of
from services.kpi.engine.compiling import compile_all
from services.kpi.engine.decoding import struct_of
from services.kpi.engine.figures import Cells, Scope
from services.kpi.engine.measures import BEFORE_DIMENSIONS, MEASURES, Deltas, Measure
from services.kpi.engine.merging import Merged
from services.kpi.engine.reading import Span
from services.kpi.indicators import INDICATORS
from shared.contracts.base import EVENTS as TYPES
from shared.contracts.events import ActivityHeld, AttendanceRecorded, FeedbackGiven, RegistrationConfirmed
from tests.support.kpi import ACTIVITY, ELA, EVENTS, READER, Log, logs, merged_of, partition_of, value_of

HEADERS = dict(Log().say(FeedbackGiven(activity="a", relevance=5, added_value=4)).messages[0].headers)


def confirmed(person: str = "p1", member: str = "BG") -> RegistrationConfirmed:
    return RegistrationConfirmed(registration="r", person=person, member=member, kind="posting-360")


def written(state: Partition) -> list[dict]:
    return [as_stored(document) for document in state.documents("test")]


@settings(deadline=None)
@given(EVENTS, st.sampled_from(["2024-03-31", "2024-10-15"]))
def test_the_compiled_function_counts_what_the_measures_yield(event, day):
    said: Counter = Counter()
    for measure in MEASURES.values():
        if type(event) in measure.events:
            for dimensions, delta, happened in measure.deltas(event, stream="s", network="ela", day=day):
                said[measure.name, "ela", happened, "2024-10-16", *dimensions] += delta
    log = Log().say(event, "s", day=day, recorded="2024-10-16")
    folded = READER.fold(log.messages)
    assert not folded.poison
    counted = Counter(
        {
            (measure.name, *cell): delta
            for measure, sums in zip(READER.measures, folded.sums, strict=True)
            for cell, delta in sums.items()
        }
    )
    assert {key: value for key, value in counted.items() if value} == {
        key: value for key, value in said.items() if value
    }


def test_decoders_hold_to_the_contracts():
    for taker in READER.takers.values():
        struct = struct_of(taker.compiled.event, taker.compiled.fields)
        model = TYPES[taker.compiled.event.type]
        assert set(struct.__struct_fields__) <= set(model.model_fields)


@settings(deadline=None)
@given(logs(), st.data())
def test_any_cut_into_batches_gives_the_same_cells(log, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log.messages)), max_size=6)))
    edges = [0, *cuts, len(log.messages)]
    batches = [log.messages[first:end] for first, end in pairwise(edges)]
    assert list_of(partition_of(log, batches)) == list_of(partition_of(log))
    assert partition_of(log, batches).spans == partition_of(log).spans


@settings(deadline=None)
@given(logs(), st.data())
def test_flushed_loaded_and_gone_on_with_is_the_same_as_never_stopped(log, data):
    cut = data.draw(st.integers(0, len(log.messages)))
    place = TopicPartition("liaison.events", 0)
    before = Partition(place, READER.measures)
    stored: dict[str, dict] = {}
    for batch in (log.messages[: cut // 2], log.messages[cut // 2 : cut]):
        if batch:
            before.add(READER.fold(batch, before.recorded), batch[-1].offset + 1)
            stored |= {one["_id"]: one for one in written(before)}
            before.flushed()
    after = Partition(place, READER.measures, before.stored)
    after.load(stored.values())
    if rest := log.messages[cut:]:
        after.add(READER.fold(rest, after.recorded), rest[-1].offset + 1)
    assert list_of(after) == list_of(partition_of(log))
    assert after.spans == partition_of(log).spans


@settings(deadline=None)
@given(logs(), st.integers(1, 4), st.randoms())
def test_partitions_merge_in_any_order_and_as_often_as_wanted(log, count, random):
    parts: list[Log] = [Log() for _ in range(count)]
    for number, (envelope, event) in enumerate(log.said):
        days = {"day": envelope.happened_on, "recorded": envelope.recorded_on}
        parts[number % count].say(event, envelope.subject, network=envelope.network, **days)
    states = [partition_of(part, place=TopicPartition("t", number)) for number, part in enumerate(parts)]
    documents = [document for state in states for document in written(state)]
    merged = Merged(READER.measures)
    random.shuffle(documents)
    merged.put(documents)
    merged.put(documents[: len(documents) // 2])
    together = sums_of(READER.measures, states)
    for name, measure in MEASURES.items():
        expected: dict = {}
        for cell, value in together[name].items():
            if cell[0] == "ela":
                key = cell[BEFORE_DIMENSIONS:]
                expected[key] = expected.get(key, 0) + value
        assert merged.ever("ela", measure.name) == {key: value for key, value in expected.items() if value}


@settings(deadline=None)
@given(logs(), st.data())
def test_sums_kept_up_while_cells_move_are_what_all_cells_add_up_to(log, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log.messages)), max_size=6)))
    state, merged = Partition(TopicPartition("liaison.events", 0), READER.measures), Merged(READER.measures)
    kept = Cells(merged, Scope("ela", 2024), ELA)
    for first, end in pairwise([0, *cuts, len(log.messages)]):
        if batch := log.messages[first:end]:
            state.add(READER.fold(batch, state.recorded), batch[-1].offset + 1)
            merged.put(written(state))
            state.flushed()
        for id in INDICATORS:
            value_of(id, kept)
    added_up = replace(kept, scope=replace(kept.scope, known="2099-12-31"))
    assert {id: value_of(id, kept) for id in INDICATORS} == {id: value_of(id, added_up) for id in INDICATORS}


def test_an_older_block_does_not_take_the_place_of_a_newer_one():
    log = Log().say(confirmed())
    state = partition_of(log)
    older = written(state)
    state.flushed()
    log.say(confirmed("p2"))
    state.add(READER.fold(log.messages[1:], state.recorded), 2)
    merged = Merged(READER.measures)
    merged.put(written(state))
    merged.put(older)
    assert sum(merged.sums("ela", "registrations", 2024).values()) == 2


def test_what_comes_to_zero_is_gone():
    log = Log().say(AttendanceRecorded(activity="a", registration="r", person="p", member="BG", present=True))
    take_back = AttendanceRecorded(
        activity="a", registration="r", person="p", member="BG", present=False,
        previously_present=True, previously_on="2024-10-15",
    )  # fmt: skip
    merged = merged_of(partition_of(log.say(take_back)))
    assert merged.ever("ela", "participations") == {}
    assert merged.sums("ela", "persons", 2024) == {}


def test_a_block_holds_about_a_hundred_cells():
    log = Log()
    for number in range(2 * CELLS_A_BLOCK + 1):
        log.say(AttendanceRecorded(activity=f"a{number}", registration="r", person="p", member="BG", present=True))
    blocks = [one for one in written(partition_of(log)) if one.get("measure") == "participations.1"]
    assert sorted(len(cells_of(one)) for one in blocks) == [1, CELLS_A_BLOCK, CELLS_A_BLOCK]
    assert {one["_id"] for one in blocks} == {f"liaison.events/0/participations.1/2024-10/{n}" for n in range(3)}


def test_only_what_changed_is_written_again():
    log = Log().say(confirmed(), day="2024-09-01")
    state = partition_of(log)
    state.flushed()
    log.say(confirmed(), day="2024-10-01", recorded="2024-10-02")
    state.add(READER.fold(log.messages[1:], state.recorded), 2)
    assert [one["_id"] for one in written(state) if one["kind"] == "cells"] == [
        "liaison.events/0/registrations.1/2024-10/0"
    ]


def test_recorded_days_only_rise_and_know_their_offsets():
    log = Log()
    for recorded in ("2024-01-01", "2024-01-03", "2024-01-02", "2024-01-04"):
        log.say(confirmed(), recorded=recorded)
    state = partition_of(log)
    assert state.spans == {"2024-01-01": Span(0, 1), "2024-01-03": Span(1, 3), "2024-01-04": Span(3, 4)}
    assert {cell[2] for _, cell, _ in state.cells()} == set(state.spans)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (b"not json", {}),
        (None, {}),
        (b'{"activity": "a", "relevance": 9, "added_value": 1}', {}),
        (b'{"activity": "a", "relevance": "very", "added_value": 1}', {}),
        (b'{"activity": "a"}', {}),
        (b'{"relevance": 5, "added_value": 5}', {"ce_type": None}),
        (b'{"relevance": 5, "added_value": 5}', {"ce_network": b""}),
        (b'{"relevance": 5, "added_value": 5}', {"ce_time": b"soon"}),
        (b'{"relevance": 5, "added_value": 5}', {"ce_recordedtime": b"2024-13-40T"}),
    ],
)
def test_a_message_that_cannot_be_read_is_named_and_the_others_count(value, changes):
    log = Log().say(confirmed())
    headers = {name: content for name, content in (HEADERS | changes).items() if content is not None}
    log.add(value, list(headers.items()))
    log.say(confirmed("p2"))
    folded = READER.fold(log.messages)
    assert [record.offset for record, _ in folded.poison] == [1]
    assert sum(folded.sums[place_of("registrations")].values()) == 2


def test_an_event_whose_function_raises_leaves_nothing_behind():
    log = Log().say(confirmed())
    log.say(ActivityHeld(kind="posting-360", quarter="soon", held_on="2024-10-01"))
    log.say(confirmed("p2"))
    folded = READER.fold(log.messages)
    assert [record.offset for record, _ in folded.poison] == [1]
    assert sum(folded.sums[place_of("registrations")].values()) == 2
    assert not folded.sums[place_of("held")]


def test_unknown_types_are_passed_over():
    log = Log().say(confirmed())
    log.add(b"anything", list((HEADERS | {"ce_type": b"liaison.events.party.thrown.v1"}).items()))
    folded = READER.fold(log.messages)
    assert not folded.poison
    assert folded.spans == {"2024-10-15": Span(0, 2)}


def test_an_anonymous_event_has_no_id_to_follow():
    log = Log().say(FeedbackGiven(activity="a", relevance=5, added_value=4)).say(confirmed())
    assert READER.ids(log.messages) == [("ela", "activity-1@1")]


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda: _returns, "Return has no place"),
        (lambda: _too_few, "2 dimensions are to be given"),
        (lambda: _strange, "not moon"),
    ],
)
def test_a_measure_that_is_more_than_a_measure_is_refused(function, sentence):
    with pytest.raises(TypeError, match=sentence):
        compile_all([Measure("wrong", ("a", "b"), function())])


def _returns(event: FeedbackGiven) -> Deltas:
    yield (event.kind, event.line), 1
    return None


def _too_few(event: FeedbackGiven) -> Deltas:
    yield (event.kind,), 1


def _strange(event: FeedbackGiven, moon: str) -> Deltas:
    yield (event.kind, moon), 1


def place_of(measure: str) -> int:
    return next(place for place, one in enumerate(READER.measures) if one.name == measure)


def list_of(state: Partition) -> dict:
    return {(name, cell): value for name, cell, value in state.cells()}


def test_a_message_recorded_in_the_future_moves_no_day_and_is_kept_as_unreadable():
    held = ActivityHeld(**ACTIVITY, held_on="2024-10-15")
    log = Log().say(held).say(held, recorded="2999-01-01").say(held)
    folded = READER.fold(log.messages)
    assert [record.offset for record, _ in folded.poison] == [1]
    assert "ahead of the clock" in str(folded.poison[0][1])
    assert (folded.recorded, set(folded.spans)) == ("2024-10-15", {"2024-10-15"})


def test_the_clock_of_others_may_be_a_little_ahead():
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    folded = READER.fold(Log().say(ActivityHeld(**ACTIVITY, held_on="2024-10-15"), recorded=tomorrow).messages)
    assert (folded.recorded, folded.poison) == (tomorrow, [])
