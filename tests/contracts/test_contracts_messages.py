"""What the store writes is what the published schemas say."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from shared.contracts.base import Command, Event, parse_event
from shared.contracts.catalogue import BY_SERVICE
from shared.contracts.envelope import headers_of, received
from shared.contracts.publish.schemas import message_schema
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Draft, Work
from shared.spine.origin import Origin

EVENTS = [event for events in BY_SERVICE.values() for event in events]
SCHEMAS = {event.type: message_schema(event) for event in EVENTS}
ORIGINS = st.builds(
    Origin,
    network=st.sampled_from(["ela", "fr-it-pt-es"]),
    actor=st.none() | st.just("key-1"),
    causation=st.none() | st.just("activity-1@3"),
    correlation=st.none() | st.just("activity-1@1"),
    traceparent=st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    history=st.just(True),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))


WORDS = st.sampled_from(["", "a", "cafe\u0301 \U0001f393", "2024-10-15"])
PLAIN = {
    "boolean": st.booleans(),
    "null": st.none(),
    "number": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "string": WORDS,
}
FORMATS = {"date": "2024-10-15", "date-time": "2024-10-15T09:30:00Z"}


def instances(schema: dict, known: dict) -> st.SearchStrategy:
    """Data of a published schema, whatever its field notes say; `known` are the types that it refers to."""

    def of(part: dict) -> st.SearchStrategy:
        return instances(part, known)

    match schema:
        case {"$ref": place}:
            return of(known[place.rpartition("/")[2]])
        case {"anyOf": alternatives}:
            return st.one_of(*map(of, alternatives))
        case {"enum": values}:
            return st.sampled_from(values)
        case {"format": kind}:
            return st.just(FORMATS[kind])
        case {"type": "integer"}:
            return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31))
        case {"type": "array", "prefixItems": places}:
            return st.tuples(*map(of, places)).map(list)
        case {"type": "array"}:
            return st.lists(of(schema["items"]), max_size=3)
        case {"type": "object", "additionalProperties": values}:
            return st.dictionaries(WORDS, of(values), max_size=3)
        case {"type": "object"}:
            fields = {name: of(one) for name, one in schema["properties"].items()}
            required = {name: fields.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(required, optional=fields)
    return PLAIN[schema["type"]]


def stored(event: Event, origin: Origin, moment: datetime) -> dict:
    """The document that the store makes of it."""
    draft = Draft({"thing": Aggregate("thing", dict, lambda state, _: state)})
    command = Command(happened_at=moment)
    draft.add(Work(origin, command, {"thing-1": lambda state, command: [event]}))
    (document,) = draft.events
    return document


@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
@given(data=st.data())
def test_messages_keep_to_their_schema(event, data):
    """As written, read again, and read where a newer service added something."""
    schema = SCHEMAS[event.type]
    one = parse_event(event.type, data.draw(instances(schema["properties"]["data"], schema.get("$defs", {}))))
    document = stored(one, data.draw(ORIGINS), data.draw(MOMENTS))
    headers, fields = headers_of(document), orjson.loads(orjson.dumps(document["data"]))
    told = {"headers": {name: text.decode() for name, text in headers}, "data": fields}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(told)
    assert told["headers"].keys() <= schema["properties"]["headers"]["properties"].keys()
    assert received(headers, fields).event == one
    assert parse_event(event.type, {**fields, "unheard_of": {"of": [1]}}) == one
