"""The ledger sums, and the truth lies within the bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.errors import LedgerError
from census.domain.jobs import JobStatus, final_status
from census.domain.ledger import LedgerClass, count_bounds, make_ledger

counts = st.fixed_dictionaries({}, optional={name.value: st.integers(0, 50) for name in LedgerClass})


@given(counts)
def test_a_ledger_holds_every_document_once(found: dict[str, int]) -> None:
    shown = make_ledger(sum(found.values()), found).to_json()
    assert shown.pop("total") == sum(shown.values()) == sum(found.values())


@given(counts, st.integers(-5, 5).filter(bool))
def test_a_ledger_that_does_not_sum_is_refused(found: dict[str, int], error: int) -> None:
    with pytest.raises(LedgerError):
        make_ledger(sum(found.values()) + error, found)


@given(counts)
def test_a_class_nobody_knows_is_refused(found: dict[str, int]) -> None:
    with pytest.raises(LedgerError):
        make_ledger(sum(found.values()), {**found, "lost": 0})


@given(counts, st.data())
def test_the_truth_lies_within_the_bounds_however_the_open_ones_turn_out(
    found: dict[str, int], data: st.DataObject
) -> None:
    ledger = make_ledger(sum(found.values()), found)
    deleted = data.draw(st.integers(0, ledger.skipped))
    bounds = count_bounds(ledger, deleted)
    open_ones = [ledger.unclear, ledger.unverified, ledger.failed, ledger.skipped - deleted]
    truth = ledger.match + sum(data.draw(st.integers(0, number)) for number in open_ones)
    assert bounds.low <= truth <= bounds.high
    assert (bounds.low == bounds.high) is (sum(open_ones) == 0)


@given(counts, st.data())
def test_a_job_is_complete_when_only_what_nobody_can_read_is_missing(
    found: dict[str, int], data: st.DataObject
) -> None:
    ledger = make_ledger(sum(found.values()), found)
    unreadable = data.draw(st.integers(0, ledger.incomplete))
    status = final_status(ledger, unreadable)
    if unreadable == ledger.incomplete:
        assert status is JobStatus.COMPLETED
    else:
        assert status is (JobStatus.FAILED if ledger.incomplete == ledger.total else JobStatus.PARTIAL)
