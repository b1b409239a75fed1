"""Where the places went, and what would have been next best, in words. `reader` is the member who reads; None sees all.

Another member's offer is never named to a member: what it hears is how many hosts it was, and for which aim.
"""

from collections import Counter
from collections.abc import Sequence

from services.matching.domain.market import Level
from services.matching.domain.reasons import NextBest, Taken, Why
from services.matching.domain.standing import Limit
from services.matching.web.common import week_numbers
from services.matching.web.levels import Names, level_name
from shared.web.i18n import _, ngettext, plural


def where_taken(taken: Sequence[Taken], sender: str, name: Names, reader: str | None) -> list[str]:
    """What stopped an interest at the offers that fit: host by host, or counted for a member."""
    if reader is None:
        return [said for one in taken for said in _at_host(one, sender, name)]
    return _counted(taken, sender, name)


def _at_host(one: Taken, sender: str, name: Names) -> list[str]:
    host = name(one.host)
    match one.limit:
        case Limit.VISITS:
            return [_("%(host)s takes no further exchange.", host=host), *_for_the_sake(one, host)]
        case Limit.CAP:
            return [_cap(sender, name), *_for_the_sake(one, host)]
        case Limit.BUDGET:
            return [_("With a stay at %(host)s the call would cost more than its budget.", host=host)]
        case Limit.RECIPROCITY:
            return [_("%(host)s hosts only if it sends, and nobody of its own was matched.", host=host)]
        case Limit.GROUP:
            return [_("The others of its group were not matched, or one of them is at %(host)s.", host=host)]
    text = plural(
        "%(host)s gave its places in these weeks to one other interest.",
        "%(host)s gave its places in these weeks to %(num)s other interests.",
    )
    return [ngettext(*text, len(one.by), host=host), *_for_the_sake(one, host)]


def _for_the_sake(one: Taken, host: str) -> list[str]:
    if one.level is None:
        return []
    level = level_name(one.level)
    return [_("Were it given one of them at %(host)s, “%(level)s” would come out worse.", host=host, level=level)]


def _cap(sender: str, name: Names) -> str:
    return _("%(member)s sends as many exchanges as the call allows a member.", member=name(sender))


def _counted(taken: Sequence[Taken], sender: str, name: Names) -> list[str]:
    said = [_of_hosts(limit, count, sender, name) for limit, count in Counter(one.limit for one in taken).items()]
    levels = Counter(one.level for one in taken if one.level is not None)
    text = plural(
        "At one of them it would have taken the place of another, and “%(level)s” would come out worse.",
        "At %(num)s of them it would have taken the place of another, and “%(level)s” would come out worse.",
    )
    return said + [ngettext(*text, count, level=level_name(level)) for level, count in levels.items()]


def _of_hosts(limit: Limit | None, count: int, sender: str, name: Names) -> str:
    if limit is Limit.CAP:
        return _cap(sender, name)
    texts = {
        Limit.VISITS: plural("One host takes no further exchange.", "%(num)s hosts take no further exchange."),
        Limit.BUDGET: plural(
            "With a stay at one host the call would cost more than its budget.",
            "With a stay at any of %(num)s hosts the call would cost more than its budget.",
        ),
        Limit.RECIPROCITY: plural(
            "One host receives only if it sends, and nobody of its own was matched.",
            "%(num)s hosts receive only if they send, and nobody of their own was matched.",
        ),
        Limit.GROUP: plural(
            "At one host it would be without the others of its group.",
            "At %(num)s hosts it would be without the others of its group.",
        ),
    }
    places = plural(
        "One host gave its places in these weeks to others.",
        "%(num)s hosts gave their places in these weeks to others.",
    )
    return ngettext(*(texts.get(limit, places) if limit else places), count)


def next_best(why: Why, name: Names, reader: str | None) -> str:
    """Empty where no other host came into question."""
    one = why.next
    if one is None:
        return ""
    week = week_numbers(one.week)
    if reader is None:
        first = _("The next best host would be %(host)s, %(week)s", host=name(one.host), week=week)
    else:
        first = _("The next best would be another host, %(week)s", week=week)
    return _("%(first)s: %(why)s.", first=first, why=_less(one))


def _less(one: NextBest) -> str:
    if one.limit is not None:
        return _why_stopped(one.limit)
    if one.level is None:
        return _("just as good; the tie was broken")
    if one.level is Level.COST:
        return _("%(amount)s EUR dearer", amount=one.less)
    return _("“%(level)s” would have %(less)s less", level=level_name(one.level), less=one.less)


def _why_stopped(limit: Limit) -> str:
    return {
        Limit.PLACES: _("its places are taken by others"),
        Limit.VISITS: _("it takes no further exchange"),
        Limit.CAP: _("its member sends as many as the call allows"),
        Limit.BUDGET: _("the budget does not reach for it"),
        Limit.RECIPROCITY: _("it hosts only if it sends"),
        Limit.GROUP: _("the others of its group would be missing"),
    }[limit]


def adds(why: Why) -> list[tuple[str, str]]:
    """What a match adds to each level, in the call's order; what adds nothing is left out."""
    return [(level_name(level), _amount(level, value)) for level, value in why.adds.items() if value]


def adds_in_words(why: Why) -> str:
    """Empty for runs that were made before this was kept."""
    said = ", ".join(f"{name} {value}" for name, value in adds(why))
    return _("It adds: %(what)s.", what=said) if said else ""


def _amount(level: Level, value: int) -> str:
    return f"{value}" if level is Level.COST else f"+{value}"
