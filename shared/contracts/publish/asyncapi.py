"""The bus as an AsyncAPI 3.0 document: a channel for each service's topic, its messages, who sends and who hears."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.base import Event
from shared.contracts.catalogue import BY_SERVICE

from .schemas import data_schema, headers_schema

PARTITIONS = 6
_ABOUT = """\
Every event of Liaison, as it stands on the log. A message is a CloudEvent 1.0 in Kafka's binary binding: the headers
say what happened, when, where and through whom, the value is a JSON object with the rest. The key is the stream, so
the events of one stream stay in order. Messages are written in transactions: read them with
`isolation.level=read_committed`. Pass over types that you do not know; events only ever gain optional fields, and what
means something else is a type of its own with a higher number."""


def asyncapi(version: str, hears: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The document; `hears` names the services that each service listens to."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:liaison",
        "info": {"title": "Liaison: the bus", "version": version, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "What LIAISON_KAFKA names.",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": {service: _channel(service) for service in BY_SERVICE},
        "operations": _operations(hears),
        "components": {
            "messages": {event.type: _message(event) for events in BY_SERVICE.values() for event in events},
            "schemas": _parts(),
            "parameters": {
                "namespace": {"description": "The installation's LIAISON_NAMESPACE.", "default": "liaison"},
            },
        },
    }


def _channel(service: str) -> dict[str, Any]:
    return {
        "address": f"{{namespace}}.{service}",
        "title": f"Events of {service}",
        "description": "Kept for ever, in the order of their stream.",
        "parameters": {"namespace": {"$ref": "#/components/parameters/namespace"}},
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {event.type: {"$ref": _reference("components/messages", event)} for event in BY_SERVICE[service]},
        "bindings": {
            "kafka": {
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(hears: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for service in BY_SERVICE:
        found[f"{service}.publishes"] = _operation("send", service, f"{service} publishes what happened.")
        for other in hears.get(service, ()):
            found[f"{service}.hears.{other}"] = _operation("receive", other, f"{service} hears {other}.")
    return found


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _message(event: type[Event]) -> dict[str, Any]:
    payload = _pointed(data_schema(event), event)
    payload.pop("$defs", None)
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": payload.pop("description"),
        "contentType": "application/json",
        "headers": headers_schema(event),
        "payload": payload,
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The stream."}, "bindingVersion": "0.5.0"},
        },
    }


def _parts() -> dict[str, Any]:
    """What the data of events are made of, under the event's type: two may call different things the same."""
    return {
        f"{event.type}.{name}": part
        for events in BY_SERVICE.values()
        for event in events
        for name, part in _pointed(data_schema(event), event).get("$defs", {}).items()
    }


def _pointed(schema: Any, event: type[Event]) -> Any:
    """The schema with its own references led to where the parts stand in the whole document."""
    if isinstance(schema, list):
        return [_pointed(one, event) for one in schema]
    if not isinstance(schema, dict):
        return schema
    own = f"#/components/schemas/{event.type}."
    return {
        key: value.replace("#/$defs/", own) if key == "$ref" and isinstance(value, str) else _pointed(value, event)
        for key, value in schema.items()
    }


def _reference(where: str, event: type[Event]) -> str:
    return f"#/{where}/{event.type}"
