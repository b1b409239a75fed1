"""The one place that imports Motor (its successor is PyMongo's own async client)."""

import asyncio
import logging
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

# Motor carries each call in a thread that waits with it: a change stream for a second, a server that is away for five.
# Ten, its own choice on two processors, were used up by what waits in the background, and commands waited behind.
os.environ.setdefault("MOTOR_MAX_WORKERS", "64")

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
    AsyncIOMotorGridFSBucket,
)
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Client = AsyncIOMotorClient[dict[str, Any]]
Session = AsyncIOMotorClientSession
Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
Bucket = AsyncIOMotorGridFSBucket

T = TypeVar("T")
log = logging.getLogger(__name__)

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


def connect(url: str, *, patience_s: float = 5) -> Client:
    """A client that gives up after `patience_s` where no server answers; its callers try again."""
    milliseconds = int(patience_s * 1000)
    return AsyncIOMotorClient(
        url,
        tz_aware=True,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds * 2,
        heartbeatFrequencyMS=2000,
        w="majority",
        journal=True,
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when tried again: a conflict, or a server out of reach."""
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError") or isinstance(error, ConnectionFailure)
    )


async def transaction(client: Client, body: Callable[[Session], Awaitable[T]], *, attempts: int = 5) -> T:
    """Run `body` in a transaction and commit it; conflicts and lost connections are tried `attempts` times.

    Raises what `body` raised, or the last error of MongoDB. Where the commit's fate stays unknown, the error has the
    label `UnknownTransactionCommitResult`: the caller must look before it acts again.
    """
    for attempt in range(1, attempts + 1):
        async with await client.start_session() as session:
            try:
                session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
                try:
                    result = await body(session)
                except BaseException:
                    await _abort(session)
                    raise
                await _commit(session)
            except PyMongoError as error:
                if attempt == attempts or not is_transient(error):
                    raise
            else:
                return result
        await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _abort(session: Session) -> None:
    try:
        if session.in_transaction:  # type: ignore[truthy-function]  # a property, whatever the stubs of Motor say
            await session.abort_transaction()
    except PyMongoError as error:  # the server forgets it by itself (transactionLifetimeLimitSeconds)
        log.debug("abort failed: %s", type(error).__name__)


async def _commit(session: Session, attempts: int = 4) -> None:
    for attempt in range(1, attempts + 1):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if attempt == attempts or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
            await asyncio.sleep(0.05 * 2**attempt)
        else:
            return


def is_duplicate_key(error: BaseException) -> bool:
    """Whether a unique index refused it, also inside a bulk write."""
    if not isinstance(error, OperationFailure):
        return False
    details = error.details or {}
    return error.code == 11000 or any(one.get("code") == 11000 for one in details.get("writeErrors", ()))
