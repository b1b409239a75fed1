"""What the API's bodies and answers have in common."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.events.web.asked import IdempotencyKey

__all__ = ["IdempotencyKey", "Moment", "Page", "PageNumber", "PerPage", "Told"]
T = TypeVar("T")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("Give a time that exists in UTC.") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
PerPage = Annotated[int, Query(ge=1, le=200)]


class Told(BaseModel):
    """What every command's body may say."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    happened_at: Moment | None = Field(
        default=None,
        description="When it happened, where that was before; further back than a day needs the right `history.write`.",
        examples=[None],
    )


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    total: int
    page: int
    per_page: int
