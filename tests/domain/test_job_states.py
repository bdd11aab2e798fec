"""The life of a job, as docs/state_machine.md draws it, and how long things wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.errors import ConflictError
from census.domain.jobs import (
    FINAL,
    FIRST_BACKOFF_SECONDS,
    LONGEST_BACKOFF_SECONDS,
    TRANSITIONS,
    JobStatus,
    backoff_seconds,
    check_transition,
    estimate_eta,
)


@pytest.mark.parametrize("now", JobStatus)
@pytest.mark.parametrize("then", JobStatus)
def test_a_transition_is_allowed_or_a_conflict_that_names_the_state(now: JobStatus, then: JobStatus) -> None:
    if then in TRANSITIONS[now]:
        check_transition(now, then, "changed")
        return
    with pytest.raises(ConflictError, match=f"The job is {now.value}; it cannot be changed") as caught:
        check_transition(now, then, "changed")
    assert caught.value.state == now.value


def test_every_state_that_is_not_final_can_end_every_way_out_of_work() -> None:
    for state in set(JobStatus) - FINAL:
        assert {JobStatus.CANCELLED, JobStatus.FAILED} <= TRANSITIONS[state]
        assert not state.final


def test_a_final_state_is_left_only_by_asking_for_more() -> None:
    for state in FINAL:
        assert state.final
        assert TRANSITIONS[state] <= {JobStatus.QUEUED}


def test_every_state_can_be_reached() -> None:
    reached = {JobStatus.QUEUED}
    for _ in JobStatus:
        reached |= {then for state in reached for then in TRANSITIONS[state]}
    assert reached == set(JobStatus)


@given(st.integers(0, 10_000))
def test_waiting_grows_and_ends_at_two_minutes(times: int) -> None:
    waits = backoff_seconds(times)
    assert FIRST_BACKOFF_SECONDS <= waits <= backoff_seconds(times + 1) <= LONGEST_BACKOFF_SECONDS


@given(st.floats(0, 1e6), st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 100))
def test_the_time_left_is_what_the_pace_says_and_the_slow_case_is_slower(
    elapsed: float, done: int, left: int, batches: int
) -> None:
    eta = estimate_eta(elapsed, done, left, batches)
    assert eta is not None
    assert eta.p50_seconds == round(elapsed / done * left)
    assert eta.p90_seconds >= eta.p50_seconds
    assert (eta.p90_seconds == 0) is (left == 0)


def test_there_is_no_estimate_before_the_first_batch() -> None:
    assert estimate_eta(10, 0, 5, 0) is None
