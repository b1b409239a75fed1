"""The market as a whole-number program: columns that may be chosen, rows that hold, and what each level counts.

Every row reads: the sum of coefficient times column is at most the bound.
"""

from collections import defaultdict
from dataclasses import dataclass

from services.matching.domain.candidates import Field, worth
from services.matching.domain.market import LESS_IS_BETTER, Aim, Costs, Level, Market

Terms = list[tuple[int, int]]
"""Columns with their coefficients."""


@dataclass(frozen=True, slots=True)
class Row:
    terms: Terms
    most: int
    of: tuple[object, ...] = ()
    """What it limits, where that has a price of its own (`estimate.py`)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What a host has in a year: its candidates then, and a helper for each one more, with what it is worth."""

    candidates: list[int]
    steps: list[tuple[int, int]]


class Program:
    """Columns 0 to n-1 are the candidates; behind them stand the helpers (member served, organisation sends ...)."""

    def __init__(self, market: Market, field: Field) -> None:
        self.market, self.field = market, field
        self.candidates = tuple(field.candidates())
        self.upper = [1] * len(self.candidates)
        self.rows: list[Row] = []
        self.once: list[list[int]] = []
        """Columns of which at most one is chosen: the candidates of each interest."""
        self.of_seeker: dict[int, list[int]] = defaultdict(list)
        for column, one in enumerate(self.candidates):
            self.of_seeker[one.seeker].append(column)
        self._members: dict[str, int] = {}
        self._minimum: dict[str, int] = {}
        self._within_places()
        self._caps_and_budget()
        self._reciprocity()
        self._groups()
        self._helpers_for_levels()
        self._loads()
        self.once += self.of_seeker.values()

    def levels(self) -> tuple[Aim, ...]:
        """The call's levels, with those that what stands already brings in."""
        idle = set()
        if not any(one.before for one in self.market.seekers):
            idle.add(Level.KEPT)
        if self.market.terms.costs == Costs():
            idle.add(Level.COST)
        asked = [one for one in self.market.terms.levels if one.level not in idle]
        first = [Aim({level: 1}) for level, there in self._implied() if there]
        return (*first, *asked, Aim({Level.ORDER: 1}))

    def objective(self, aim: Aim) -> dict[int, int]:
        """What each column adds to the level; the more the better."""
        found: dict[int, int] = defaultdict(int)
        for level, weight in aim.weights.items():
            for column, value in self._values(level):
                found[column] += weight * value
        return {column: value for column, value in found.items() if value}

    def count(self, level: Level, chosen: list[int]) -> int:
        """What a choice of candidates comes to on a level; cost as it is, not against."""
        match level:
            case Level.MEMBERS:
                return len({self._sender(column) for column in chosen} & set(self._members))
            case Level.MINIMUM:
                by_focus: dict[str, int] = defaultdict(int)
                for column in chosen:
                    by_focus[self.focus(column)] += 1
                left = self.market.minimum_left()
                return sum(min(by_focus[focus], missing) for focus, missing in left.items())
            case Level.GROUPS:
                return len({self.group_of(column) for column in chosen} - {None})
            case Level.BALANCE:
                return -sum(value * taken for value, taken in self._steps(chosen))
        values = dict(self._values(level))
        total = sum(values.get(column, 0) for column in chosen)
        return -total if level is Level.COST else total

    def reaches(self, aim: Aim, chosen: list[int]) -> int:
        """The level's objective for a choice."""
        signs = dict.fromkeys(LESS_IS_BETTER, -1)
        return sum(weight * signs.get(level, 1) * self.count(level, chosen) for level, weight in aim.weights.items())

    def focus(self, column: int) -> str:
        return self.field.pairs[self.candidates[column].pair].focus

    def year(self, column: int) -> str:
        """The year in which the candidate's stay begins."""
        return self.field.calendar.week(self.candidates[column].week)[:4]

    def group_of(self, column: int) -> int | None:
        """The helper of the candidate's group."""
        return self._group.get(self.market.seekers[self.candidates[column].seeker].group)

    def worth(self, level: Level) -> dict[int, int]:
        """What each candidate adds to a level that is a plain sum; nothing for those that count helpers."""
        return {column: value for column, value in self._values(level) if column < len(self.candidates) and value}

    def whole(self, chosen: list[int]) -> list[int]:
        """The value of every column, helpers included, that a choice of candidates comes to at best."""
        values = [0] * len(self.upper)
        for column in chosen:
            values[column] = 1
        for member, column in self._members.items():
            values[column] = int(any(self._sender(one) == member for one in chosen))
        left = self.market.minimum_left()
        for focus, column in self._minimum.items():
            values[column] = min(left[focus], sum(self.focus(one) == focus for one in chosen))
        for organisation, column in self._sends.items():
            values[column] = int(
                any(self.market.seekers[self.candidates[one].seeker].sends_for == organisation for one in chosen)
            )
        for columns in self._load.values():
            taken = sum(values[one] for one in columns.candidates)
            for step, (column, _value) in enumerate(columns.steps):
                values[column] = int(step < taken)
        for group, column in self._group.items():
            values[column] = int(any(self.market.seekers[self.candidates[one].seeker].group == group for one in chosen))
        return values

    def _implied(self) -> list[tuple[Level, bool]]:
        listed = {level for one in self.market.terms.levels for level in one.weights}
        return [
            (Level.AGREED, any(one.fixed for one in self.market.seekers)),
            (Level.MINIMUM, bool(self._minimum) and Level.MINIMUM not in listed),
        ]

    def _sender(self, column: int) -> str:
        return self.market.seekers[self.candidates[column].seeker].member

    def _values(self, level: Level) -> list[tuple[int, int]]:
        match level:
            case Level.MEMBERS:
                return [(column, 1) for column in self._members.values()]
            case Level.MINIMUM:
                return [(column, 1) for column in self._minimum.values()]
            case Level.GROUPS:
                return [(column, 1) for column in self._group.values()]
            case Level.BALANCE:
                return [step for one in self._load.values() for step in one.steps]
            case Level.ORDER:
                return list(enumerate(self._order()))
            case Level.AGREED:
                return [
                    (column, int(self.market.seekers[one.seeker].fixed)) for column, one in enumerate(self.candidates)
                ]
        return [(column, worth(self.market, self.field, one, level)) for column, one in enumerate(self.candidates)]

    def _order(self) -> list[int]:
        """An earlier interest outweighs nothing but a tie: one step a week, a fraction of it a place in the queue."""
        weeks = sorted({one.week for one in self.candidates})
        place = {week: len(weeks) - number for number, week in enumerate(weeks)}
        queue = len(self.market.seekers)
        return [place[one.week] * (queue + 1) + queue - one.seeker for one in self.candidates]

    def _column(self, upper: int = 1) -> int:
        self.upper.append(upper)
        return len(self.upper) - 1

    def _row(self, terms: Terms, most: int, *of: object) -> None:
        """Left out where it can never bind."""
        if sum(factor * self.upper[column] for column, factor in terms if factor > 0) > most:
            self.rows.append(Row(terms, most, of))

    def _within_places(self) -> None:
        load: dict[tuple[int, int], Terms] = defaultdict(list)
        visits: dict[int, Terms] = defaultdict(list)
        years: dict[tuple[int, str], Terms] = defaultdict(list)
        for column, one in enumerate(self.candidates):
            seeker = self.market.seekers[one.seeker]
            visits[one.host].append((column, 1))
            years[one.host, self.year(column)].append((column, 1))
            for by in range(seeker.duration):
                load[one.host, one.week + by].append((column, seeker.officials))
        for (host, week), terms in load.items():
            named = self.field.calendar.week(week)
            self._row(terms, self.market.hosts[host].free[named], "places", host, named)
        for host, terms in visits.items():
            most = self.market.hosts[host].most
            if most is not None:
                self._row(terms, most, "visits", host)
        for (host, year), terms in years.items():
            if (left := self.market.hosts[host].yearly.get(year)) is not None:
                self._row(terms, max(0, left))

    def _caps_and_budget(self) -> None:
        sends: dict[str, Terms] = defaultdict(list)
        for column in range(len(self.candidates)):
            sends[self._sender(column)].append((column, 1))
        for member, terms in sorted(sends.items()):
            cap = self.market.cap_left(member)
            if cap is not None and cap < sum(one.member == member for one in self.market.seekers):
                self._row(terms, cap, "cap", member)
        budget = self.market.budget_left
        if budget is not None:
            costs = [(column, self.field.pairs[one.pair].cost) for column, one in enumerate(self.candidates)]
            self._row([one for one in costs if one[1]], max(0, budget), "budget")

    def _reciprocity(self) -> None:
        self._sends: dict[str, int] = {}
        hosts, seekers = self.market.hosts, self.market.seekers
        sending = {one.organisation for one in self.market.held}
        asked: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for column, one in enumerate(self.candidates):
            host = hosts[one.host]
            if host.only_if_sends and host.hosts_for not in sending:
                asked[host.hosts_for][one.seeker].append(column)
        sent: dict[str, Terms] = defaultdict(list)
        for column, one in enumerate(self.candidates):
            sent[seekers[one.seeker].sends_for].append((column, -1))
        for organisation, by_seeker in sorted(asked.items()):
            sends = self._sends[organisation] = self._column()
            self._row([(sends, 1), *sent[organisation]], 0, "sends", organisation)
            for columns in by_seeker.values():
                self._row([*((column, 1) for column in columns), (sends, -1)], 0)

    def _groups(self) -> None:
        self._group: dict[str, int] = {}
        groups: dict[str, list[int]] = defaultdict(list)
        for place, seeker in enumerate(self.market.seekers):
            if seeker.group:
                groups[seeker.group].append(place)
        for group, places in sorted(groups.items()):
            whole = self._group[group] = self._column()
            at_host: dict[int, Terms] = defaultdict(list)
            for place in places:
                columns = self.of_seeker.get(place, [])
                self._row([*((column, 1) for column in columns), (whole, -1)], 0)
                self._row([(whole, 1), *((column, -1) for column in columns)], 0)
                for column in columns:
                    at_host[self.candidates[column].host].append((column, 1))
            for _, terms in sorted(at_host.items()):
                self._row(terms, 1)

    def _helpers_for_levels(self) -> None:
        sends: dict[str, Terms] = defaultdict(list)
        focus: dict[str, Terms] = defaultdict(list)
        for column in range(len(self.candidates)):
            sends[self._sender(column)].append((column, -1))
            focus[self.focus(column)].append((column, -1))
        for member in sorted(set(sends) - set(self.market.served)):
            served = self._members[member] = self._column()
            self._row([(served, 1), *sends[member]], 0)
        for area, missing in self.market.minimum_left().items():
            counted = self._minimum[area] = self._column(missing)
            self._row([(counted, 1), *focus[area]], 0, "focus", area)

    def _loads(self) -> None:
        """One more for who has many counts more than one more for who has few, so few are taken first."""
        self._load: dict[tuple[int, str], Spread] = {}
        if not any(Level.BALANCE in aim.weights for aim in self.market.terms.levels):
            return
        taken: dict[tuple[int, str], list[int]] = defaultdict(list)
        for column, one in enumerate(self.candidates):
            taken[one.host, self.year(column)].append(column)
        for (host, year), columns in taken.items():
            had = self.market.hosts[host].load.get(year, 0)
            most = len({self.candidates[column].seeker for column in columns})
            steps = [(self._column(), -(2 * (had + step) + 1)) for step in range(most)]
            self._load[host, year] = Spread(columns, steps)
            self._row([*((column, 1) for column in columns), *((helper, -1) for helper, _ in steps)], 0)

    def _steps(self, chosen: list[int]) -> list[tuple[int, int]]:
        """The worth of each helper, and whether a choice of candidates needs it."""
        values = self.whole(chosen)
        return [(value, values[column]) for one in self._load.values() for column, value in one.steps]
