"""Each event's message as JSON Schema: the headers around it and the data within."""

import ast
import inspect
from functools import cache
from types import ModuleType
from typing import Any

from shared.contracts.base import Event

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Schema = {"type": "string", "minLength": 1}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_DAY: Schema = _MOMENT | {"pattern": "T00:00:00\\.000Z$"}
_ALWAYS: dict[str, str] = {
    "ce_id": "The event: its stream, `@`, its place in the stream. The same event always has the same.",
    "ce_source": "The service that says it, such as `/requests`.",
    "ce_subject": "The stream, which is the message's key too.",
    "ce_network": "The network it happened in, such as `ela`.",
}
_SOMETIMES: dict[str, str] = {
    "ce_actor": "Who did it, by a random id. Absent where the system did.",
    "ce_onbehalfof": "The person who asked, by a random id, where the actor wrote it down for them.",
    "ce_causationid": "The event that caused this one.",
    "ce_correlationid": "The event that all of this began with.",
    "traceparent": "W3C trace context.",
}


def headers_schema(event: type[Event]) -> Schema:
    """The message's headers: CloudEvents 1.0 in Kafka's binary binding, all of them UTF-8 text."""
    moment = _DAY if event.anonymous else _MOMENT
    finer = " Never finer than the day." if event.anonymous else ""
    always: dict[str, Schema] = {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_type": {"const": event.type},
        **{name: _TEXT | {"description": told} for name, told in _ALWAYS.items()},
        "ce_time": moment | {"description": "When it happened." + finer},
        "ce_recordedtime": moment | {"description": "When it became known." + finer},
    }
    sometimes = {} if event.anonymous else {name: _TEXT | {"description": told} for name, told in _SOMETIMES.items()}
    return {"type": "object", "properties": {**always, **sometimes}, "required": list(always)}


def data_schema(event: type[Event]) -> Schema:
    """The message's value, a JSON object."""
    schema = event.model_json_schema()
    schema.pop("title", None)
    for name, told in _notes(event).items():
        schema["properties"][name].setdefault("description", told)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
    schema["description"] = _docstring(event)
    return schema


def message_schema(event: type[Event]) -> Schema:
    """Headers and data of one event as a document of its own."""
    data = data_schema(event)
    defs = data.pop("$defs", None)
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:liaison:contract:{event.type}",
        "title": event.__name__,
        "description": data.pop("description"),
        "type": "object",
        "properties": {"headers": headers_schema(event), "data": data},
        "required": ["headers", "data"],
    }
    return schema | {"$defs": defs} if defs else schema


def _docstring(event: type[Event]) -> str:
    """Its own words; one without any is called by its name, since a base class's words tell of no event."""
    own = event.__dict__.get("__doc__")
    if own:
        return inspect.cleandoc(own)
    _, _, aggregate, done, _ = event.type.split(".")
    return f"{aggregate.capitalize()}: {done.replace('-', ' ')}."


def _notes(event: type[Event]) -> dict[str, str]:
    """The strings written under fields, by field; a subclass's win."""
    notes: dict[str, str] = {}
    for cls in reversed(event.__mro__):
        module = inspect.getmodule(cls)
        if issubclass(cls, Event) and cls is not Event and module:
            notes |= _notes_of(module).get(cls.__name__, {})
    return {name: told for name, told in notes.items() if name in event.model_fields}


@cache
def _notes_of(module: ModuleType) -> dict[str, dict[str, str]]:
    """Every class's field notes of a module."""
    tree = ast.parse(inspect.getsource(module))
    found: dict[str, dict[str, str]] = {}
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        notes = found.setdefault(cls.name, {})
        for field, after in zip(cls.body, cls.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match after:
                    case ast.Expr(value=ast.Constant(value=str(told))):
                        notes[field.target.id] = inspect.cleandoc(told)
    return found
