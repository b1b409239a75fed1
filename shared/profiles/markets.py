"""The markets of a network: what its calls match, and what the profile lays down for each."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from shared.profiles.rows import Row, listed


class Market(Row):
    """One kind of exchange that calls are made for; what is left out is the way of a staff exchange.

    The numbers bound what an interest may ask for; the flags are what a new call of this market begins with.
    """

    id: str
    title: str
    note: str = ""
    offered: bool = True
    """Whether calls of it may be opened; the source may only consider it so far."""
    shortest: int = Field(1, ge=1, le=26)
    """Weeks of a stay."""
    longest: int = Field(26, ge=1, le=26)
    most_officials: int = Field(50, ge=1, le=50)
    rolling: bool = False
    """Matched whenever something new arrives."""
    endorsed_only: bool = False
    interpreted: bool = False
    joint_inspections: bool = False
    """Whether sides say if they wish a joint inspection."""
    counts_opportunities: bool = False
    """Whether participants with fewer opportunities are counted."""
    levels: tuple[dict[str, int], ...] = (
        {"exchanges": 1}, {"kept": 1}, {"members": 1}, {"wishes": 1}, {"cost": 1},
    )  # fmt: skip
    """What a run aims at where its call says nothing else, the first before all others; several in one are weighed."""
    effort: float = Field(20, gt=0, le=600)
    """How long each search of a run may take, in deterministic time: about as many seconds on a slow core."""
    agreement: tuple[str, ...] = ()
    """Sentences that every hosting agreement of this market has."""

    @model_validator(mode="after")
    def _in_order(self) -> "Market":
        if self.longest < self.shortest:
            raise ValueError("the longest stay is shorter than the shortest")
        return self


ORDINARY = {"staff-exchange": Market(id="staff-exchange", title="Staff exchange")}


class Criterion(Row):
    """What an application is assessed by, 1 to 5."""

    id: str
    title: str
    weight: int = Field(1, ge=1, le=100)


class ExpertRules(Row):
    """The list of experts: by what they are assessed, how long they stay on it, how they are matched."""

    criteria: Annotated[tuple[Criterion, ...], BeforeValidator(listed)] = (
        Criterion(id="knowledge", title="Knowledge of the field"),
        Criterion(id="experience", title="Professional experience"),
        Criterion(id="teaching", title="Experience in training and presenting"),
    )
    pass_mark: float = Field(3, ge=1, le=5)
    """The least weighed average with which somebody is listed."""
    valid_months: int = Field(36, ge=1, le=120)
    remind_days: int = Field(60, ge=1, le=365)
    """Before the end."""
    most: int = Field(6, ge=1, le=52)
    """Assignments a year that an expert may offer at most."""
    answer_days: int = Field(10, ge=1, le=90)
    automatic: bool = True
    """After a decline the next best is asked at once; else a coordinator proposes what the run found."""
    levels: tuple[dict[str, int], ...] = ({"exchanges": 1}, {"quality": 1, "wishes": 1}, {"balance": 1})
    """What counts, in this order: needs covered, the assessment and the organiser's wishes, an even load."""


class IdeaRules(Row):
    """Partners for project ideas."""

    roles: Annotated[tuple[Criterion, ...], BeforeValidator(listed)] = (
        Criterion(id="public-authority", title="Public authority"),
        Criterion(id="training-provider", title="Training provider"),
        Criterion(id="university", title="University or research institute"),
        Criterion(id="social-partner", title="Social partner"),
        Criterion(id="enterprise", title="Enterprise"),
        Criterion(id="civil-society", title="Civil society organisation"),
    )
    most: int = Field(5, ge=1, le=20)
    """Ideas that a partner may offer to join at once."""
    answer_days: int = Field(21, ge=1, le=90)
    automatic: bool = False
    levels: tuple[dict[str, int], ...] = ({"groups": 1}, {"exchanges": 1}, {"wishes": 1, "likes": 1}, {"balance": 1})
    """Ideas that have all their partners, partners found, wishes of both sides, an even load."""
