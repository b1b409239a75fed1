"""What was published once stays true: the lock, and the sentences for what would break it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.base import UPCASTERS
from shared.contracts.catalogue import BY_SERVICE

from .changes import SAYS_NOTHING, Schema, breaks
from .operations import api_breaks
from .schemas import message_schema

Lock = dict[str, dict[str, Any]]
"""`events`: each type's schema without its words; `apis`: each service's, likewise."""


def current_events() -> dict[str, Schema]:
    """The schema of every event that the code knows, by type."""
    return {event.type: message_schema(event) for events in BY_SERVICE.values() for event in events}


def broken(lock: Lock, events: Mapping[str, Schema], apis: Mapping[str, Schema]) -> list[str]:
    """A sentence for each published contract that these would break; empty where all is well."""
    return [
        *broken_events(lock.get("events", {}), events),
        *broken_apis(lock.get("apis", {}), apis),
    ]


def broken_events(
    published: Mapping[str, Schema], events: Mapping[str, Schema], upcasters: Iterable[str] = UPCASTERS
) -> list[str]:
    sentences = []
    for kind, schema in published.items():
        if kind in events:
            if found := breaks(schema, events[kind]):
                sentences.append(f"{kind} is published: {'; '.join(found)}. {_way_out(kind)}")
        elif kind not in set(upcasters):
            sentences.append(f"{kind} is published and has no model any more. {_way_out(kind)}")
    return sentences


def broken_apis(published: Mapping[str, Schema], apis: Mapping[str, Schema]) -> list[str]:
    """Operations of a service that callers written for the published description could not use any more."""
    sentences = []
    for service, api in published.items():
        if found := api_breaks(api, apis.get(service, {})):
            told = "Leave it as it is and offer the new one beside it, under /api/v2 where it is another operation."
            sentences.append(f"The API of {service} is published: {'; '.join(found)}. {told}")
    return sentences


def _way_out(kind: str) -> str:
    name, _, number = kind.rpartition(".v")
    return (
        f"Leave it as it is, make {name}.v{int(number) + 1} beside it, and when {kind} is written no more "
        "give it an upcaster (UPCASTERS in shared/contracts/base.py)."
    )


def extended(lock: Lock, events: Mapping[str, Schema], apis: Mapping[str, Schema]) -> Lock:
    """The lock with what was added; what is written no more stays in it. Only where nothing is broken."""
    return {
        "events": {**lock.get("events", {}), **{kind: _without_words(schema) for kind, schema in events.items()}},
        "apis": {**lock.get("apis", {}), **{service: _of_api(api) for service, api in apis.items()}},
    }


def _of_api(api: Schema) -> Schema:
    """Its operations and their schemas."""
    return _without_words({"paths": api.get("paths", {}), "components": {"schemas": api["components"]["schemas"]}})  # type: ignore[no-any-return]


def _without_words(schema: Any) -> Any:
    """The same without titles and descriptions; a field that is called so stays."""
    if isinstance(schema, list):
        return [_without_words(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for name, value in schema.items():
        if name in ("properties", "$defs", "schemas"):
            kept[name] = {field: _without_words(one) for field, one in value.items()}
        elif name not in SAYS_NOTHING:
            kept[name] = _without_words(value)
    return kept


def parse(text: str) -> Lock:
    lock: Lock = json.loads(text)
    return lock
