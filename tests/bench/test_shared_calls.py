"""The measurements themselves, over few batches: counts hold on any machine, times do not."""

from tests.bench import shared_calls, whole_job


def test_eight_invocations_never_have_more_calls_in_flight_than_allowed(database_url: str) -> None:
    ratio, most = shared_calls.measure(database_url, calls=120, median_seconds=0.2)
    assert most <= shared_calls.IN_FLIGHT
    assert ratio < 40, "a lease that is not handed on holds its capacity for a minute: 80 times the ideal"


def test_a_job_of_some_batches_takes_few_statements(database_url: str) -> None:
    _, statements = whole_job.measure(database_url, batches=100)
    assert statements < 3, "running results are shown at every step of so small a job"
