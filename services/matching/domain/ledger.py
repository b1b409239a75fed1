"""A choice in a large market while it is made: every rule is kept at every step."""

from collections import defaultdict

import numpy as np

from services.matching.domain.candidates import Calendar
from services.matching.domain.market import Market
from services.matching.domain.network import Arcs, Ints

PUSHED = 60
"""Arcs of an interest that are tried where somebody would have to move."""


class Ledger:
    """What is taken by the arcs chosen so far; `fits` knows every limit but reciprocity, which `settle` sees to."""

    def __init__(self, market: Market, arcs: Arcs, calendar: Calendar) -> None:
        self._market = market
        self._places = [{calendar.bit(week): free for week, free in one.free.items()} for one in market.hosts]
        self._yearly = [one.yearly for one in market.hosts]
        self._year = {week: calendar.week(week)[:4] for week in np.unique(arcs.week).tolist()}
        self._host, self._week, self._cost = arcs.host.tolist(), arcs.week.tolist(), arcs.cost.tolist()
        self._seeker, self._first = arcs.seeker.tolist(), arcs.first.tolist()
        self._officials = [one.officials for one in market.seekers]
        self._duration = [one.duration for one in market.seekers]
        self._member = [one.member for one in market.seekers]
        self._sends = [one.sends_for for one in market.seekers]
        self._most = [one.most for one in market.hosts]
        self._asks = [one.hosts_for if one.only_if_sends else "" for one in market.hosts]
        self._caps = {one: market.cap_left(one) for one in set(self._member)}
        self._budget = market.budget_left
        self._standing = {one.organisation for one in market.held}
        self.clear()

    def clear(self) -> None:
        self.of_seeker: dict[int, int] = {}
        self.spent = 0
        self._load: dict[tuple[int, int], int] = defaultdict(int)
        self._visits: dict[int, int] = defaultdict(int)
        self._begun: dict[tuple[int, str], int] = defaultdict(int)
        self._sent: dict[str, int] = defaultdict(int)
        self._sending: dict[str, int] = defaultdict(int)

    def fits(self, arc: int) -> bool:
        """Whether the arc can be added; with the interest's own arc, if it has one, taken away first."""
        seeker, host = self._seeker[arc], self._host[arc]
        own = self.of_seeker.get(seeker)
        if own is not None:
            self._change(own, -1)
        found = self._fits(arc, seeker, host)
        if own is not None:
            self._change(own, 1)
        return found

    def _fits(self, arc: int, seeker: int, host: int) -> bool:
        officials, places, week = self._officials[seeker], self._places[host], self._week[arc]
        for by in range(self._duration[seeker]):
            if self._load.get((host, week + by), 0) + officials > places.get(week + by, 0):
                return False
        year = self._year[week]
        if year in self._yearly[host] and self._begun.get((host, year), 0) >= self._yearly[host][year]:
            return False
        most, cap = self._most[host], self._caps[self._member[seeker]]
        if most is not None and self._visits.get(host, 0) >= most:
            return False
        if cap is not None and self._sent.get(self._member[seeker], 0) >= cap:
            return False
        return self._budget is None or self.spent + self._cost[arc] <= self._budget

    def hosts_only_if_it_sends(self, arc: int) -> bool:
        """Whether the host would have to send first."""
        asks = self._asks[self._host[arc]]
        return bool(asks) and asks not in self._standing and not self._sending.get(asks)

    def add(self, arc: int) -> None:
        own = self.of_seeker.get(self._seeker[arc])
        if own is not None:
            self._change(own, -1)
        self.of_seeker[self._seeker[arc]] = arc
        self._change(arc, 1)

    def drop(self, arc: int) -> None:
        del self.of_seeker[self._seeker[arc]]
        self._change(arc, -1)

    def take(self, wanted: list[int]) -> None:
        """Add what fits, in this order; then take out what may not stay."""
        for arc in wanted:
            if self._seeker[arc] not in self.of_seeker and self.fits(arc):
                self.add(arc)
        self.settle()

    def settle(self) -> None:
        """Hosts that host only if they send and do not send host nobody; groups that are not whole go."""
        while wrong := [arc for arc in self.of_seeker.values() if self.hosts_only_if_it_sends(arc)] or self._torn():
            for arc in wrong:
                self.drop(arc)

    def fill(self, order: Ints) -> None:
        """Give whoever has nothing the first of its arcs that fits; `order` has each interest's arcs together."""
        for seeker in range(len(self._officials)):
            if seeker in self.of_seeker or self._market.seekers[seeker].group:
                continue
            for arc in order[self._first[seeker] : self._first[seeker + 1]].tolist():
                if self.fits(arc) and not self.hosts_only_if_it_sends(arc):
                    self.add(arc)
                    break

    def push(self, order: Ints) -> None:
        """Give whoever has nothing a place by moving one who has it elsewhere."""
        at_host: dict[int, list[int]] = defaultdict(list)
        for seeker, arc in sorted(self.of_seeker.items()):
            at_host[self._host[arc]].append(seeker)
        for seeker in range(len(self._officials)):
            cap = self._caps[self._member[seeker]]
            full = cap is not None and self._sent.get(self._member[seeker], 0) >= cap
            if seeker not in self.of_seeker and not full and not self._market.seekers[seeker].group:
                self._push(seeker, order, at_host)

    def _push(self, seeker: int, order: Ints, at_host: dict[int, list[int]]) -> None:
        for arc in order[self._first[seeker] : self._first[seeker + 1]][:PUSHED].tolist():
            if self.hosts_only_if_it_sends(arc):
                continue
            for holder in list(at_host[self._host[arc]]):
                own = self.of_seeker.get(holder)
                if own is None or self._host[own] != self._host[arc] or self._market.seekers[holder].group:
                    continue
                self.drop(own)
                if self.fits(arc):
                    self.add(arc)
                    for other in order[self._first[holder] : self._first[holder + 1]].tolist():
                        if self.fits(other) and not self.hosts_only_if_it_sends(other):
                            self.add(other)
                            at_host[self._host[arc]].append(seeker)
                            at_host[self._host[other]].append(holder)
                            return
                    self.drop(arc)
                self.add(own)

    def improve(self, worth: Ints) -> None:
        """Move interests to better arcs that fit; those that gain most for what they cost more come first."""
        values = worth.tolist()
        moves = []
        for seeker, own in self.of_seeker.items():
            if self._market.seekers[seeker].group:
                continue
            for arc in range(self._first[seeker], self._first[seeker + 1]):
                if values[arc] > values[own]:
                    dearer = max(1, self._cost[arc] - self._cost[own])
                    moves.append(((values[own] - values[arc]) / dearer, seeker, arc))
        for _, seeker, arc in sorted(moves):
            if values[arc] > values[self.of_seeker[seeker]] and self.fits(arc) and not self.hosts_only_if_it_sends(arc):
                self.add(arc)

    def chosen(self) -> list[int]:
        return sorted(self.of_seeker.values())

    def _torn(self) -> list[int]:
        groups: dict[str, list[int]] = defaultdict(list)
        for place, seeker in enumerate(self._market.seekers):
            if seeker.group:
                groups[seeker.group].append(place)
        torn = []
        for places in groups.values():
            arcs = [self.of_seeker[one] for one in places if one in self.of_seeker]
            if arcs and (len(arcs) < len(places) or len({self._host[arc] for arc in arcs}) < len(arcs)):
                torn += arcs
        return torn

    def _change(self, arc: int, sign: int) -> None:
        seeker, host, week = self._seeker[arc], self._host[arc], self._week[arc]
        for by in range(self._duration[seeker]):
            self._load[host, week + by] += sign * self._officials[seeker]
        self._visits[host] += sign
        if self._yearly[host]:
            self._begun[host, self._year[week]] += sign
        self._sent[self._member[seeker]] += sign
        self._sending[self._sends[seeker]] += sign
        self.spent += sign * self._cost[arc]
