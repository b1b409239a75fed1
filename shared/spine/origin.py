"""Who asks, through which door, and what caused it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.contracts.base import Command

KEPT_FOR_EVER = frozenset({"webhook", "file", "deadline"})
"""Doors whose receipts stay as long as their connection lives; the others' are kept 30 days."""
RECEIPT_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` is the door (`page`, `api`, `webhook:<connection>`, `file:<hash>`, `bus`, `deadline`).

    With a `command_id` the command counts once: given again by the same actor through the same door it gets the same
    answer. `history` is the right to say that something happened more than a day ago.
    """

    network: str
    actor: str | None = None
    source: str = "page"
    command_id: str | None = None
    causation: str | None = None
    correlation: str | None = None
    traceparent: str | None = None
    history: bool = False
    imported: bool = False
    """What is heard was long past already when it was recorded: nobody is written to about it."""
    on_behalf_of: str | None = None
    """The person (by id) who asked for it, where the actor wrote it down for them."""

    @property
    def receipt_id(self) -> str | None:
        return f"{self.actor or '-'}|{self.source}|{self.command_id}" if self.command_id else None

    @property
    def receipt_stays(self) -> bool:
        return self.source.partition(":")[0] in KEPT_FOR_EVER


def content_hash(command: Command, streams: Any, on_behalf_of: str | None = None) -> str:
    """The same for the same command to the same streams; a new stream's name is left out by the caller."""
    said = f"{type(command).__name__}|{streams}|{command.model_dump_json()}"
    return hashlib.sha256((f"{said}|{on_behalf_of}" if on_behalf_of else said).encode()).hexdigest()
