"""One worker among a service's replicas that deletes files which belong to nothing."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from pymongo.errors import PyMongoError

from shared.spine.lease import Lease

from .store import Files

log = logging.getLogger(__name__)
EVERY_S = 3600.0


async def sweeper(service: Any) -> None:
    """For a service's `background`: sweeps once an hour, under a lease."""
    files = Files(service.db)
    lease = Lease(service.db, "files", f"{service.settings.replica}-{os.getpid()}")
    await sweeping(lease, files.sweep)


async def sweeping(lease: Lease, sweep: Callable[[], Awaitable[object]]) -> None:
    while True:
        async with lease.holding() as lost:
            while not lost.is_set():
                try:
                    swept = await sweep()
                    log.info("files swept: %s", swept)
                except PyMongoError as error:
                    log.warning("files not swept: %s", type(error).__name__)
                try:
                    await asyncio.wait_for(lost.wait(), EVERY_S)
                except TimeoutError:
                    continue
