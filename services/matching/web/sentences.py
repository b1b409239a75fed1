"""A run's reasons in words. `reader` is the member who reads; None sees all of the network.

Nobody reads another member's wishes, or who else was given a place.
"""

from collections.abc import Callable

from services.matching.domain.market import Fallen, Rule
from services.matching.domain.reasons import Taken, Unmatched
from services.matching.domain.solution import Level, Match, Reached
from services.matching.web.common import focus_title
from shared.profiles import Profile
from shared.web.formats import language_name, member_name
from shared.web.i18n import _, ngettext, plural

Names = Callable[[str], str]


def names_of(profile: Profile) -> Names:
    return lambda code: member_name(code, profile.id)


def why_matched(match: Match, profile: Profile, reader: str | None) -> list[str]:
    """What spoke for a match, level by level."""
    why, name = match.why, names_of(profile)
    said = [_fits(match, profile)]
    if reader not in (None, match.sender):
        return said
    if why.first_of_member:
        said.append(_("It gives %(member)s its first exchange.", member=name(match.sender)))
    elif why.others_of_member:
        count = why.others_of_member + 1
        said.append(_("One of %(num)s exchanges that this run gives %(member)s.", num=count, member=name(match.sender)))
    else:
        said.append(_("%(member)s sends by another exchange already.", member=name(match.sender)))
    if why.wish is not None:
        said.append(
            _("%(host)s is wish %(wish)s of %(wishes)s.", host=name(match.host), wish=why.wish, wishes=why.wishes)
        )
    elif why.wishes:
        said.append(_("%(host)s was not among the wishes.", host=name(match.host)))
    said.append(ngettext("One offer came into question.", "%(num)s offers came into question.", why.offers))
    if why.starts > 1:
        said.append(
            _("Start week %(place)s of %(starts)s that fit there.", place=why.earlier_starts + 1, starts=why.starts)
        )
    return said


def _fits(match: Match, profile: Profile) -> str:
    focus = focus_title(match.focus, profile.id)
    if not match.language:
        return _(
            "Both work on “%(focus)s”, an interpreter is provided, and the host has places in every week of the stay.",
            focus=focus,
        )
    return _(
        "Both work on “%(focus)s”, share %(language)s, and the host has places in every week of the stay.",
        focus=focus,
        language=language_name(match.language),
    )


def why_unmatched(one: Unmatched, focus: str, offers: int, profile: Profile, reader: str | None) -> list[str]:
    """Which rules stopped an interest, and where the places went that it could have had."""
    if not offers:
        return [_("Nobody offered to host yet.")]
    said = [_fallen(fallen, offers, focus_title(focus, profile.id)) for fallen in one.fallen if fallen.offers]
    if not one.open:
        return [*said, _("No offer was left.")]
    fitting = len(one.taken)
    text = plural(
        "One offer fits; its places went to other exchanges, in the choice that makes the most exchanges.",
        "%(num)s offers fit; their places went to other exchanges, in the choice that makes the most exchanges.",
    )
    said.append(ngettext(*text, fitting))
    if reader is None:
        said += [_taken(taken, names_of(profile)) for taken in one.taken]
    return said


def level_words(reached: Reached) -> tuple[str, str]:
    """A level's name and what it came to."""
    name = level_name(reached.level)
    if reached.level is Level.ORDER:
        return name, _("the best") if reached.proven else _("near the best")
    if reached.level is Level.COST:
        if reached.proven:
            return name, _("%(value)s, proven: no choice as good costs less", value=reached.value)
        return name, _("%(value)s; at least %(bound)s may be needed", value=reached.value, bound=reached.bound)
    if reached.proven:
        return name, _("%(value)s, proven: no choice has more", value=reached.value)
    return name, _("%(value)s; at most %(bound)s may be possible", value=reached.value, bound=reached.bound)


def level_name(level: Level) -> str:
    return {
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
    }[level]


def _fallen(fallen: Fallen, offers: int, focus: str) -> str:
    text = {
        Rule.ELIGIBLE: plural("One may not take part in this call.", "%(num)s may not take part in this call."),
        Rule.EXCLUDED: plural(
            "One is excluded, by the interest or by the host.", "%(num)s are excluded, by the interest or by the host."
        ),
        Rule.INSPECTION: plural("One differs about a joint inspection.", "%(num)s differ about a joint inspection."),
        Rule.SIZE: plural("One takes no delegation of this size.", "%(num)s take no delegation of this size."),
        Rule.OWN_HOST: plural("One offer is the member's own.", "%(num)s offers are the member's own."),
        Rule.TURNED_DOWN: plural("One offer was turned down before.", "%(num)s offers were turned down before."),
        Rule.FOCUS: plural(
            "One of %(all)s offers does not work on “%(focus)s”.",
            "%(num)s of %(all)s offers do not work on “%(focus)s”.",
        ),
        Rule.LANGUAGE: plural("One shares no language.", "%(num)s share no language."),
        Rule.DATES: plural("One does not host in these weeks.", "%(num)s do not host in these weeks."),
        Rule.CAPACITY: plural(
            "One has too few places left in these weeks.",
            "%(num)s have too few places left in these weeks.",
        ),
    }[fallen.rule]
    return ngettext(*text, fallen.offers, all=offers, focus=focus)


def _taken(taken: Taken, name: Names) -> str:
    return ngettext(
        "%(host)s gave its places in these weeks to one other interest.",
        "%(host)s gave its places in these weeks to %(num)s other interests.",
        len(taken.by),
        host=name(taken.host),
    )
