"""A run's reasons in words. `reader` is the member who reads; None sees all of the network.

Nobody reads another member's wishes, or who else was given a place.
"""

from services.matching.domain.market import Fallen, Rule
from services.matching.domain.reasons import Unmatched
from services.matching.domain.solution import Match
from services.matching.web.common import focus_title
from services.matching.web.levels import names_of
from services.matching.web.places_words import adds_in_words, next_best, where_taken
from shared.profiles import Profile
from shared.web.formats import language_name
from shared.web.i18n import _, ngettext, plural


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
    return [*said, *filter(None, (adds_in_words(why), next_best(why, name, reader)))]


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
    text = plural(
        "One offer fits, but not beside the exchanges that were chosen.",
        "%(num)s offers fit, but not beside the exchanges that were chosen.",
    )
    said.append(ngettext(*text, len(one.taken)))
    return said + where_taken(one.taken, one.sender, names_of(profile), reader)


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
