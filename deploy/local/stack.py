"""A stack as one object: MongoDB, Kafka, the services and the front door, supervised, on ports of its own.

    async with Stack(Path("data"), services=SERVICES, port=8080) as stack:
        await stack.kill("kafka")            # SIGKILL; it is started again
        await stack.ready("kafka")

Without `services` and `port` it is the brokers alone. It starts in `__aenter__` (everything it started is ready then,
or Trouble is raised) and stops in order in `__aexit__`: services, Caddy, Kafka, MongoDB.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from aiokafka.errors import KafkaError

from deploy.local import checks, leftovers
from deploy.local.checks import LOOPBACK, Trouble
from deploy.local.layout import ASSETS, Layout
from deploy.local.process import Process, Program, created
from deploy.local.servers import caddy, kafka, mongod, services
from deploy.local.servers.services import Service
from deploy.local.topics import SERVICES, ensure_topics

# Generous: a start takes seconds, on a machine that is busy with something else minutes.
BROKERS_WITHIN = 120.0
SERVICES_WITHIN = 180.0
DOOR_WITHIN = 60.0

log = logging.getLogger(__name__)


class Stack:
    """Addresses: `mongo_url`, `kafka`, `base_url` (the front door), `service_url(name)`.

    `mongo_url` and `kafka` given, or set as LIAISON_MONGO_URL and LIAISON_KAFKA, win over embedded servers.
    `settings` are added to every service's environment; `say` hears one sentence per step.
    """

    def __init__(
        self,
        data: Path,
        *,
        services: Sequence[str | Service] = (),
        port: int | None = None,
        namespace: str = "liaison",
        mongo_url: str | None = None,
        kafka: str | None = None,
        settings: dict[str, str] | None = None,
        say: Callable[[str], None] = log.info,
    ) -> None:
        self.layout = Layout(data.resolve())
        self.namespace = namespace
        self.services = [Service(service) if isinstance(service, str) else service for service in services]
        self.processes: dict[str, Process] = {}
        self._port = port
        self._given_mongo = mongo_url or os.environ.get("LIAISON_MONGO_URL")
        self._given_kafka = kafka or os.environ.get("LIAISON_KAFKA")
        self._settings = settings or {}
        self._say = say
        self._ports: dict[str, int] = {}
        self._held = ExitStack()
        self._claimed = False

    @property
    def mongo_url(self) -> str:
        return self._given_mongo or mongod.url(self._ports["mongod"])

    @property
    def kafka(self) -> str:
        return self._given_kafka or f"{LOOPBACK}:{self._ports['kafka']}"

    @property
    def base_url(self) -> str:
        """The front door's address; without one, that of the first service."""
        if self._port:
            return f"http://{LOOPBACK}:{self._port}"
        return self.service_url(self.services[0].process) if self.services else f"http://{LOOPBACK}"

    def service_url(self, name: str) -> str:
        """The service's own address, past the front door: health and metrics are there."""
        return f"http://{LOOPBACK}:{self._ports[name]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process that belongs to this stack has in its environment."""
        return {
            "LIAISON_PROFILE": "local",
            "LIAISON_MONGO_URL": self.mongo_url,
            "LIAISON_KAFKA": self.kafka,
            "LIAISON_NAMESPACE": self.namespace,
            "LIAISON_SECRET": os.environ.get("LIAISON_SECRET") or self.layout.secret(),
            "LIAISON_BASE_URL": self.base_url,
            "LIAISON_ASSETS": str(ASSETS),
            **self._settings,
        }

    async def __aenter__(self) -> Self:
        self.claim()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop in order. Safe to call again, and not to be cut short: each step waits for the one before."""
        for group in ([service.process for service in self.services], ["caddy"], ["kafka"], ["mongod"]):
            running = [self.processes[name] for name in group if name in self.processes]
            if running:
                self._say(f"Stopping {', '.join(process.name for process in running)}")
            await asyncio.gather(*(process.stop() for process in running))
        self.processes.clear()
        self._let_go()

    def claim(self) -> None:
        """Hold the data folder, clean up after an earlier crash and check what a start needs; Trouble where it lacks.

        `async with` does it by itself; called before, a start that cannot be is known before anything is fetched.
        """
        if self._claimed:
            return
        self.layout.make()
        self._held.enter_context(leftovers.only_launcher(self.layout))
        self._claimed = True
        try:
            if cleaned := leftovers.clean_up(self.layout):
                self._say(f"Cleaned up what an earlier run left: {', '.join(cleaned)}")
            checks.require_disk(self.layout.data)
            if self._port:
                checks.require_port(self._port)
            if not (self._given_mongo and self._given_kafka):
                checks.require_platform()
            own = ["mongod", "kafka", "kafka-controller", *(service.process for service in self.services)]
            self._ports = self.layout.ports(own)
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        self._claimed = False
        self._held.close()

    async def kill(self, name: str) -> None:
        """SIGKILL; the supervisor starts it again. Names: mongod, kafka, caddy, a service (`kpi`, `kpi-1`)."""
        self.processes[name].kill()

    async def hold(self, name: str) -> None:
        """SIGKILL and keep it away until `release`."""
        await self.processes[name].hold()

    def release(self, name: str) -> None:
        self.processes[name].release()

    def pause(self, name: str) -> None:
        """SIGSTOP: it holds its connections and answers nothing."""
        self.processes[name].signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.processes[name].signal(signal.SIGCONT)

    async def ready(self, name: str, within: float = 60) -> None:
        """Return once the process is ready (again); TimeoutError after `within` seconds."""
        await self.processes[name].ready(within)

    def memory(self) -> dict[str, int]:
        """Resident bytes of each process with its children."""
        return {name: _resident(process.pid) for name, process in self.processes.items() if process.pid}

    async def _start(self) -> None:
        if self._port:
            ports = {name: self._ports.get(name, 1) for name in SERVICES}
            self._run(caddy.program(self.layout, self._port, ports), self._port)
            await self._first_ready("caddy", DOOR_WITHIN)
        await asyncio.gather(self._start_mongod(), self._start_kafka())
        try:
            await ensure_topics(self.kafka, self.namespace)
        except KafkaError as error:
            raise Trouble(f"Kafka at {self.kafka} does not make topics: {error}.") from None
        for service in self.services:
            port = self._ports[service.process]
            self._run(services.program(service, self.layout, port, self.environment), port)
        await asyncio.gather(*(self._first_ready(service.process, SERVICES_WITHIN) for service in self.services))

    async def _start_mongod(self) -> None:
        if self._given_mongo:
            await asyncio.to_thread(mongod.require_replica_set, self._given_mongo)
        else:
            checks.require_openssl()
            self._run(mongod.program(self.layout, self._ports["mongod"]), self._ports["mongod"])
            await self._first_ready("mongod", BROKERS_WITHIN)

    async def _start_kafka(self) -> None:
        if not self._given_kafka:
            ports = self._ports["kafka"], self._ports["kafka-controller"]
            self._run(await asyncio.to_thread(kafka.program, self.layout, *ports), ports[0])
            await self._first_ready("kafka", BROKERS_WITHIN)

    def _run(self, program: Program, port: int) -> None:
        self.processes[program.name] = Process(program, self.layout.logs, self._record)
        self._ports[program.name] = port
        self.processes[program.name].start()

    async def _first_ready(self, name: str, within: float) -> None:
        self._say(f"Starting {name}")
        try:
            await self.ready(name, within)
        except TimeoutError:
            process = self.processes[name]
            ended = f", having ended {process.starts - 1} times" if process.starts > 1 else ""
            raise Trouble(f"{name} is not ready after {within:.0f} s{ended}: see {process.log_file}.") from None
        self._say(f"{name} is ready")

    def _record(self) -> None:
        """Write down what runs, so that `down`, `status` and the next start know it."""
        processes = {name: self._on_record(name, process) for name, process in self.processes.items()}
        launcher = leftovers.Running(os.getpid(), created(os.getpid()) or 0)
        url = self.base_url if self._port else None
        leftovers.Record(launcher, url, self.mongo_url, self.kafka, processes).write(self.layout)

    def _on_record(self, name: str, process: Process) -> leftovers.Running:
        pid = process.pid or 0
        return leftovers.Running(pid, created(pid) or 0, self._ports[name], process.state, process.starts)


def _resident(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    except psutil.Error:
        return 0


__all__ = ["SERVICES", "Service", "Stack"]
