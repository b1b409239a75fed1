"""Networks as data: one file a network, quoted from its documents; `load("ela")` gives the checked profile."""

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
