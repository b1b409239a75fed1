"""The reasons of the markets without calls, as sentences: why nobody was found, why somebody was not asked."""

from collections.abc import Mapping
from typing import Any

from services.matching.domain.market import Level, Rule
from services.matching.domain.reasons import Unmatched
from services.matching.domain.solution import Reached
from shared.web.i18n import _, ngettext


def why_open(one: Unmatched, offers: int) -> list[str]:
    """Rule by rule how many fell, then where the others went."""
    if not offers:
        return [_("Nobody is on the list yet.")]
    said = [_fallen(each.rule, each.offers) for each in one.fallen if each.offers]
    if one.taken:
        said.append(
            ngettext(
                "One would suit, and is taken by another or has as much as they take.",
                "%(num)s would suit, and are taken by others or have as much as they take.",
                len(one.taken),
            )
        )
    elif one.open:
        said.append(_("Some would suit, but not all places could be filled."))
    return said


def _fallen(rule: Rule, number: int) -> str:
    match rule:
        case Rule.FOCUS:
            return ngettext("One has another field.", "%(num)s have other fields.", number)
        case Rule.LANGUAGE:
            return ngettext(
                "One does not speak the language well enough.", "%(num)s do not speak the language well enough.", number
            )
        case Rule.DATES:
            return ngettext("One is not available then.", "%(num)s are not available then.", number)
        case Rule.CAPACITY:
            return ngettext("One is booked then.", "%(num)s are booked then.", number)
        case Rule.TURNED_DOWN:
            return ngettext("One was asked before.", "%(num)s were asked before.", number)
        case Rule.OWN_HOST:
            return ngettext("One is its own.", "%(num)s are its own.", number)
    return ngettext("One is excluded.", "%(num)s are excluded.", number)


def idle_words(one: Mapping[str, Any]) -> list[str]:
    """Why somebody who offered was not taken."""
    if not one["sought"]:
        return [_("Nothing was sought.")]
    said = [_not_for(Rule(rule), number) for rule, number in one["fallen"].items()]
    if one["open"]:
        said.append(
            ngettext(
                "One would suit, and others were the better choice over all.",
                "%(num)s would suit, and others were the better choice over all.",
                one["open"],
            )
        )
    return said


def _not_for(rule: Rule, number: int) -> str:
    match rule:
        case Rule.FOCUS:
            return ngettext("One sought another field.", "%(num)s sought other fields.", number)
        case Rule.LANGUAGE:
            return ngettext("One asked for another language or level.", "%(num)s asked for other languages.", number)
        case Rule.DATES:
            return ngettext("One is at another time.", "%(num)s are at other times.", number)
        case Rule.CAPACITY:
            return ngettext("One is while they are booked.", "%(num)s are while they are booked.", number)
        case Rule.TURNED_DOWN:
            return ngettext("One had asked before.", "%(num)s had asked before.", number)
        case Rule.OWN_HOST:
            return ngettext("One is their own.", "%(num)s are their own.", number)
    return ngettext("One is excluded.", "%(num)s are excluded.", number)


def level_words(reached: Reached) -> dict[str, Any]:
    """What a level came to: its name, value, bound and whether it is proven."""
    names = {
        Level.EXCHANGES: _("Places filled"),
        Level.GROUPS: _("Ideas with all their partners"),
        Level.KEPT: _("Matches kept from the run before"),
        Level.QUALITY: _("Assessment"),
        Level.WISHES: _("Points for wishes (5 for a first wish)"),
        Level.LIKES: _("Points for the partners' wishes"),
        Level.BALANCE: _("How unevenly they are spread (less is better)"),
        Level.ORDER: _("Early first, to break ties"),
        Level.WEIGHED: _("Assessment and wishes together"),
    }
    name = names.get(reached.level, reached.level.value)
    return {"name": name, "value": reached.value, "bound": reached.bound, "proven": reached.proven}
