"""What each benchmark needs: a stack of its own on free ports, and one JSON object as its last line."""

import asyncio
import json
import logging
import math
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.checks import LOOPBACK
from deploy.local.layout import ASSETS, KAFKA
from deploy.local.packages import assets, jars
from deploy.local.stack import Stack
from shared.settings import Settings


@asynccontextmanager
async def stage(**options: Any) -> AsyncIterator[Stack]:
    """A stack with its own data, gone afterwards; addresses in the environment are not used."""
    for name in ("LIAISON_MONGO_URL", "LIAISON_KAFKA", "LIAISON_NAMESPACE"):
        os.environ.pop(name, None)
    jars.install(KAFKA)
    assets.install(ASSETS)
    folder = Path(tempfile.mkdtemp(prefix="liaison-stage-"))
    try:
        async with Stack(folder, **options) as stack:
            yield stack
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(stack: Stack) -> Settings:
    """The settings that the stack's own processes have."""
    named = {name.removeprefix("LIAISON_").lower(): value for name, value in stack.environment.items()}
    return Settings(**named)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """Progress goes to standard error; standard output ends with the figures."""
    print(text, file=sys.stderr, flush=True)


def run(body: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Run the benchmark and print its figures on one line."""
    logging.basicConfig(level=logging.ERROR)
    figures = asyncio.run(body)
    print(json.dumps(figures), flush=True)
    return figures


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
