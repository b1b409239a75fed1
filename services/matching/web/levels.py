"""A run's levels in words: what each came to, whether that is proven, and how far it may be from the best."""

from collections.abc import Callable

from babel import numbers

from services.matching.domain.market import Level
from services.matching.domain.solution import Reached
from shared.profiles import Profile
from shared.web.formats import member_name
from shared.web.i18n import _, locale

Names = Callable[[str], str]


def names_of(profile: Profile) -> Names:
    return lambda code: member_name(code, profile.id)


def percent(fraction: float) -> str:
    """With a digit more below one per cent: a gap of 0.04 % is not none."""
    return numbers.format_percent(fraction, "#,##0.##\u202f%", locale=locale())


def level_words(reached: Reached) -> tuple[str, str]:
    """A level's name and what it came to."""
    name = level_name(reached.level)
    figures = {"value": _value(reached), "bound": _number(reached.bound), "gap": percent(reached.gap)}
    if reached.level is Level.ORDER:
        return name, _("the best") if reached.proven else _("near the best")
    if reached.level in ("balance", Level.COST):
        if reached.proven:
            return name, _("%(value)s, proven: no choice as good has less", value=figures["value"])
        return name, _("%(value)s; no less than %(bound)s is possible (gap %(gap)s)", **figures)
    if reached.proven:
        return name, _("%(value)s, proven: no choice has more", value=figures["value"])
    return name, _("%(value)s; no more than %(bound)s is possible (gap %(gap)s)", **figures)


def _value(reached: Reached) -> str:
    """Of several weighed together: what each of them came to."""
    if not reached.parts:
        return _number(reached.value)
    parts = ", ".join(f"{level_name(level)} {_number(value)}" for level, value in reached.parts.items())
    return f"{_number(reached.value)} ({parts})"


def _number(value: int) -> str:
    return str(numbers.format_decimal(value, locale=locale()))


def level_name(level: Level) -> str:
    names: dict[str, str] = {
        Level.AGREED: _("Exchanges agreed to before"),
        Level.MINIMUM: _("Exchanges towards the minimum of their focus area"),
        Level.EXCHANGES: _("Exchanges"),
        Level.KEPT: _("Matches kept from the run before"),
        Level.MEMBERS: _("Members newly served"),
        Level.OFFICIALS: _("Officials"),
        Level.OPPORTUNITIES: _("Participants with fewer opportunities"),
        Level.WISHES: _("Points for wishes (5 for a first wish)"),
        Level.INSPECTIONS: _("Joint inspections"),
        Level.COST: _("Cost in euros"),
        Level.ORDER: _("Early weeks and early interests, to break ties"),
        Level.WEIGHED: _("Several aims weighed together"),
        "quality": _("Scores from the assessment"),
        "likes": _("Points for the hosts' wishes"),
        "groups": _("Groups that are whole"),
        "balance": _("How unevenly it is spread"),
    }
    return names[level]
