"""How things stand with a choice: what is taken, what is left, and what stops one more candidate."""

from collections import defaultdict
from enum import StrEnum

from services.matching.domain.market import Level
from services.matching.domain.program import Program


class Limit(StrEnum):
    """What stops a candidate that breaks no rule by itself."""

    PLACES = "places"
    """Other exchanges have the host's places in these weeks."""
    VISITS = "visits"
    """The host takes no further exchange."""
    CAP = "cap"
    """The sender's member sends as many as the call allows it."""
    BUDGET = "budget"
    RECIPROCITY = "reciprocity"
    """The host hosts only if it sends, and it does not send."""
    GROUP = "group"
    """The others of its group are not matched, or one of them is with this host."""


class Standing:
    """A choice seen from what it leaves; `chosen` are columns of candidates."""

    def __init__(self, program: Program, chosen: list[int]) -> None:
        self.program, self.market = program, program.market
        self.chosen = list(chosen)
        self.of_seeker = {program.candidates[column].seeker: column for column in chosen}
        self.load: dict[tuple[int, int], int] = defaultdict(int)
        self.at: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.visits: dict[int, list[int]] = defaultdict(list)
        self.sent: dict[str, list[int]] = defaultdict(list)
        self.sending = {one.organisation for one in self.market.held}
        self.spent = 0
        self.focus: dict[str, int] = defaultdict(int)
        self._left = self.market.minimum_left()
        for column in chosen:
            one = program.candidates[column]
            seeker = self.market.seekers[one.seeker]
            for slot in self.slots(column):
                self.load[slot] += seeker.officials
                self.at[slot].append(column)
            self.visits[one.host].append(column)
            self.sent[seeker.member].append(column)
            self.sending.add(seeker.sends_for)
            self.spent += self.cost(column)
            self.focus[program.focus(column)] += 1
        self._caps = {one: self.market.cap_left(one) for one in {seeker.member for seeker in self.market.seekers}}
        self._budget = self.market.budget_left
        groups: dict[str, int] = defaultdict(int)
        for seeker in self.market.seekers:
            groups[seeker.group] += 1
        self._alone = {seeker.group for seeker in self.market.seekers if groups[seeker.group] == 1}

    def slots(self, column: int) -> list[tuple[int, int]]:
        one = self.program.candidates[column]
        return [(one.host, one.week + by) for by in range(self.market.seekers[one.seeker].duration)]

    def cost(self, column: int) -> int:
        return self.program.field.pairs[self.program.candidates[column].pair].cost

    def limit(self, column: int, without: int | None = None) -> Limit | None:
        """What stops the candidate, were `without` not chosen; None where it could be added as things stand."""
        one = self.program.candidates[column]
        seeker, host = self.market.seekers[one.seeker], self.market.hosts[one.host]
        away = set() if without is None else set(self.slots(without))
        freed = 0 if without is None else self.market.seekers[self.program.candidates[without].seeker].officials
        for slot in self.slots(column):
            used = self.load.get(slot, 0) - (freed if slot in away else 0)
            if used + seeker.officials > host.free.get(self.program.field.calendar.week(slot[1]), 0):
                return Limit.PLACES
        if host.most is not None and _others(self.visits.get(one.host, []), without) >= host.most:
            return Limit.VISITS
        year = self.program.year(column)
        same = [holder for holder in self.visits.get(one.host, []) if self.program.year(holder) == year]
        if _others(same, without) >= host.yearly.get(year, len(same) + 1):
            return Limit.VISITS
        cap = self._caps[seeker.member]
        if cap is not None and _others(self.sent.get(seeker.member, []), without) >= cap:
            return Limit.CAP
        back = 0 if without is None else self.cost(without)
        if self._budget is not None and self.spent - back + self.cost(column) > self._budget:
            return Limit.BUDGET
        if host.only_if_sends and host.hosts_for not in self.sending and seeker.sends_for != host.hosts_for:
            return Limit.RECIPROCITY
        if seeker.group and seeker.group not in self._alone:
            return Limit.GROUP
        return None

    def holders(self, column: int) -> list[int]:
        """Who has what the candidate needs: its places, the host's visits, or its member's share."""
        one = self.program.candidates[column]
        member = self.market.seekers[one.seeker].member
        near = {holder for slot in self.slots(column) for holder in self.at.get(slot, [])}
        return sorted(near | set(self.visits.get(one.host, [])) | set(self.sent.get(member, [])))

    def lost(self, level: Level, column: int, holder: int, worth: dict[int, int]) -> int:
        """What the level loses if the candidate takes the holder's place; `worth` is what each column adds to it."""
        match level:
            case Level.MEMBERS:
                gone, come = (
                    self.market.seekers[self.program.candidates[one].seeker].member for one in (holder, column)
                )
                if gone == come:
                    return 0
                served = set(self.market.served)
                return int(gone not in served and len(self.sent[gone]) == 1) - int(
                    come not in served and not self.sent.get(come)
                )
            case Level.MINIMUM:
                gone, come = self.program.focus(holder), self.program.focus(column)
                if gone == come:
                    return 0
                needed = self._left.get(gone, 0) >= self.focus[gone] > 0
                return int(needed) - int(self._left.get(come, 0) > self.focus[come])
        return worth.get(holder, 0) - worth.get(column, 0)


def _others(columns: list[int], without: int | None) -> int:
    return sum(one != without for one in columns)
