"""Every way in which a call fails is an error of the port that says who must act."""

import json
from datetime import UTC, datetime

import pytest

from census.adapters.openai.failures import retry_after
from census.ports.language_model import (
    LanguageModelError,
    ModelBusyError,
    ModelRefusalError,
    ModelReplyCutError,
    ModelReplyInvalidError,
    ModelUnusableError,
    Usage,
)
from tests.model_server import Fault, FaultPlan, LoopbackServer, ModelServer, Reply, ScriptedBrain, json_reply
from tests.openai.asking import API_KEY, REQUEST, Replies, completion, error_body, model_at


def failure_at(base_url: str, timeout_seconds: float = 60) -> LanguageModelError:
    with pytest.raises(LanguageModelError) as caught:
        model_at(base_url, timeout_seconds=timeout_seconds).read_windows(REQUEST)
    return caught.value


def failure_from(reply: Reply) -> LanguageModelError:
    with LoopbackServer(Replies([reply])) as server:
        return failure_at(server.base_url)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE_LIMITED, ModelBusyError),
        (Fault.SERVER_ERROR, ModelBusyError),
        (Fault.DROPPED, ModelBusyError),
        (Fault.SLOW, ModelBusyError),
        (Fault.BAD_JSON, ModelReplyInvalidError),
        (Fault.REFUSAL, ModelRefusalError),
        (Fault.CUT, ModelReplyCutError),
    ],
)
def test_each_fault_of_the_server_is_its_own_error(fault: Fault, error: type[LanguageModelError]) -> None:
    with ModelServer(ScriptedBrain(), FaultPlan(first=1, kinds=(fault,))) as server:
        seconds = 0.5 if fault is Fault.SLOW else 60
        assert type(failure_at(server.base_url, timeout_seconds=seconds)) is error


@pytest.mark.parametrize("fault", [Fault.BAD_JSON, Fault.REFUSAL, Fault.CUT])
def test_a_failed_call_that_is_billed_reports_its_tokens(fault: Fault) -> None:
    with ModelServer(ScriptedBrain(), FaultPlan(first=1, kinds=(fault,))) as server:
        usage = failure_at(server.base_url).usage
    assert usage.calls == 1
    assert usage.input_tokens > 100
    assert usage.output_tokens > 0


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "OPENAI_API_KEY"), (403, "permissions"), (404, "MODEL_NAME"), (400, "structured outputs")],
)
def test_what_people_must_mend_says_what_to_check(status: int, advice: str) -> None:
    error = failure_from(json_reply(status, dict(error_body("No such thing."))))
    assert isinstance(error, ModelUnusableError)
    assert advice in str(error)
    assert "No such thing." in str(error)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_what_passes_by_itself_is_busy_and_costs_a_call_but_no_tokens(status: int) -> None:
    error = failure_from(Reply(status, b"<html>oops</html>"))
    assert isinstance(error, ModelBusyError)
    assert error.usage == Usage(calls=1, model="gpt-5-mini")


def test_a_429_for_lack_of_funds_is_not_busy() -> None:
    error = failure_from(json_reply(429, dict(error_body("You exceeded your quota.", "insufficient_quota"))))
    assert isinstance(error, ModelUnusableError)
    assert "billing" in str(error)


def test_a_request_that_the_content_filter_rejects_is_a_refusal() -> None:
    error = failure_from(json_reply(400, dict(error_body("Filtered.", "content_filter"))))
    assert isinstance(error, ModelRefusalError)


def test_a_reply_that_the_content_filter_stopped_is_a_refusal() -> None:
    error = failure_from(json_reply(200, completion("{", finish_reason="content_filter")))
    assert isinstance(error, ModelRefusalError)
    assert error.usage == Usage(1, 70, 30, model="gpt-5-mini")


def test_the_key_is_in_no_message() -> None:
    error = failure_from(json_reply(401, dict(error_body(f"Wrong key {API_KEY}, sorry."))))
    assert API_KEY not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>a proxy's page</html>",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": null, "finish_reason": "stop"}]}',
        json.dumps(completion(None)).encode(),
        json.dumps(completion("")).encode(),
        json.dumps(completion("[" * 20_000)).encode(),
        json.dumps(completion("[]")).encode(),
        json.dumps(completion('{"items": {}}')).encode(),
        json.dumps(completion(json.dumps({"items": [], "note": "\0"}))).encode(),
        json.dumps(completion('{"items": [], "note": "\\ud800"}')).encode(),
    ],
)
def test_a_reply_that_is_not_the_agreed_json_is_invalid(body: bytes) -> None:
    assert isinstance(failure_from(Reply(200, body)), ModelReplyInvalidError)


def test_nobody_listening_is_busy() -> None:
    with ModelServer(ScriptedBrain()) as server:
        address = server.base_url
    assert isinstance(failure_at(address), ModelBusyError)


def test_the_wait_that_the_server_asks_for_is_handed_on() -> None:
    faults = FaultPlan(first=1, kinds=(Fault.RATE_LIMITED,), retry_after_seconds=1.25)
    with ModelServer(ScriptedBrain(), faults) as server:
        error = failure_at(server.base_url)
    assert isinstance(error, ModelBusyError)
    assert error.retry_after == 1.25


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "6500"}, 6.5),
        ({"retry-after": "7", "retry-after-ms": "soon"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 31 Dec 2025 00:00:30 GMT"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "after lunch"}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


def test_only_a_model_told_to_tries_again_by_itself() -> None:
    busy, good = Reply(500, headers={"retry-after-ms": "1"}), json_reply(200, completion('{"items": []}'))
    with LoopbackServer(Replies([busy, good])) as server:
        assert model_at(server.base_url, max_attempts=2).read_windows(REQUEST).readings == {}
    once = Replies([busy, good])
    with LoopbackServer(once) as server:
        failure_at(server.base_url)
    assert len(once.bodies) == 1
