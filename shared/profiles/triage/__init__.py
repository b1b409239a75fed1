"""What a network's triage weighs requests by, and what each kind of request costs: a file a network, as data."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from shared.profiles.loader import ProfileError, read_toml, told
from shared.profiles.rows import Row

FOLDER = Path(__file__).parent
OTHER = "other"
"""The cost of what no kind of request is: activities of the network's own."""

Days = Annotated[float, Field(ge=0, multiple_of=0.5)]


class Size(Row):
    """What one request takes of each resource, up to this many participants; the last size has no end."""

    up_to: int | None = Field(default=None, ge=1)
    budget: int = Field(default=0, ge=0)
    """Euros."""
    trainer_days: Days = 0
    event_slots: int = Field(default=0, ge=0)
    interpretation_days: Days = 0


class Cost(Row):
    """A kind's model of cost, in at most five sizes."""

    sizes: Annotated[tuple[Size, ...], Field(min_length=1, max_length=5)]
    usual: int = 0
    """The place of the size that is taken where nobody says how many take part."""

    @model_validator(mode="after")
    def _in_order(self) -> "Cost":
        ends = [size.up_to for size in self.sizes]
        known = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(known) != len(ends) - 1 or sorted(set(known)) != known:
            raise ValueError("give the sizes in rising order, the last one without an end")
        if not 0 <= self.usual < len(self.sizes):
            raise ValueError("the usual size is none of the sizes")
        return self

    def size(self, participants: int | None) -> Size:
        if participants is None:
            return self.sizes[self.usual]
        return next(size for size in self.sizes if size.up_to is None or participants <= size.up_to)


class Weights(Row):
    """Points of a request; all are whole numbers."""

    base: int = Field(ge=1)
    """For being asked for at all."""
    need: int = Field(ge=0)
    """At most, where the analyses of needs weigh its topic and target groups heaviest."""
    first_activity: int = Field(ge=0)
    """Once for each member that has no activity yet and would get one."""
    age_a_month: int = Field(ge=0)
    """For each month that it has waited."""
    age_at_most: int = Field(ge=0)
    a_quarter_later: int = Field(ge=0)
    """Taken off for each quarter after the one wished for."""


class Triage(Row):
    weights: Weights
    costs: dict[str, Cost]
    most_a_member: int | None = Field(default=None, ge=1)
    """Requests of one member in a year's proposal."""

    def cost(self, kind: str) -> Cost:
        return self.costs.get(kind) or self.costs[OTHER]


@cache
def triage_of(network: str) -> Triage:
    """Raises `ProfileError` that names file and line."""
    return read(FOLDER / f"{network}.toml")


def read(path: Path) -> Triage:
    raw, text = read_toml(path)
    try:
        found = Triage.model_validate(raw)
    except ValidationError as error:
        raise ProfileError("\n".join(told(path, text, raw, one["loc"], one["msg"]) for one in error.errors())) from None
    if OTHER not in found.costs:
        raise ProfileError(told(path, text, raw, ("costs",), f"There is no cost {OTHER!r}."))
    return found
