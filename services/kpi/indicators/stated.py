"""Figures of years that the network's own document states: they stand beside what is counted, and say so."""

import re
from collections.abc import Iterator

from services.kpi.engine.figures import Indicator, Scope
from shared.profiles import Profile

ANNUAL_TRAINING = "members-per-annual-training"


def stated_before(profile: Profile, one: Indicator, scope: Scope) -> Iterator[tuple[str, float, str]]:
    """The last day of each earlier year, the figure that is stated for it, and in which words."""
    if one.id != ANNUAL_TRAINING or scope.member:
        return
    for told in profile.history:
        year = re.search(r"\b(20\d\d)$", told.date_as_quoted)
        if year and told.members and told.what.startswith("EU labour mobility training") and int(year[1]) < scope.year:
            yield f"{year[1]}-12-31", told.members, f"{told.what}, {told.date_as_quoted}, {told.place}"
