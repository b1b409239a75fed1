"""What runs from a data folder: one launcher at a time, its processes on record, and what a crash left cleaned up."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field

import psutil

from deploy.local.checks import Trouble
from deploy.local.layout import MARK, Layout
from deploy.local.process import created

GRACE = 15.0


@dataclass
class Running:
    """One process on record; its creation time tells it from a later one with the same pid."""

    pid: int
    created: float
    port: int | None = None
    state: str = ""
    starts: int = 1

    def is_alive(self) -> bool:
        now = created(self.pid) if self.pid else None
        return now is not None and abs(now - self.created) < 1


@dataclass
class Record:
    """The content of `run.json`: the launcher, its address and its processes by name."""

    launcher: Running
    url: str | None = None
    mongo_url: str = ""
    kafka: str = ""
    processes: dict[str, Running] = field(default_factory=dict)

    def write(self, layout: Layout) -> None:
        arriving = layout.run_file.with_suffix(".new")
        arriving.write_text(json.dumps(asdict(self), indent=1))
        arriving.replace(layout.run_file)


def read(layout: Layout) -> Record | None:
    """The last record, of a launcher that may have ended since; None where there is none."""
    try:
        raw = json.loads(layout.run_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    processes = {name: Running(**process) for name, process in raw.pop("processes").items()}
    return Record(**raw | {"launcher": Running(**raw["launcher"]), "processes": processes})


@contextmanager
def only_launcher(layout: Layout) -> Iterator[None]:
    """Hold the folder; Trouble where another launcher holds it. The kernel lets go when the process ends."""
    handle = os.open(layout.lock_file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            record = read(layout)
            where = f" at {record.url}" if record and record.url else ""
            raise Trouble(
                f"Liaison already runs from {layout.data}{where}: stop it with `liaison down --data {layout.data}`."
            ) from None
        yield
    finally:
        os.close(handle)


def clean_up(layout: Layout) -> list[str]:
    """End what an earlier launcher left running on this folder, in order, and say what it was.

    To be called while holding the folder. Processes are known by the mark in their environment, so that one started
    in the moment of the crash, or a child of a child, is found too.
    """
    left = _marked(layout)
    ended = []
    for group in (_services_and_tools(left), _named(left, "caddy"), _named(left, "java"), _named(left, "mongod")):
        ended += [process.name() for process in group if process.is_running()]
        _end(group)
    layout.run_file.unlink(missing_ok=True)
    return ended


def _marked(layout: Layout) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # gone meanwhile, or another user's
            if process.pid != os.getpid() and process.environ().get(MARK) == str(layout.data):
                found.append(process)
    return found


def _named(processes: list[psutil.Process], name: str) -> list[psutil.Process]:
    return [process for process in processes if _name(process) == name]


def _services_and_tools(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if _name(process) not in {"caddy", "java", "mongod"}]


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return ""


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.resume()
            process.terminate()  # psutil checks that the pid is still the same process
    _, alive = psutil.wait_procs(processes, timeout=GRACE)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=GRACE)


def stop_launcher(record: Record, within: float) -> bool:
    """Ask the launcher to stop in order; whether it was gone `within` seconds."""
    with suppress(psutil.Error):
        launcher = psutil.Process(record.launcher.pid)
        launcher.terminate()
    deadline = time.monotonic() + within
    while record.launcher.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not record.launcher.is_alive()
