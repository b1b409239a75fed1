"""The markets of a network: what its calls match, and what the profile lays down for each."""

from pydantic import Field, model_validator

from shared.profiles.rows import Row


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
