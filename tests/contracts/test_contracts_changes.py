"""Which changes of a contract are found out, and which are let pass."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.contracts.publish.changes import breaks, changes
from shared.contracts.publish.operations import api_breaks
from shared.contracts.publish.published import broken, broken_events, current_events, extended

FEEDBACK = "liaison.events.feedback.given.v1"
SCHEDULED = "liaison.events.activity.scheduled.v1"
EVENTS = current_events()

FIELDS = st.sampled_from(
    [(kind, name) for kind, schema in EVENTS.items() for name in schema["properties"]["data"]["properties"]]
)


def changed(kind: str, change) -> dict:
    """The event's schema after `change` was done to its data."""
    schema = copy.deepcopy(EVENTS[kind])
    change(schema["properties"]["data"])
    return schema


def test_nothing_changed_breaks_nobody():
    for schema in EVENTS.values():
        assert breaks(schema, copy.deepcopy(schema)) == []


@given(FIELDS, st.sampled_from([{"type": "string"}, {"type": "integer", "default": 0}, {"anyOf": [{"type": "null"}]}]))
def test_a_new_optional_field_breaks_nobody(field, new):
    kind, _ = field
    assert breaks(EVENTS[kind], changed(kind, lambda data: data["properties"].update(brand_new=new))) == []


@given(FIELDS)
def test_words_do_not_count(field):
    kind, name = field
    assert not breaks(EVENTS[kind], changed(kind, lambda data: data["properties"][name].update(description="Other")))


@given(FIELDS)
def test_a_field_that_need_not_be_sent_any_more_breaks_nobody(field):
    kind, name = field
    lax = changed(kind, lambda data: data.update(required=[one for one in data.get("required", ()) if one != name]))
    assert breaks(EVENTS[kind], lax) == []


@given(FIELDS)
def test_a_removed_field_is_found_out(field):
    kind, name = field
    assert f"data.{name} is gone" in breaks(EVENTS[kind], changed(kind, lambda data: data["properties"].pop(name)))


@given(FIELDS)
def test_a_renamed_field_is_found_out(field):
    kind, name = field

    def rename(data):
        data["properties"]["renamed"] = data["properties"].pop(name)

    assert f"data.{name} is gone" in breaks(EVENTS[kind], changed(kind, rename))


@given(FIELDS)
def test_a_new_required_field_is_found_out(field):
    kind, _ = field

    def require(data):
        data["properties"]["brand_new"] = {"type": "string"}
        data.setdefault("required", []).append("brand_new")

    assert breaks(EVENTS[kind], changed(kind, require)) == ["data.brand_new is new and required"]


@given(FIELDS)
def test_a_field_that_becomes_required_is_found_out(field):
    kind, name = field
    if name in EVENTS[kind]["properties"]["data"].get("required", ()):
        return
    strict = changed(kind, lambda data: data.setdefault("required", []).append(name))
    assert breaks(EVENTS[kind], strict) == [f"data.{name} is now required"]


@given(FIELDS)
def test_another_type_is_found_out(field):
    kind, name = field
    assert breaks(EVENTS[kind], changed(kind, lambda data: data["properties"].update({name: {"type": "weird"}})))


@pytest.mark.parametrize(
    ("kind", "path", "change", "sentence"),
    [
        (FEEDBACK, "relevance", {"maximum": 4}, "data.relevance has another maximum: 5 became 4"),
        (FEEDBACK, "relevance", {"minimum": 0}, "data.relevance has another minimum: 1 became 0"),
        (FEEDBACK, "relevance", {"type": "number"}, "data.relevance may no longer be of type integer"),
        (FEEDBACK, "kind", {"enum": ["a"]}, "data.kind takes only 'a'"),
        (FEEDBACK, "kind", {"maxLength": 9}, "data.kind has another maxLength: None became 9"),
        (FEEDBACK, "kind", {"pattern": "^a"}, "data.kind has another pattern: None became '^a'"),
        (FEEDBACK, "kind", {"default": "x"}, "data.kind has another default: '' became 'x'"),
        (SCHEDULED, "starts_on", {"format": "x"}, "data.starts_on has another format: 'date' became 'x'"),
        (SCHEDULED, "member", {"anyOf": [{"type": "string"}]}, "data.member may no longer be of type null"),
        (SCHEDULED, "invited", {"items": {"type": "integer"}}, "data.invited[] may no longer be of type string"),
        (SCHEDULED, "invited", {"maxItems": 3}, "data.invited has another maxItems: None became 3"),
        (
            SCHEDULED,
            "places",
            {"additionalProperties": {"type": "string"}},
            "data.places{} may no longer be of type integer",
        ),
        (SCHEDULED, "places", {"additionalProperties": False}, "data.places takes no further fields any more"),
    ],
)  # fmt: skip
def test_what_is_found_out_is_told_with_its_place(kind, path, change, sentence):
    assert sentence in breaks(EVENTS[kind], changed(kind, lambda data: data["properties"][path].update(change)))


