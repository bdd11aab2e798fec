"""The measurement itself, over few calls: which are repeated holds on any machine."""

from tests.bench.kill_at_half_time import measure


def test_only_calls_of_invocations_that_recorded_nothing_are_repeated(database_url: str) -> None:
    workers = 2
    found = measure(database_url, calls=60, workers=workers, seconds=1.5)
    assert found.recorded > 0
    assert found.repeated_in_vain == 0
    assert 0 < found.repeated <= workers * 10
