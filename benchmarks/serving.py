"""One service in a process of its own over a stage's brokers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.stage import free_port
from deploy.local.checks import LOOPBACK
from deploy.local.layout import CHECKOUT
from deploy.local.stack import Stack

READY_WITHIN_S = 120


@asynccontextmanager
async def serving(stack: Stack, app: str, **env: str) -> AsyncIterator[tuple[str, int]]:
    """Its address and process id, once it is ready; it is stopped afterwards."""
    port = free_port()
    arguments = ["-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--no-server-header"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, "--log-level", "error", env=os.environ | stack.environment | env, cwd=CHECKOUT,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _ready(port)
        yield f"http://{LOOPBACK}:{port}", process.pid
    finally:
        process.terminate()
        await process.wait()


async def _ready(port: int) -> None:
    async with asyncio.timeout(READY_WITHIN_S):
        while True:
            try:
                reader, writer = await asyncio.open_connection(LOOPBACK, port)
                writer.write(b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
                if b" 200 " in answer[:20]:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)
