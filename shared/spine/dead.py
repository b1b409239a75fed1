"""Dead letters: messages that cannot be worked, kept with their reason until they are replayed or discarded."""

import traceback
from collections.abc import Iterable
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from shared import clock
from shared.contracts.refused import Refused

DEAD, PARKED = "dead", "parked"


def place(record: ConsumerRecord) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def dead_letter(record: ConsumerRecord, error: Exception) -> dict[str, Any]:
    """The document that keeps a message with why it cannot be worked; no value of it stands in the reason."""
    return _letter(record, DEAD) | {
        "reason": reason_of(error),
        "trace": "".join(traceback.format_tb(error.__traceback__)[-8:]),
    }


def parked_letter(record: ConsumerRecord) -> dict[str, Any]:
    """A later message of a key that has a dead one before it."""
    return _letter(record, PARKED) | {"reason": "waits behind an earlier message of its stream"}


def reason_of(error: Exception) -> str:
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        return "breaks its contract: " + "; ".join(
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}" for fault in faults[:5]
        )
    if isinstance(error, Refused):
        return f"refused ({error.code}): {error.sentence}"
    return f"{type(error).__name__}: {str(error)[:200]}"


def _letter(record: ConsumerRecord, status: str) -> dict[str, Any]:
    headers = [[name, value] for name, value in record.headers]
    kinds = [value for name, value in record.headers if name == "ce_type" and value]
    networks = [value for name, value in record.headers if name == "ce_network" and value]
    return {
        "_id": place(record),
        "status": status,
        "topic": record.topic,
        "partition": record.partition,
        "order": record.offset,
        "key": (record.key or b"").decode(errors="replace"),
        "type": kinds[0].decode(errors="replace") if kinds else "",
        "network": networks[-1].decode(errors="replace") if networks else "",
        "headers": headers,
        "value": record.value,
        "at": clock.now(),
    }


def record_of(letter: dict[str, Any]) -> ConsumerRecord:
    """The message again, as it stood on the log."""
    return ConsumerRecord(
        topic=letter["topic"],
        partition=letter["partition"],
        offset=letter["order"],
        timestamp=0,
        timestamp_type=0,
        key=letter["key"].encode() or None,
        value=letter["value"],
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=tuple((name, value) for name, value in letter["headers"]),
    )


def partition_of(letter: dict[str, Any]) -> TopicPartition:
    return TopicPartition(letter["topic"], letter["partition"])


def keys_of(records: Iterable[ConsumerRecord]) -> set[str]:
    return {(record.key or b"").decode(errors="replace") for record in records}
