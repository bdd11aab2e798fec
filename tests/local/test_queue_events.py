"""How the poller reads a function's answer to a batch."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.lambda_runtime import Outcome
from infra.local.queue_events import finished_messages

SENT = ["a", "b", "c"]


def finished(answer: Any, *, reports: bool = True) -> list[str]:
    return finished_messages(SENT, Outcome(json.dumps(answer).encode()), reports)


@given(failed=st.sets(st.sampled_from(SENT)))
def test_exactly_the_messages_not_named_are_finished(failed: set[str]) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
    assert set(finished(answer)) == set(SENT) - failed


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_means_success(answer: Any) -> None:
    assert finished(answer) == SENT


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"id": "a"}],
        [{"itemIdentifier": "unknown"}],
        ["a"],
        "a",
        [{"itemIdentifier": "a"}, {"itemIdentifier": ""}],
    ],
)
def test_a_malformed_answer_fails_the_whole_batch(failures: Any) -> None:
    assert finished({"batchItemFailures": failures}) == []


def test_an_answer_that_is_no_object_fails_the_whole_batch() -> None:
    assert finished("done") == []
    assert finished_messages(SENT, Outcome(b"not json"), reports_item_failures=True) == []


def test_an_error_fails_the_whole_batch() -> None:
    assert finished_messages(SENT, Outcome(b"{}", "Unhandled"), reports_item_failures=False) == []


def test_without_item_failures_every_answer_is_a_success() -> None:
    assert finished({"batchItemFailures": [{"itemIdentifier": "a"}]}, reports=False) == SENT
