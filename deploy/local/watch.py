"""What runs from a data folder, seen and stopped from another terminal."""

import time
from datetime import timedelta

import psutil
from rich.table import Table

from deploy.local import leftovers
from deploy.local.checks import Trouble
from deploy.local.layout import Layout
from deploy.local.leftovers import Record
from deploy.local.process import State

STOP_WITHIN = 120.0


def running(layout: Layout) -> Record | None:
    """The record of a launcher that is alive, else None."""
    record = leftovers.read(layout)
    return record if record and record.launcher.is_alive() else None


def stop(layout: Layout) -> bool:
    """Stop the launcher, or what one that crashed has left; whether there was anything to stop."""
    if not layout.data.is_dir():
        return False
    record = running(layout)
    if record:
        if not leftovers.stop_launcher(record, STOP_WITHIN):
            raise Trouble(f"Process {record.launcher.pid} did not stop within {STOP_WITHIN:.0f} s: see {layout.logs}.")
        return True
    with leftovers.only_launcher(layout):
        return bool(leftovers.clean_up(layout))


def all_ready(record: Record) -> bool:
    return all(process.is_alive() and process.state == State.READY for process in record.processes.values())


def table(record: Record) -> Table:
    table = Table(title=record.url or "brokers only", title_justify="left", title_style="bold")
    for name in ("process", "state"):
        table.add_column(name)
    for name in ("pid", "port", "memory", "up", "starts"):
        table.add_column(name, justify="right")
    for name, process in sorted(record.processes.items()):
        alive = process.is_alive()
        now = (
            (process.state, str(process.pid), str(process.port), _memory(process.pid), _up(process.created))
            if alive
            else ("ended" if process.pid else process.state, "", str(process.port), "", "")
        )
        table.add_row(name, *now, str(process.starts))
    return table


def _up(created: float) -> str:
    return str(timedelta(seconds=int(time.time() - created)))


def _memory(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).memory_info().rss / 1e6:.0f} MB"
    except psutil.Error:
        return ""
