"""Dates, numbers and members in the reader's words."""

from collections.abc import MutableMapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from babel import Locale, dates, numbers
from markupsafe import Markup

from shared.profiles import Profile, ProfileError
from shared.web.i18n import last_choice, locale, reader_zone
from shared.web.wording import in_words

# The institutions write EL and UK where ISO 3166 writes GR and GB.
_ISO = {"EL": "GR", "UK": "GB"}


def profile_of(network: str | None) -> Profile | None:
    """The network's profile in the reader's language; none for a network that has none."""
    try:
        return in_words(network) if network else None
    except ProfileError:
        return None


def speak_for(scope: MutableMapping[str, Any], network: str) -> None:
    """From here on in the network's language, where neither the reader nor their browser asks for one known here."""
    if profile := profile_of(network):
        last_choice(scope, profile.language)


def moment(value: datetime | date | str, network: str | None = None, *, style: str = "day") -> Markup:
    """A `<time>` in the reader's words and zone, the exact moment on hover and in print.

    `style`: `day` (12 Sep), `date` (12 September 2024), `time` (14:02), `minute` (12 Sep, 14:02).
    """
    value = _parsed(value)
    where = locale()
    if not isinstance(value, datetime):
        exact = dates.format_date(value, "full", locale=where)
        shown = dates.format_date(value, "long", locale=where) if style == "date" else _day(value, where)
        return _time(value.isoformat(), exact, shown)
    profile = profile_of(network)
    local = _aware(value).astimezone(reader_zone(profile.zone) if profile else reader_zone())
    exact = dates.format_datetime(local, "d MMMM y, HH:mm:ss z", locale=where)
    match style:
        case "date":
            shown = dates.format_date(local, "long", locale=where)
        case "time":
            shown = f"{local:%H:%M}"
        case "minute":
            shown = f"{_day(local, where)}, {local:%H:%M}"
        case _:
            shown = _day(local, where)
    return _time(local.isoformat(timespec="seconds"), exact, shown)


def _day(value: date, where: Locale) -> str:
    """Day and short month; with the year where it is not the present one."""
    return dates.format_skeleton("MMMd" if value.year == _this_year() else "yMMMd", value, locale=where)


def _this_year() -> int:
    from shared import clock

    return clock.now().year


def _parsed(value: datetime | date | str) -> datetime | date:
    if isinstance(value, str):
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _time(machine: str, exact: str, shown: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, shown)


def span(first: date, last: date) -> str:
    """10 October 2024, or 10–11 October 2024: no line ends inside a date, nor at the dash between two days of a month.

    A range over two months may break after its dash, so that it fits a phone.
    """
    if first == last:
        return _unbroken(dates.format_date(first, "long", locale=locale()))
    text = dates.format_interval(first, last, "yMMMMd", locale=locale())
    before, dash, after = text.partition("\u2009\u2013\u2009")
    if dash:
        return f"{_unbroken(before)}\u00a0\u2013 {_unbroken(after)}"
    return _unbroken(text.replace("\u2013", "\u2060\u2013\u2060"))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def quarter(text: str | None) -> str:
    """`2024-Q2` as Q2 2024; what is no quarter as it stands."""
    year, _, part = (text or "").partition("-")
    return f"{part} {year}" if part else year


def number(value: float, digits: int | None = None) -> str:
    """With the language's marks, and exactly `digits` decimals where given."""
    if digits is None:
        return str(numbers.format_decimal(value, locale=locale()))
    return str(numbers.format_decimal(value, f"#,##0.{'0' * digits}".rstrip("."), locale=locale()))


def percent(share: float, digits: int = 0) -> str:
    """`0.61` as `61 %`, as the institutions write it."""
    return f"{number(share * 100, digits)}\u00a0%"


def member_name(code: str | None, network: str | None = None) -> str:
    """A member's name in the reader's language: a country's by babel, any other's as its network writes it."""
    if not code:
        return ""
    profile = profile_of(network)
    known = profile.member(code) if profile else None
    country = known is None or known.kind == "member-state"
    return (_territory(code, locale()) if country else "") or (
        known.name if known else profile.title_of(code) if profile else code
    )


@cache
def _territory(code: str, where: Locale) -> str:
    return str(where.territories.get(_ISO.get(code, code), "")) if len(code) == 2 else ""


def language_name(code: str) -> str:
    """`bg` as Bulgarian."""
    return str(locale().languages.get(code, code))


def json_text(value: Any) -> Markup:
    """For `<script type="application/json">`: no tag can end inside it."""
    import orjson

    text = orjson.dumps(value, default=str).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
