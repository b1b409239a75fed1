"""CloudEvents 1.0 in Kafka's binary binding: what goes around an event, as the store keeps it and as headers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .base import Event, parse_event

Headers = list[tuple[str, bytes]]
NAMES = (
    *("id", "source", "type", "subject", "time", "recordedtime", "network"),
    *("actor", "onbehalfof", "causationid", "correlationid"),
)
MOST_BYTES = 512 * 1024
"""The most that an event's data may take on the log: half of what Kafka takes, for its headers beside it."""
STORED = tuple((name, "ce_" + name) for name in NAMES if name not in {"id", "subject"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """Times are ISO 8601 in UTC; those of an anonymous event end at the day."""

    id: str
    source: str
    type: str
    subject: str
    """The stream."""
    time: str
    """When it happened."""
    recordedtime: str
    network: str
    actor: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    onbehalfof: str | None = None
    """The person who asked for it, where the actor wrote it down for them."""

    @property
    def happened_on(self) -> str:
        """The day it happened, `2024-10-15`."""
        return self.time[:10]

    @property
    def recorded_on(self) -> str:
        return self.recordedtime[:10]

    @property
    def happened_at(self) -> datetime:
        return datetime.fromisoformat(self.time)

    @property
    def recorded_at(self) -> datetime:
        return datetime.fromisoformat(self.recordedtime)


@dataclass(frozen=True, slots=True)
class Received:
    """An event as a consumer gets it."""

    envelope: Envelope
    event: Event

    @property
    def stream(self) -> str:
        return self.envelope.subject

    @property
    def network(self) -> str:
        return self.envelope.network


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def headers_of(stored: Mapping[str, Any]) -> Headers:
    """The headers of an event document of the store."""
    headers = [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", stored["_id"].encode()),
        ("ce_subject", stored["stream"].encode()),
    ]
    headers += [(header, stored[name].encode()) for name, header in STORED if stored.get(name)]
    if traceparent := stored.get("traceparent"):
        headers.append(("traceparent", traceparent.encode()))
    return headers


def envelope_of(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope in a message's headers; raises `ValueError` that names what is missing."""
    found = {name.removeprefix("ce_"): value.decode() for name, value in headers if value is not None}
    missing = [name for name in NAMES[:7] if not found.get(name)]
    if missing:
        raise ValueError(f"headers missing: {', '.join('ce_' + name for name in missing)}")
    return Envelope(**{name: found.get(name) for name in (*NAMES, "traceparent")})  # type: ignore[arg-type]


def received(headers: Iterable[tuple[str, bytes]], data: Mapping[str, Any]) -> Received:
    """The message as an event; raises `UnknownEvent`, or `ValueError` for one that breaks its contract."""
    envelope = envelope_of(headers)
    return Received(envelope, parse_event(envelope.type, data))
