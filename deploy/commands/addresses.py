"""Where the stack is that a command works: what the environment names wins, else what runs from the data folder."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import watch
from deploy.local.checks import LOOPBACK, Trouble
from deploy.local.layout import HOME, Layout
from deploy.local.topics import SERVICES
from shared.settings import Settings

DataOption = Annotated[Path, typer.Option("--data", help="Folder of the stack that runs here.")]
DATA = HOME / "data"


@dataclass(frozen=True)
class Address:
    """`settings` as the services have them; `services` are the addresses of those that run from the data folder."""

    settings: Settings
    services: dict[str, str] = field(default_factory=dict)


def find(data: Path) -> Address:
    """The stack's address; sets `LIAISON_...` in this process too, for a service's code that is then imported.

    Trouble where neither the environment nor the folder knows a stack.
    """
    layout = Layout(data.resolve())
    record = watch.running(layout)
    if record:
        given = {"LIAISON_MONGO_URL": record.mongo_url, "LIAISON_KAFKA": record.kafka, "LIAISON_PROFILE": "local"}
        secret = {} if os.environ.get("LIAISON_SECRET") else {"LIAISON_SECRET": layout.secret()}
        for name, value in (given | secret).items():
            os.environ.setdefault(name, value)
    elif not os.environ.get("LIAISON_MONGO_URL"):
        raise Trouble(
            f"Liaison does not run from {data}: start it with `liaison up`, name its folder with --data, "
            "or its database in LIAISON_MONGO_URL."
        )
    try:
        settings = Settings()
    except ValueError as error:
        raise Trouble(f"The settings do not do: {error}") from None
    processes = record.processes if record else {}
    services = {
        name: f"http://{LOOPBACK}:{process.port}"
        for name, process in processes.items()
        if process.is_alive() and name.startswith(SERVICES)
    }
    return Address(settings, services)
