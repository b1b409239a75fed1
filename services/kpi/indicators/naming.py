"""Which indicators a network has, and their targets: what its profile names, and what every network is shown."""

from services.kpi.engine.figures import INDICATORS, Indicator
from shared.profiles import Profile


def named_by(profile: Profile) -> frozenset[str]:
    return frozenset([*(one.id for one in profile.indicators), *(one.id for one in profile.communication)])


def indicators_of(profile: Profile) -> list[Indicator]:
    named = named_by(profile)
    return [one for one in INDICATORS.values() if not one.only_where_named or one.id in named]


def target_of(profile: Profile, id: str) -> float | None:
    known = profile.targets.get(id)
    return known if known is not None else next((one.target for one in profile.communication if one.id == id), None)
