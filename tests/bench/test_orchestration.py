"""The measurement itself, over few batches: states are as many as for ten thousand."""

from tests.bench.orchestration import MOST_REQUESTS_A_BATCH, measure


def test_a_job_of_a_hundred_batches_enters_as_many_states_as_one_of_ten_thousand(database_url: str) -> None:
    found = measure(database_url, 100)
    assert found.states == ["PlanJob", "WorkToDo", "DispatchBatches", "ReduceJob", "Ended"]
    assert found.lambdas >= 3 + 100 / 10
    assert 0.3 <= found.sqs / 100 <= MOST_REQUESTS_A_BATCH
