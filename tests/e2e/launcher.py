"""`liaison up` as a newcomer starts it: a process of its own, with nothing seeded, stopped by Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from deploy.local.layout import CHECKOUT
from tests.support.ports import free_port
from tests.support.stack import install_parts

UP_WITHIN, STOPPED_WITHIN = 180, 90


@contextlib.asynccontextmanager
async def liaison_up(data: Path, *options: str) -> AsyncIterator[str]:
    """The front door's address. The stack has brokers of its own, whatever addresses the environment names."""
    await asyncio.to_thread(install_parts)
    port = free_port()
    launcher = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("liaison"), "up", "--data", data, "--port", str(port), *options),
        cwd=CHECKOUT,
        env={name: value for name, value in os.environ.items() if not name.startswith("LIAISON_")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said: list[str] = []
    up = asyncio.Event()
    hearing = asyncio.create_task(_hear(launcher, said, up))
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(up.wait(), UP_WITHIN)
        if not any("Liaison is up" in line for line in said):
            raise RuntimeError("The stack did not start:\n" + "".join(said))
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            launcher.send_signal(signal.SIGINT)
        await asyncio.wait_for(hearing, STOPPED_WITHIN)
    assert await launcher.wait() == 0, "".join(said)
    assert any("Liaison is stopped" in line for line in said)


async def _hear(launcher: asyncio.subprocess.Process, said: list[str], up: asyncio.Event) -> None:
    """Read what the launcher prints to its end; `up` is set once it is up, or has ended."""
    assert launcher.stdout is not None
    async for line in launcher.stdout:
        said.append(line.decode())
        if "Liaison is up" in said[-1]:
            up.set()
    up.set()
