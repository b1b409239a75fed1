"""Liaison's services, each a uvicorn process of its own."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.local.checks import LOOPBACK
from deploy.local.layout import CHECKOUT, Layout
from deploy.local.process import Program
from deploy.local.servers.environment import full

GRACE = 5
"""Seconds that open requests get at a stop; event streams would hold it for ever."""


@dataclass(frozen=True)
class Service:
    """A replica of a service. `app` and `env` are for tests that run something else or with other settings."""

    name: str
    replica: str = "0"
    app: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def process(self) -> str:
        return self.name if self.replica == "0" else f"{self.name}-{self.replica}"


def program(service: Service, layout: Layout, port: int, settings: Mapping[str, str]) -> Program:
    """The service on `port`; `settings` are what all services of the stack share (LIAISON_...)."""
    command = [sys.executable, "-m", "uvicorn", service.app or f"services.{service.name}.app:app"]
    command += ["--host", LOOPBACK, "--port", str(port), "--timeout-graceful-shutdown", str(GRACE)]
    command += ["--no-access-log", "--no-server-header", "--forwarded-allow-ips", LOOPBACK]
    env = {**full(layout), **settings, "LIAISON_REPLICA": service.replica, **service.env}
    return Program(service.process, tuple(command), env, lambda: _is_ready(port), stop_within=GRACE + 15, cwd=CHECKOUT)


async def _is_ready(port: int) -> bool:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET /health/ready HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())
        status = await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()
        await writer.wait_closed()
    return b" 200 " in status
