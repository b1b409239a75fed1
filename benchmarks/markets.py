"""Made-up markets from a fixed seed, of the sizes that the benchmark measures.

What no source states follows from one rule each, set before anything was solved
(`docs/decisions/benchmark-markets.md`):

- budget: half of what serving every interest at the mean fare would take;
- cap: each member's equal share of the interests, rounded up;
- weight of a wish against cost: one point outweighs any difference that the choice of a host makes to the cost of one
  exchange, so that preference comes before cost, as in a call's levels.
"""

import random
from collections.abc import Sequence
from fractions import Fraction
from statistics import mean

from services.matching.domain.market import Aim, Costs, Host, Level, Market, Seeker, Terms, aims
from services.matching.week import weeks_of

SEED = 6
MEMBERS = (
    "BE", "BG", "CZ", "DK", "DE", "EE", "IE", "EL", "ES", "FR", "HR", "IT", "CY", "LV", "LT", "LU", "HU", "MT", "NL",
    "AT", "PL", "PT", "RO", "SI", "SK", "FI", "SE",
)  # fmt: skip
AREAS = ("information", "cooperation-enforcement", "social-security", "undeclared-work")
TONGUES = ("en", "fr", "de", "es", "it", "pl", "pt", "ro")
CEFR = ("A2", "B1", "B2", "C1")
WEEKS = weeks_of(2024)[3:50]
SHARE = Fraction(1, 2)
"""Of what serving every interest would take, in the budget."""


def real(seed: int = SEED, seekers: int = 200, hosts: int = 150) -> Market:
    """A yearly call with every rule on."""
    chance = random.Random(seed)
    interests = tuple(_interest(chance, number) for number in range(seekers))
    offers = tuple(_offer(chance, number) for number in range(hosts))
    costs = _costs(chance)
    terms = Terms(
        levels=aims(Level.EXCHANGES, Level.MEMBERS, Level.WISHES, Level.COST),
        cap=_cap(seekers),
        minimum={"information": 20, "social-security": 20},
        wanted=40,
        budget=_budget(interests, costs),
        costs=costs,
    )
    return Market(interests, offers, terms=terms)


def _interest(chance: random.Random, number: int) -> Seeker:
    member = chance.choice(MEMBERS)
    others = [one for one in MEMBERS if one != member]
    spoken = tuple(
        dict.fromkeys(["en", *chance.sample(TONGUES, 2)]) if chance.random() < 0.6 else chance.sample(TONGUES, 2)
    )
    return Seeker(
        f"interest-{number:05d}",
        member,
        chance.choice(AREAS),
        spoken,
        _span(chance, 4, 13),
        officials=chance.choice((1, 1, 2, 2, 3)),
        duration=chance.choice((1, 1, 1, 2)),
        wishes=tuple(chance.sample(others, 3)),
        avoided=tuple(chance.sample(others, 1)),
        speaks={one: chance.choice(CEFR) for one in spoken},
        inspection=chance.choice((None, None, True, False)),
    )


def _offer(chance: random.Random, number: int) -> Host:
    spoken = tuple(
        dict.fromkeys(["en", *chance.sample(TONGUES, 1)]) if chance.random() < 0.7 else chance.sample(TONGUES, 2)
    )
    places = {week: chance.randint(1, 3) for week in _span(chance, 4, 13)}
    return Host(
        f"offer-{number:05d}",
        chance.choice(MEMBERS),
        tuple(chance.sample(AREAS, chance.randint(1, 3))),
        spoken,
        places,
        places,
        asks={one: chance.choice(CEFR[:3]) for one in spoken},
        inspection=chance.choice((None, None, True, False)),
        only_if_sends=chance.random() < 0.25,
        most=chance.choice((1, 2, 2, 3)),
    )


def _span(chance: random.Random, least: int, most: int) -> tuple[str, ...]:
    length = chance.randint(least, most)
    first = chance.randrange(0, len(WEEKS) - length)
    return WEEKS[first : first + length]


def _costs(chance: random.Random) -> Costs:
    fares = {f"{one}>{other}": 10 * chance.randint(12, 60) for one in MEMBERS for other in MEMBERS if one != other}
    return Costs(travel=300, week=650, interpretation=2_500, fares=fares)


def _cap(interests: int) -> int:
    return -(-interests // len(MEMBERS))


def _budget(interests: Sequence[Seeker], costs: Costs) -> int:
    fare = Fraction(mean(costs.fares.values()))
    return int(SHARE * sum(one.officials * (fare + costs.week * one.duration) for one in interests))


def _wish(interests: Sequence[Seeker], costs: Costs) -> int:
    """What a point of a wish weighs against money."""
    widest = max(costs.fares.values()) - min(costs.fares.values())
    return widest * max(one.officials for one in interests)


THEMES = tuple(f"theme-{number:02d}" for number in range(60))


def large(seed: int = SEED, seekers: int = 10_000, hosts: int = 8_000, *, full: bool = False) -> Market:
    """Single visitors for one week; `full`: delegations of 1 to 3, and hosts that only host if they send."""
    chance = random.Random(seed)

    def seeker(number: int) -> Seeker:
        member = chance.choice(MEMBERS)
        wishes = tuple(chance.sample([one for one in MEMBERS if one != member], 5))
        spoken = tuple(chance.sample(TONGUES, 1))
        officials = chance.randint(1, 3) if full else 1
        organisation = f"{member}-{chance.randrange(200)}"
        return Seeker(
            f"interest-{number:05d}", member, chance.choice(THEMES), spoken, _span(chance, 6, 14),
            officials=officials, wishes=wishes, organisation=organisation,
        )  # fmt: skip

    def host(number: int) -> Host:
        member = chance.choice(MEMBERS)
        places = {week: chance.randint(1, 3 if full else 2) for week in _span(chance, 4, 10)}
        organisation = f"{member}-{chance.randrange(200)}"
        return Host(
            f"offer-{number:05d}", member, tuple(chance.sample(THEMES, 2)), tuple(chance.sample(TONGUES, 1)),
            places, places, most=chance.randint(1, 2), organisation=organisation,
            only_if_sends=full and chance.random() < 0.2,
        )  # fmt: skip

    interests = tuple(seeker(number) for number in range(seekers))
    offers = tuple(host(number) for number in range(hosts))
    costs = _costs(chance)
    terms = Terms(
        levels=(Aim({Level.EXCHANGES: 1}), Aim({Level.WISHES: _wish(interests, costs), Level.COST: 1})),
        cap=_cap(seekers),
        budget=_budget(interests, costs),
        costs=costs,
    )
    return Market(interests, offers, terms=terms)
