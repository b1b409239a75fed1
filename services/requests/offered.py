"""What a network offers, read from its profile into the plain data that the domain decides on."""

from functools import cache

from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language, Mode
from shared.profiles import Profile, ProfileError, RequestKind, load

from .domain.kinds import Kind
from .domain.plan import Place


def profile_of(network: str) -> Profile:
    try:
        return load(network)
    except ProfileError:
        raise Refused("not-found", "There is no network of this name here.", status=404) from None


def kind_of(network: str, kind: str) -> Kind:
    """The kind of request; refused where the network has none of this id."""
    found = kinds_of(network).get(kind)
    if found is None:
        raise Refused("kind-unknown", "Choose a kind of request that this network offers.", status=422)
    return found


@cache
def kinds_of(network: str) -> dict[str, Kind]:
    profile = profile_of(network)
    return {one.id: _kind(profile, one) for one in profile.request_kinds.values()}


def place_of(network: str, kind: str, line: str, year: int) -> Place:
    """Where an activity of this kind goes; refused where that year's plan has no such line, or no such kind."""
    profile = profile_of(network)
    found = next((one for one in profile.lines(year) if one.id == line), None)
    if found is None:
        raise Refused("line-unknown", "Choose a line of the plan of %(year)s.", status=422, year=year)
    activity_kind = profile.activity_kinds.get(kind)
    if activity_kind is None:
        raise Refused("kind-unknown", "Choose a kind of activity that this network has.", status=422)
    return Place(kind, found.pillar or activity_kind.pillar)


def activity_rules(network: str, kind: str) -> Kind:
    """What the fields of an activity planned by the network itself may hold."""
    profile = profile_of(network)
    found = profile.activity_kinds.get(kind)
    title = found.title if found else kind
    return Kind(kind, title, kind, choices=_choices(profile))


def _kind(profile: Profile, kind: RequestKind) -> Kind:
    choices = _choices(profile)
    choices |= {name: {one: one for one in options} for name, options in kind.options.items()}
    untrained = {group.id: group.reason for group in profile.target_groups if not group.trained_directly}
    askers = {one: what for one, what in profile.requesters.items() if what in kind.requesters}
    choices["member"] = (choices["members"] if "member" in kind.requesters else {}) | {
        one: profile.title_of(one) for one in askers
    }
    activity_kind = profile.activity_kinds.get(kind.activity_kind)
    return Kind(
        id=kind.id,
        title=kind.title,
        activity_kind=kind.activity_kind,
        pillar=activity_kind.pillar if activity_kind else "",
        line=kind.line,
        takes=kind.takes,
        required=kind.required,
        requesters=askers,
        cap=kind.cap,
        offered=kind.offered,
        not_offered_reason=kind.not_offered_reason,
        to_call=kind.to_call,
        untrained=untrained if kind.trains_directly else {},
        choices=choices,
    )


def _choices(profile: Profile) -> dict[str, dict[str, str]]:
    members = {member.code: member.name for member in profile.members}
    return {
        "member": members,
        "owner": {unit.id: unit.title for unit in profile.units} | members,
        "members": members,
        "host_member": members,
        "topic": {one.id: one.title for one in profile.topics},
        "target_groups": {one.id: one.title for one in profile.target_groups},
        "focus_area": {one.id: one.title for one in profile.focus_areas},
        "language": {code: Language(code).english for code in profile.languages},
        "mode": {mode.value: mode.label for mode in Mode},
    }
