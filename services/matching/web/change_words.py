"""What would change a run, in words: a single change for an interest, hosts by what they unlock, the distance.

All of it was solved again with the one change made. To a member no other member's offer is named.
"""

from collections.abc import Sequence

from services.matching.domain.changes import Change, Closing, Kind, Unlocked
from services.matching.domain.working import Kept, Since, Stage, Working
from services.matching.web.common import focus_title, week_numbers
from services.matching.web.levels import names_of
from shared.profiles import Profile
from shared.web.formats import language_name
from shared.web.i18n import _, ngettext, plural


def smallest(working: Working | None, interest: str, profile: Profile, reader: str | None) -> str:
    """What would match an interest; or how far it is with that. Empty where it is not looked for."""
    if working is None or interest not in working.interests:
        return _too_large() if working is not None and working.large else ""
    if interest in working.changes:
        change = working.changes[interest]
        return _change(change, profile, reader) if change else _none_suffices()
    if interest in working.failed:
        return _("What would match it could not be worked out.")
    if working.stage is Stage.EXPLAINING:
        return _("What would match it is being worked out: %(progress)s.", progress=progress(working))
    return _("What would match it was not worked out.")


def progress(working: Working) -> str:
    return _("%(done)s of %(todo)s", done=working.done, todo=working.todo)


def _none_suffices() -> str:
    return _(
        "No single change was found that matches it: further weeks, languages, focus areas, places, budget or an"
        " interpreter were tried one by one."
    )


def _too_large() -> str:
    return _("In a market of this size no single changes are worked out.")


def _change(change: Change, profile: Profile, reader: str | None) -> str:
    if change.kind is Kind.BUDGET:
        return _money(change, profile, reader)
    first = _if(change, profile, reader)
    if reader is not None:
        return _("%(change)s, it would be matched.", change=first)
    host, week = names_of(profile)(change.host), week_numbers(change.week)
    return _("%(change)s, it would be matched: %(host)s, %(week)s.", change=first, host=host, week=week)


def _money(change: Change, profile: Profile, reader: str | None) -> str:
    """Enough, which is not to say that less would not do."""
    if reader is not None:
        return _("%(amount)s EUR more for the call would be enough.", amount=change.value)
    host, week = names_of(profile)(change.host), week_numbers(change.week)
    return _(
        "%(amount)s EUR more for the call would be enough: %(host)s, %(week)s.",
        amount=change.value,
        host=host,
        week=week,
    )


def _if(change: Change, profile: Profile, reader: str | None) -> str:
    match change.kind:
        case Kind.WEEK:
            return _("If it could also begin in %(week)s", week=week_numbers(change.value))
        case Kind.LANGUAGE:
            return _("If its officials worked in %(language)s as well", language=language_name(change.value))
        case Kind.FOCUS:
            return _("If “%(focus)s” would do as well", focus=focus_title(change.value, profile.id))
        case Kind.CAP:
            return _(
                "If %(member)s could send one exchange more than the call allows",
                member=names_of(profile)(change.value),
            )
        case Kind.INTERPRETATION:
            return _("If the call paid an interpreter")
    if reader is not None:
        text = plural("With one place more at a host that fits", "With %(num)s places more at a host that fits")
        return ngettext(*text, change.places)
    text = plural(
        "With one place more at %(host)s in every week of the stay",
        "With %(num)s places more at %(host)s in every week of the stay",
    )
    return ngettext(*text, change.places, host=names_of(profile)(change.host))


def unlocking(one: Unlocked, profile: Profile) -> str:
    text = plural(
        "%(host)s: one place more in each of its weeks brings one more exchange.",
        "%(host)s: one place more in each of its weeks brings %(num)s more exchanges.",
    )
    return ngettext(*text, one.exchanges, host=names_of(profile)(one.host))


def distance(closing: Closing | None, profile: Profile) -> list[str]:
    """How far the call is from its minimum, and what closes that; empty where it has none."""
    if closing is None or not closing.wanted:
        return []
    if not closing.missing:
        text = _(
            "With this run the call has %(standing)s exchanges; at least %(wanted)s are wanted.",
            standing=closing.standing,
            wanted=closing.wanted,
        )
        return [text]
    missing = plural(
        "One exchange is missing to the minimum of %(wanted)s.",
        "%(num)s exchanges are missing to the minimum of %(wanted)s.",
    )
    first = ngettext(*missing, closing.missing, wanted=closing.wanted)
    if not closing.by:
        return [first, _("No host was found where one place more brings them nearer.")]
    name, reached = names_of(profile), closing.standing + sum(one.exchanges for one in closing.by)
    hosts = ", ".join(name(one.host) for one in closing.by)
    closes = plural(
        "One place more at %(hosts)s brings it to %(reached)s.",
        "One place more at each of %(num)s hosts brings it to %(reached)s: %(hosts)s.",
    )
    return [first, ngettext(*closes, len(closing.by), hosts=hosts, reached=reached)]


def kept_words(kept: Kept) -> list[str]:
    """A run beside the one before; empty for a first run."""
    said = []
    if kept.standing:
        text = plural(
            "One exchange that was proposed or agreed stays as it is.",
            "%(num)s exchanges that were proposed or agreed stay as they are.",
        )
        said.append(ngettext(*text, kept.standing))
    if kept.kept or kept.changed:
        text = plural("One match of the run before is kept", "%(num)s matches of the run before are kept")
        changed = ngettext(*plural("one changed", "%(num)s changed"), kept.changed)
        said.append(_("%(kept)s, %(changed)s.", kept=ngettext(*text, kept.kept), changed=changed))
    return said


def since_words(since: Since, newer: bool) -> list[str]:
    """Why what is said here may not hold any more; empty where it does."""
    said = [_("A newer run of this call was made since.")] if newer else []
    counts: Sequence[tuple[tuple[str, str], int]] = (
        (plural("One interest was changed or withdrawn since.", "%(num)s interests were changed or withdrawn since."),
         len(since.interests)),
        (plural("One interest was filed since.", "%(num)s interests were filed since."), since.filed),
        (plural("One offer was changed or withdrawn since.", "%(num)s offers were changed or withdrawn since."),
         since.offers),
        (plural("One offer was made since.", "%(num)s offers were made since."), since.made),
    )  # fmt: skip
    return said + [ngettext(*text, count) for text, count in counts if count]
