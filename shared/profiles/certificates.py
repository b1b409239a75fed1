"""When a network certifies that somebody took part, unless an activity's organiser sets another rule."""

from pydantic import Field

from shared.profiles.rows import Row


class Certificates(Row):
    """`kinds` are the activity kinds with a certificate; left out, its trainings."""

    kinds: tuple[str, ...] | None = None
    share: int = Field(default=80, ge=0, le=100)
    """Percent of the sessions, at least."""
    session_share: int = Field(default=75, ge=1, le=100)
    """Percent of an online session's time from which somebody was there."""
    assessment: bool = False
    feedback: bool = False
    months: int | None = Field(default=None, ge=1)
    """For how long a certificate is valid; none: for ever."""
