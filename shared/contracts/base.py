"""What every event and every command is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

EVENTS: dict[str, type["Event"]] = {}
"""Every known event by its type: `liaison.<service>.<aggregate>.<past-tense>.v<n>`."""

Upcast = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
UPCASTERS: dict[str, Upcast] = {}
"""For a type that is written no more: how its data becomes that of a newer one."""


class Event(BaseModel):
    """Something that happened; its subclass names its type and carries the dimensions that its indicators need.

    An `anonymous` event is published without actor, trace, causes or a time finer than the day.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str] = ""
    anonymous: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str = "", anonymous: bool = False, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if type:
            if type in EVENTS:
                raise TypeError(f"{type} is the type of {EVENTS[type].__name__} already")
            cls.type, cls.anonymous, EVENTS[type] = type, anonymous, cls

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()


class Command(BaseModel):
    """Something asked for. `happened_at` is filled in by the store where the caller leaves it open."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    happened_at: datetime | None = None

    def at(self, moment: datetime) -> Self:
        return self if self.happened_at is not None else self.model_copy(update={"happened_at": moment})

    @property
    def when(self) -> datetime:
        """The moment it happened; there once the store has it."""
        if self.happened_at is None:
            raise ValueError("the store fills in happened_at before it decides")
        return self.happened_at


class UnknownEvent(Exception):
    """No model is known for this type: a newer service wrote it, or somebody else."""


def parse_event(type: str, data: Mapping[str, Any]) -> Event:
    """The event of that type; raises `UnknownEvent`, or pydantic's `ValidationError` where the data breaks it."""
    fields = dict(data)
    while type in UPCASTERS:
        type, fields = UPCASTERS[type](fields)
    try:
        model = EVENTS[type]
    except KeyError:
        raise UnknownEvent(type) from None
    return model.model_validate(fields)
