"""Events of `requests` about figures that come from outside: followers, posts, learners on mobility.

A reading's stream is determined by network, figure, member and day, so that one told twice is one. `value` is a whole
number; where a figure is a share, `of` is the whole that `value` is a part of. Where it came from and why it was
corrected stay in the service.
"""

from datetime import date

from .base import Event


class ReadingEvent(Event):
    figure: str
    """An id of the network's profile: a communication target or an indicator."""
    on: date
    """The day the figure is of."""
    member: str | None = None
    value: int
    of: int | None = None


class ReadingTaken(ReadingEvent, type="liaison.requests.reading.taken.v1"):
    words: str | None = None
    """Under which id the service keeps its source."""


class ReadingCorrected(ReadingEvent, type="liaison.requests.reading.corrected.v1"):
    """It says what it takes back."""

    previously: int
    previously_of: int | None = None
    words: str | None = None


class ReadingRemoved(ReadingEvent, type="liaison.requests.reading.removed.v1"):
    """It was no reading of this figure; `value` and `of` are what it takes back."""

    words: str | None = None


EVENTS = (ReadingTaken, ReadingCorrected, ReadingRemoved)
