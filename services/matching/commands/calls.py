"""What is asked of a call, and of a run of it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.matching.commands.words import Areas, Ask, CallId, Code, Drawn, Euros, Members, Reason, Week

Aim = Literal["exchanges", "kept", "members", "officials", "opportunities", "wishes", "inspections", "cost"]
Level = Annotated[dict[Aim, Annotated[int, Field(ge=1, le=1_000)]], Field(min_length=1, max_length=8)]


class Terms(Ask):
    """What a call lays down. Amounts are whole euros; without `eligible` every member may take part."""

    focus_areas: Areas
    minimum: int = Field(0, ge=0, le=100_000)
    answer_days: int = Field(14, ge=1, le=90)
    closes_on: date | None = None
    """After this day it closes by itself."""
    first_week: Week | None = None
    last_week: Week | None = None
    """The weeks in which exchanges take place."""
    budget: Euros | None = None
    travel: Euros = 0
    """Planned for each official."""
    accommodation: Euros = 0
    """Planned for each official and week."""
    interpretation: Euros = 0
    """Planned for each week without a common language."""
    interpreted: bool = False
    cap: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """Exchanges that a member may send at most."""
    focus_minimum: dict[Code, Annotated[int, Field(ge=1, le=1_000)]] = Field(default_factory=dict, max_length=30)
    eligible: Members = ()
    reciprocal: bool = False
    endorsed_only: bool = False
    rolling: bool = False
    automatic: bool = False
    levels: Annotated[tuple[Level, ...], Field(max_length=8)] = ()
    """What a run aims at, the first before all others; several in one level are weighed. Empty: as the market does."""


TERMS = frozenset(Terms.model_fields) - {"happened_at"}


class Prepared(Terms):
    year: int = Field(ge=2000, le=2100)
    market: Code | None = None
    """Of the profile; left out: the first that it offers."""
    number: Annotated[int, Drawn] = 1


class OpenCall(Prepared):
    """Interests and offers may come in at once."""


class DraftCall(Prepared):
    """Prepared first, opened later."""


class PublishCall(Ask):
    """Open what was drafted."""

    call: CallId


class ChangeCall(Terms):
    """Its terms are these from now on; proposals that wait keep the time they were given."""

    call: CallId


class CloseCall(Ask):
    call: CallId


class ReopenCall(Ask):
    """It was closed too early; `reason` is read by everybody who sees the call."""

    call: CallId
    reason: Annotated[Reason, Field(min_length=1)]
    words: Annotated[str, Drawn] = ""


class BeginCall(Ask):
    """Its exchanges take place from now on."""

    call: CallId


class ReportCall(Ask):
    """All is over: what was planned, agreed, held and paid stands."""

    call: CallId


class RunMatch(Ask):
    call: CallId


class RerunMatch(Ask):
    """Places were freed, or something arrived: match what is left, by itself."""

    call: CallId
    arrived: bool = False
    """Because something arrived, which concerns rolling calls alone."""
