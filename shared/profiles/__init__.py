"""Networks as data: one file a network, quoted from its documents; `load("ela")` gives the checked profile.

The persons of the local profile are in `shared.profiles.persons`, apart because they know the register of people.
"""

from shared.profiles.loader import NETWORKS, ProfileError, load, profiles
from shared.profiles.profile import Profile
from shared.profiles.rows import (
    ActivityKind,
    BilateralActivity,
    Indicator,
    Line,
    Member,
    Plan,
    Reading,
    RequestKind,
)

__all__ = [
    "NETWORKS",
    "ActivityKind",
    "BilateralActivity",
    "Indicator",
    "Line",
    "Member",
    "Plan",
    "Profile",
    "ProfileError",
    "Reading",
    "RequestKind",
    "load",
    "profiles",
]
