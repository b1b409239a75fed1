"""The map of a run: each member where its capital is, an arc for each pair."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from services.matching.web.run_map import CAPITALS, HEIGHT, WIDTH, picture
from shared.profiles import load


@dataclass(frozen=True)
class Pair:
    sender: str
    host: str
    officials: int = 2


def test_there_and_back_are_two_arcs_and_exchanges_of_a_pair_one():
    drawn = picture([Pair("PT", "ES"), Pair("PT", "ES"), Pair("ES", "PT")], load("ela"))
    assert [(one.pair, one.exchanges, one.officials) for one in drawn.arcs] == [("ES-PT", 1, 2), ("PT-ES", 2, 4)]
    assert drawn.arcs[0].path != drawn.arcs[1].path


def test_west_is_left_and_north_is_up():
    places = {one.member: one for one in picture([Pair("PT", "FI"), Pair("MT", "IE")], load("ela")).points}
    assert places["PT"].x < places["IE"].x < places["MT"].x < places["FI"].x
    assert places["FI"].y < places["IE"].y < places["PT"].y < places["MT"].y


@pytest.mark.parametrize("network", ["ela", "earlall", "fr-it-pt-es", "eures", "etf"])
def test_every_member_is_drawn_within_the_frame_or_named(network):
    profile = load(network)
    codes = profile.member_codes
    drawn = picture([Pair(one, two) for one, two in pairwise(codes)], profile)
    assert {one.member for one in drawn.points} | set(drawn.elsewhere) == set(codes)
    assert all(0 < one.x < WIDTH and 0 < one.y < HEIGHT for one in drawn.points)


def test_every_country_of_the_union_has_its_capital():
    assert set(load("ela").member_codes) <= CAPITALS.keys()
