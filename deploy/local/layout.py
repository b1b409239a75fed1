"""Where a stack keeps its things: folders under its data, and ports outside the range the kernel hands out."""

import json
import os
import random
import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.local.checks import Trouble, is_free

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = CHECKOUT / ".liaison"
KAFKA = HOME / "kafka"
ASSETS = HOME / "assets"
STATIC = CHECKOUT / "shared" / "web" / "static"

MARK = "LIAISON_STACK_DATA"
"""In the environment of every process of a stack: its data folder, so that what a crash left is told apart."""


@dataclass(frozen=True)
class Layout:
    data: Path

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run_file(self) -> Path:
        return self.data / "run.json"

    @property
    def lock_file(self) -> Path:
        return self.data / "lock"

    def make(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)

    def secret(self) -> str:
        """The key that signs this stack's sessions: made once, readable by its owner alone."""
        path = self.data / "secret"
        if not path.exists():
            arriving = path.with_suffix(".new")
            arriving.unlink(missing_ok=True)
            with os.fdopen(os.open(arriving, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            arriving.replace(path)
        return path.read_text()

    def ports(self, names: list[str]) -> dict[str, int]:
        """A free port for each name; the ones of the last run where they are still free."""
        path = self.data / "ports.json"
        known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        for name in names:
            if name not in known or not is_free(known[name]):
                known[name] = _free_port(set(known.values()))
        path.write_text(json.dumps(known))
        return {name: known[name] for name in names}


def _free_port(taken: set[int]) -> int:
    """Below the ephemeral range: a client that keeps calling a dead port of that range may end up calling itself."""
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        if port not in taken and is_free(port):
            return port
    raise Trouble("No free port between 20000 and 32000: stop what holds them.")
