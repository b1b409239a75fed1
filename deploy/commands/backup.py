"""`liaison backup --to FILE|DIR` and `liaison restore --from FILE`: store and log together."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.backup.archive import Manifest
from deploy.backup.restoring import restore as restore_into
from deploy.backup.restoring import verified
from deploy.backup.taking import Bar, take
from deploy.commands.addresses import DATA, DataOption, find
from deploy.local import up as launcher
from deploy.local.checks import Trouble
from deploy.local.stack import Stack
from shared.settings import Settings

console = Console(soft_wrap=True, highlight=False)


def backup(
    to: Annotated[Path, typer.Option("--to", help="The new file, or a folder that it gets a name in.")],
    data: DataOption = DATA,
) -> None:
    """Write store and log to one file, as they are at this moment; the services go on meanwhile.

    The file holds personal data: it is made readable by its owner alone.
    """
    settings = find(data).settings
    path = _file(to, settings.namespace)
    began = time.monotonic()
    with _speaking(), _bars() as bar:
        manifest = asyncio.run(take(settings, path, bar))
    size = path.stat().st_size / 1e6
    console.print(f"{path}: {size:.1f} MB after {time.monotonic() - began:.1f} s")
    _tell(manifest)


def restore(
    source: Annotated[Path, typer.Option("--from", help="A file that `liaison backup` made.")],
    data: DataOption = DATA,
) -> None:
    """Fill an empty installation from a backup: that of the data folder, which must not run, or the one in LIAISON_...

    The file is verified before anything is written; where the restore fails, the target is empty again.
    """
    began = time.monotonic()
    with _speaking(), _bars() as bar:
        manifest = asyncio.run(_restore(source, data, bar))
    console.print(f"Restored after {time.monotonic() - began:.1f} s. Start the services now.")
    _tell(manifest)


async def _restore(source: Path, data: Path, bar: Bar) -> Manifest:
    with closing(await verified(source, bar)) as archive:
        namespace = os.environ.get("LIAISON_NAMESPACE", "liaison")
        if not all(os.environ.get(name) for name in ("LIAISON_MONGO_URL", "LIAISON_KAFKA")):
            await asyncio.to_thread(launcher.install, console)
        stack = Stack(data, namespace=namespace)
        async with stack:  # the brokers alone, or none where both are named in the environment
            settings = Settings(profile="local", mongo_url=stack.mongo_url, kafka=stack.kafka, namespace=namespace)
            manifest = await restore_into(settings, archive, bar)
        (stack.layout.data / "demo.done").touch()  # the next start loads no demonstration into it
        return manifest


def _file(to: Path, namespace: str) -> Path:
    if to.is_dir():
        return to / f"{namespace}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    if to.exists():
        raise Trouble(f"{to} is there already: name another file, or a folder.")
    if not to.parent.is_dir():
        raise Trouble(f"There is no folder {to.parent}: make it first.")
    return to


def _tell(manifest: Manifest) -> None:
    for service, events in manifest.events.items():
        on_log = manifest.on_log[service]
        rest = f", {events - on_log} for the relay to send" if events > on_log else ""
        foreign = f", {manifest.foreign[service]} messages of others" if manifest.foreign[service] else ""
        console.print(f"  {service:<9} {events} events, {on_log} of them on the log{rest}{foreign}")


@contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        raise Trouble(f"MongoDB fails ({type(error).__name__}: {str(error)[:120]}).") from None
    except KafkaError as error:
        raise Trouble(f"Kafka fails ({type(error).__name__}): is it up?") from None
    except OSError as error:
        raise Trouble(f"The file cannot be worked with: {error}.") from None


@contextmanager
def _bars() -> Iterator[Bar]:
    columns = TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:

        def bar(title: str, total: int | None) -> Callable[[int], None]:
            task = progress.add_task(title, total=total)
            return lambda done: progress.advance(task, done)

        yield bar