def test_values_and_references_are_followed():
    status = {"$defs": {"Status": {"enum": ["open", "closed"]}}, "properties": {"status": {"$ref": "#/$defs/Status"}}}
    fewer = {"$defs": {"Status": {"enum": ["open"]}}, "properties": status["properties"]}
    assert breaks(status, fewer) == ["status no longer takes 'closed'"]
    assert breaks(fewer, status) == ["status may now be 'closed', which its readers do not expect"]
    tree = {"$defs": {"Tree": {"properties": {"left": {"$ref": "#/$defs/Tree"}}}}, "$ref": "#/$defs/Tree"}
    assert breaks(tree, copy.deepcopy(tree)) == []


VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "ab", "abc"])
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SMALL, LENGTH = st.integers(-2, 2), st.integers(0, 3)
LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"minimum": SMALL, "maximum": SMALL}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"maxLength": LENGTH, "minLength": LENGTH}),
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from(["a", "ab"]), min_size=1, unique=True)}),
    st.just({"type": "null"}),
    st.just({}),
)  # fmt: skip


def _grown(inner):
    fields = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    objects = st.builds(
        lambda properties, required, others: {
            "type": "object",
            "properties": properties,
            "required": sorted(required),
            "additionalProperties": others,
        },
        fields,
        st.sets(st.sampled_from("abc"), max_size=1),
        st.booleans() | inner,
    )
    arrays = st.builds(
        lambda items, most: {"type": "array", "items": items, "maxItems": most}, inner, st.integers(0, 3)
    )
    return objects | arrays | st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner)


SCHEMAS = st.recursive(LEAVES, _grown, max_leaves=5)


def only_known(schema):
    """Who writes by a schema sends no fields that it does not name."""
    if not isinstance(schema, dict):
        return schema
    known = {name: only_known(value) for name, value in schema.items()}
    if "anyOf" in known:
        known["anyOf"] = [only_known(one) for one in known["anyOf"]]
    return known | {"additionalProperties": False} if schema.get("additionalProperties") is True else known


@st.composite
def edited(draw, schema):
    """The schema after somebody worked on it here and there."""
    if not isinstance(schema, dict):
        return schema
    new = dict(schema)
    for name, value in schema.items():
        if isinstance(value, dict) and name == "properties":
            new[name] = {field: draw(edited(one)) for field, one in value.items()}
        elif isinstance(value, dict):
            new[name] = draw(edited(value))
        elif name == "anyOf":
            new[name] = draw(st.permutations([draw(edited(one)) for one in value] + draw(st.lists(LEAVES, max_size=1))))
        elif isinstance(value, int) and not isinstance(value, bool):
            new[name] = value + draw(st.sampled_from([0, 0, 1, -1]))
        elif name == "enum":
            new[name] = draw(st.lists(st.sampled_from(["a", "ab", "abc"]), min_size=1, unique=True))
        elif name in ("required", "additionalProperties") and draw(st.integers(0, 3)) == 0:
            del new[name]
    return draw(LEAVES) if draw(st.integers(0, 15)) == 0 else new


