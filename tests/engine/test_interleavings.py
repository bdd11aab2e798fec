"""Workers, a dead letter, a lapse and the reconciler in every order: one outcome a batch, one completer."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from census.adapters.postgres.database import PostgresDatabase
from tests.engine.batch_reference import Claimed, ReferenceStatements
from tests.engine.interleavings import Search, cast_of, fresh
from tests.engine.stored_statements import DEAD_LETTER, DELIVERIES, compare


def test_every_order_of_three_workers_a_dead_letter_a_lapse_and_a_check_keeps_the_promises() -> None:
    search = Search()
    orders = search.count(cast_of(DELIVERIES, DEAD_LETTER), fresh(3))
    assert orders > 1_000_000_000
    assert len(search.orders) > 100_000


@pytest.mark.parametrize("seed", range(6))
def test_the_real_store_does_in_any_order_what_the_reference_does(
    shared_database: PostgresDatabase, seed: int
) -> None:
    compare(shared_database, seed)


@pytest.mark.parametrize("defect", ["counts twice", "gives what is held"])
def test_the_search_finds_a_store_that_breaks_a_promise(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReferenceStatements, *DEFECTS[defect])
    with pytest.raises(AssertionError):
        Search().count(cast_of(((1,), (1,)), dead_letter=1), fresh(1))


def _recorded_anew(self: ReferenceStatements, ordinals: Sequence[int], outcome: str) -> bool:
    """A recording that does not look whether somebody was faster."""
    left = self.now.remaining - len(ordinals)
    self.now = replace(self.now, remaining=left, done=self.now.done + len(ordinals))
    return left == 0


def _claimed_anew(self: ReferenceStatements, ordinals: Sequence[int]) -> Claimed:
    """A claim that does not look whether there is an outcome."""
    return Claimed(tuple(ordinals), (), ())


DEFECTS: dict[str, tuple[str, Callable[..., object]]] = {
    "counts twice": ("record", _recorded_anew),
    "gives what is held": ("claim", _claimed_anew),
}
