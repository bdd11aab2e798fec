"""The measurement itself, over few batches: states are as many as for ten thousand."""

import pytest

from tests.bench.orchestration import MOST_STATES, measure


@pytest.mark.stack
def test_a_job_of_thirty_batches_enters_as_many_states_as_one_of_ten_thousand() -> None:
    found = measure(30)
    assert found.states == ["PlanJob", "WorkToDo", "DispatchBatches", "ReduceJob", "Ended"]
    assert len(found.states) <= MOST_STATES
    assert found.lambdas >= 3 + 30 / 10
    assert found.sqs > 0
