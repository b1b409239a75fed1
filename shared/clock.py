"""The domain's time. Leases, sessions, signatures and backoff use the real clock."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The present moment of the domain, in UTC, to the millisecond (what MongoDB keeps)."""
    moment = datetime.now(UTC) + _offset
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def offset() -> timedelta:
    return _offset


def set_offset(value: timedelta) -> None:
    """Only the local profile does this, in every process at once (`shared/spine/timekeeper.py`)."""
    global _offset
    _offset = value