@given(SCHEMAS.flatmap(lambda old: st.tuples(st.just(old), edited(old))), st.lists(TREES, min_size=5, max_size=30))
def test_what_was_written_stays_readable_unless_a_break_is_told(schemas, values):
    """Held against the validator: no value of the old schema fails the new one where no writer is broken."""
    old, new = schemas
    if any(change.writers for change in changes(old, new)):
        return
    before, after = Draft202012Validator(only_known(old)), Draft202012Validator(new)
    for value in values:
        assert not before.is_valid(value) or after.is_valid(value)


def test_a_type_that_goes_needs_an_upcaster():
    rest = {kind: schema for kind, schema in EVENTS.items() if kind != FEEDBACK}
    (sentence,) = broken_events(EVENTS, rest, upcasters=())
    assert sentence == (
        f"{FEEDBACK} is published and has no model any more. Leave it as it is, make {FEEDBACK[:-1]}2 beside it, and "
        f"when {FEEDBACK} is written no more give it an upcaster (UPCASTERS in shared/contracts/base.py)."
    )
    assert broken_events(EVENTS, rest, upcasters=[FEEDBACK]) == []


def test_another_type_name_is_found_out():
    renamed = {kind.replace("feedback.given", "feedback.received"): schema for kind, schema in EVENTS.items()}
    assert [sentence for sentence in broken_events(EVENTS, renamed, upcasters=()) if FEEDBACK in sentence]


def test_the_lock_only_extends():
    first = extended({}, EVENTS, {})
    assert broken(first, EVENTS, {}) == []
    more = {**EVENTS, FEEDBACK: changed(FEEDBACK, lambda data: data["properties"].update(brand_new={"type": "string"}))}
    second = extended(first, more, {})
    assert "brand_new" in second["events"][FEEDBACK]["properties"]["data"]["properties"]
    assert [
        one for one in broken(second, EVENTS, {}) if one.startswith(f"{FEEDBACK} is published: data.brand_new is gone")
    ]
    without = {kind: schema for kind, schema in EVENTS.items() if kind != FEEDBACK}
    assert FEEDBACK in extended(first, without, {})["events"]


THING = {"$ref": "#/components/schemas/Thing"}
API = {
    "paths": {
        "/x/api/v1/things": {
            "get": {
                "parameters": [{"in": "query", "name": "page", "schema": {"type": "integer", "minimum": 1}}],
                "responses": {"200": {"content": {"application/json": {"schema": THING}}}},
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Make"}}}},
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {"type": "object", "properties": {"id": {"type": "string"}}},
            "Make": {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "additionalProperties": False},
        }
    },
}  # fmt: skip


def api_after(change) -> list[str]:
    new = copy.deepcopy(API)
    schemas = new["components"]["schemas"]
    change(new["paths"]["/x/api/v1/things"], schemas["Thing"]["properties"], schemas["Make"])
    return api_breaks(API, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda path, thing, make: thing.update(more={"type": "string"}),
        lambda path, thing, make: make["properties"].update(more={"type": "string"}),
        lambda path, thing, make: make["properties"]["kind"]["enum"].append("c"),
        lambda path, thing, make: path.update(delete={"responses": {"204": {}}}),
        lambda path, thing, make: path["get"]["parameters"].append({"in": "query", "name": "more", "schema": {}}),
    ],
)
def test_an_api_may_take_more_and_answer_more(change):
    assert api_after(change) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda path, thing, make: path.pop("get"), "GET /x/api/v1/things is gone"),
        (lambda path, thing, make: thing.pop("id"), "answers another content: id is gone"),
        (lambda path, thing, make: make["properties"]["kind"]["enum"].pop(), "body: kind no longer takes 'b'"),
        (lambda path, thing, make: make.update(required=["kind"]), "takes another body: kind is now required"),
        (lambda path, thing, make: path["get"]["parameters"].clear(), "no longer takes the query parameter page"),
        (
            lambda path, thing, make: path["get"]["parameters"].append({"in": "header", "name": "y", "required": True}),
            "now requires the header parameter y",
        ),
        (lambda path, thing, make: path["post"].pop("requestBody"), "no longer takes a body"),
        (lambda path, thing, make: path["post"].update(responses={"202": {}}), "no longer answers 201"),
    ],
)  # fmt: skip
def test_an_api_that_asks_for_more_or_answers_less_is_found_out(change, sentence):
    assert any(sentence in one for one in api_after(change))
