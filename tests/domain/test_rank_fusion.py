from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from census.domain.rank_fusion import fuse_rankings

RANKINGS = st.lists(st.lists(st.integers(0, 20), unique=True), max_size=4)


def test_what_both_rankings_hold_comes_before_what_one_holds() -> None:
    assert fuse_rankings([["a", "b"], ["c", "b"]])[0] == "b"


def test_of_one_ranking_the_order_stays() -> None:
    assert fuse_rankings([[3, 1, 2]]) == [3, 1, 2]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse_rankings([[], []]) == []


@given(RANKINGS)
def test_every_entry_comes_exactly_once(rankings: list[list[int]]) -> None:
    fused = fuse_rankings(rankings)

    assert len(fused) == len(set(fused))
    assert set(fused) == {entry for ranking in rankings for entry in ranking}


@given(RANKINGS)
def test_the_order_of_the_rankings_does_not_change_who_scores_more(rankings: list[list[int]]) -> None:
    def score(entry: int) -> float:
        return sum(1 / (61 + ranking.index(entry)) for ranking in rankings if entry in ranking)

    scores = [score(entry) for entry in fuse_rankings(rankings)]
    assert all(left >= right - 1e-12 for left, right in pairwise(scores))
