"""What a service does when it hears something: a table of events and handlers, worked in the offset's transaction."""

import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import orjson
from aiokafka import ConsumerRecord, TopicPartition
from bson.errors import BSONError
from pymongo.errors import OperationFailure, PyMongoError

from shared.contracts.base import Command, Event, UnknownEvent
from shared.contracts.envelope import MOST_BYTES, Received, received
from shared.mongo import Session, transaction
from shared.telemetry import continued

from .dead import dead_letter, keys_of, parked_letter
from .draft import BACKDATE_FREELY
from .offsets import Moved, Offsets
from .origin import Origin
from .store import EventStore, Store

log = logging.getLogger(__name__)
Handler = Callable[[Received, Store], Awaitable[object]]
DueHandler = Callable[[Any, Store], Awaitable[object]]
Records = Mapping[TopicPartition, Sequence[ConsumerRecord]]
TRANSACTION_RECORDS, PASSED_S = 100, 1.0
THE_MESSAGES_FAULT = frozenset({2, 9, 14, 121, 10334, 17280, 17419})
"""MongoDB's codes for a document that it will never take (bad value, too large, breaks its validation)."""


class Listener:
    """One visible table: event -> handlers, and due command -> handler."""

    def __init__(self) -> None:
        self.handlers: dict[type[Event], list[Handler]] = defaultdict(list)
        self.due_handlers: dict[str, tuple[type[Command], DueHandler]] = {}

    def on(self, event: type[Event], handler: Handler) -> None:
        self.handlers[event].append(handler)

    def due(self, command: type[Command], handler: DueHandler) -> None:
        self.due_handlers[command.__name__] = (command, handler)

    @property
    def types(self) -> frozenset[bytes]:
        return frozenset(event.type.encode() for event in self.handlers)


def is_the_messages_fault(error: Exception) -> bool:
    """Whether the message causes it; else the world does, and it is tried again without limit."""
    if isinstance(error, PyMongoError):
        return isinstance(error, OperationFailure) and error.code in THE_MESSAGES_FAULT
    return not isinstance(error, Moved | OSError | TimeoutError) or isinstance(error, BSONError)


def bus_origin(heard: Received) -> Origin:
    envelope = heard.envelope
    return Origin(
        network=envelope.network,
        actor=envelope.actor,
        source="bus",
        causation=envelope.id,
        correlation=envelope.correlationid or envelope.id,
        traceparent=envelope.traceparent,
        history=True,
        imported=envelope.recorded_at - envelope.happened_at > BACKDATE_FREELY,
    )


class ListenerSink:
    """Works messages through the table; what a message causes goes to the dead letters, and its key waits behind it.

    A transaction holds the messages of several partitions. Where none of a batch is listened to, its offset is stored
    with the next that is, or within `PASSED_S`: read again they would be passed over again.
    """

    def __init__(self, store: EventStore, listener: Listener, group: str) -> None:
        self.store, self.listener = store, listener
        self.offsets = Offsets(store.db, group)
        self._stored: dict[TopicPartition, int] = {}
        self._passed: dict[TopicPartition, int] = {}
        self._passed_since = 0.0
        self._types = listener.types

    async def take(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        # A commit that failed, or nobody knows, held the offsets of what was passed over as well.
        loaded = await self.offsets.load({*partitions, *self._passed})
        self.release(loaded)
        self._stored.update(loaded)
        return {partition: loaded[partition] for partition in partitions}

    def release(self, partitions: Collection[TopicPartition]) -> None:
        for partition in partitions:
            self._stored.pop(partition, None)
            self._passed.pop(partition, None)

    async def idle(self) -> None:
        if self._passed and time.monotonic() - self._passed_since >= PASSED_S:
            await self._commit({})

    async def apply(self, records: Records) -> None:
        part: dict[TopicPartition, list[ConsumerRecord]] = {}
        size = 0
        for partition, batch in records.items():
            if not any(map(self._concerns, batch)):
                self._pass(partition, batch[-1].offset + 1)
                continue
            for record in batch:
                part.setdefault(partition, []).append(record)
                size += 1
                if size == TRANSACTION_RECORDS:
                    await self._apply_part(part)
                    part, size = {}, 0
        if part:
            await self._apply_part(part)

    def _pass(self, partition: TopicPartition, end: int) -> None:
        if not self._passed:
            self._passed_since = time.monotonic()
        self._passed[partition] = end

    async def _apply_part(self, part: Records) -> None:
        try:
            await self._commit(part)
        except Exception as error:
            if not is_the_messages_fault(error):
                raise
            for partition, record in [(partition, one) for partition, batch in part.items() for one in batch]:
                try:  # one of them is at fault: find it
                    await self._commit({partition: [record]})
                except Exception as alone:
                    if not is_the_messages_fault(alone):
                        raise
                    log.warning("dead letter: %s %s", record.topic, type(alone).__name__)
                    await self._commit({partition: [record]}, dead=alone)

    async def _commit(self, part: Records, dead: Exception | None = None) -> None:
        """Work the part and store its offsets, with those of what was passed over; all of it or nothing."""
        ends = self._passed | {partition: batch[-1].offset + 1 for partition, batch in part.items()}
        batch = [record for one in part.values() for record in one]

        async def body(session: Session) -> None:
            moves = {partition: (self._stored[partition], end) for partition, end in ends.items()}
            await self.offsets.move(session, moves)
            if dead is not None:
                await self._keep(dead_letter(batch[0], dead), session)
            else:
                await self._work_all(batch, session)

        await transaction(self.store.client, body)
        self._stored.update(ends)
        self._passed.clear()

    async def _work_all(self, batch: Sequence[ConsumerRecord], session: Session) -> None:
        heard = [record for record in batch if self._concerns(record)]
        if not heard:
            return
        blocked = set(await self.store.db.dead.distinct("key", {"key": {"$in": list(keys_of(heard))}}, session=session))
        for record in heard:
            if (record.key or b"").decode(errors="replace") in blocked:
                await self._keep(parked_letter(record), session)
            else:
                await self.work(record, session)

    def _concerns(self, record: ConsumerRecord) -> bool:
        """Unknown types are passed over; what names no type at all is not one of ours and ends as a dead letter."""
        named = [value for name, value in record.headers if name == "ce_type"]
        return not named or named[0] in self._types

    async def _keep(self, letter: dict[str, Any], session: Session) -> None:
        await self.store.db.dead.insert_one(letter, session=session)
        # Replay touches the same document: a message parked meanwhile makes one of the two try again.
        touch = {"$inc": {"kept": 1}}
        await self.store.db.parking.update_one({"_id": letter["key"]}, touch, upsert=True, session=session)

    async def work(self, record: ConsumerRecord, session: Session) -> None:
        """Run the handlers of one message in the session's transaction."""
        if len(record.value or b"") > MOST_BYTES:
            raise ValueError(f"larger than {MOST_BYTES} bytes, the most that an event may take")
        try:
            heard = received(record.headers, orjson.loads(record.value or b""))
        except UnknownEvent:
            return
        store = self.store.within(session, bus_origin(heard))
        with continued(f"hear {heard.event.type}", heard.envelope.traceparent, event_id=heard.envelope.id):
            for handler in self.listener.handlers.get(type(heard.event), ()):
                await handler(heard, store)
