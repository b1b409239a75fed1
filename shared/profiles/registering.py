"""How places are given and what is asked unless an organiser says otherwise, as data of the network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.profiles.rows import Row, listed
from shared.profiles.surveys import Question


class Template(Question):
    """A question that organisers may ask of who registers."""

    required: bool = False


class Registering(Row):
    """`offer_hours` left out: a place that becomes free is at once the next one's in line."""

    policy: Literal["first-come", "coverage"] = "first-come"
    offer_hours: Annotated[int, Field(ge=1)] | None = None
    approval: Literal["none", "one", "two"] = "none"
    questions: Annotated[tuple[Template, ...], BeforeValidator(listed)] = ()
