"""Who may work on a page, and when again: decided without any store."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from census.domain.page_claims import (
    LONGEST_DELAY_SECONDS,
    MAX_ATTEMPTS,
    PageState,
    StopCrawl,
    TakePage,
    decide_page_claim,
    page_delay_after,
    page_reminder,
    read_page_message,
)
from census.domain.upload_claims import FileStatus, GiveUp, Leave, Wait

STATES = st.builds(
    PageState,
    st.sampled_from(FileStatus),
    st.integers(0, 10),
    st.just(0.0) | st.floats(0.1, 900),
    st.none() | st.sampled_from(["m1", "m2"]),
    st.booleans(),
)


@given(STATES)
def test_only_a_page_that_is_due_and_has_attempts_left_is_taken(state: PageState) -> None:
    decision = decide_page_claim(state, "m1")

    if isinstance(decision, TakePage):
        assert state.status in (FileStatus.PENDING, FileStatus.PROCESSING)
        assert state.claim_seconds == 0
        assert decision.attempt == state.attempts + 1 <= MAX_ATTEMPTS


@given(STATES)
def test_a_page_that_has_ended_is_left_alone(state: PageState) -> None:
    ended = state.status in (FileStatus.COMPLETED, FileStatus.FAILED)

    assert not ended or isinstance(decide_page_claim(state, "m1"), Leave)


def test_a_page_of_a_cancelled_crawl_is_not_begun_but_one_begun_ends() -> None:
    pending = PageState(FileStatus.PENDING, 0, 30.0, None, cancelled=True)
    begun = PageState(FileStatus.PROCESSING, 1, 0.0, "m1", cancelled=True)

    assert decide_page_claim(pending, "m1") == StopCrawl()
    assert decide_page_claim(begun, "m1") == TakePage(2)


def test_the_message_of_a_worker_that_may_be_dead_waits_for_its_claim() -> None:
    state = PageState(FileStatus.PROCESSING, 1, 12.5, "m1")

    assert decide_page_claim(state, "m1") == Wait(12.5)
    assert isinstance(decide_page_claim(state, "m2"), Leave)


def test_after_five_attempts_nobody_tries() -> None:
    assert decide_page_claim(PageState(FileStatus.PENDING, MAX_ATTEMPTS, 0.0, None), "m") == GiveUp(
        MAX_ATTEMPTS
    )


@given(st.integers(-5, 10_000), st.none() | st.floats(allow_nan=False))
def test_delays_grow_and_never_pass_what_the_queue_can_delay(attempt: int, asked: float | None) -> None:
    assert 10 <= page_delay_after(attempt, asked) <= LONGEST_DELAY_SECONDS
    assert page_delay_after(attempt, asked) <= page_delay_after(attempt + 1, asked)


@given(st.uuids(), st.uuids())
def test_a_message_is_read_as_it_was_written(tenant: uuid.UUID, page: uuid.UUID) -> None:
    reminder = page_reminder(tenant, page)

    assert read_page_message(str(reminder).replace("'", '"')) == (tenant, page)


@given(
    st.text() | st.sampled_from(["{}", "[]", "null", '{"tenant_id": 1, "page_id": 2}', '{"tenant_id": "x"}'])
)
def test_any_other_message_names_no_page(body: str) -> None:
    assert read_page_message(body) is None
