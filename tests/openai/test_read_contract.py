"""A claimed batch read over HTTP by a server that fails: what is asked again, kept, given up."""

import json
from collections.abc import Mapping

import pytest

from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.read_batch import LEFT_OUT, BatchReading, MayCall, read_batch
from census.domain.jobs import MAX_ATTEMPTS
from census.ports.job_store import ClaimedBatch
from tests.engine.batches import batch_of
from tests.model_server import (
    Fault,
    FaultPlan,
    LoopbackServer,
    ModelServer,
    ScriptedBrain,
    json_reply,
    window_key,
)
from tests.openai.asking import ORDERED, REFUND, WORDS, Replies, completion, error_body, model_at

TEXTS = [f"Letter {number}: please refund my order of 2024-05-0{number}." for number in range(1, 6)]
ATOMS = {"refund": REFUND, "ordered": ORDERED}
BRAIN = ScriptedBrain(words=WORDS)


def read(
    base_url: str, batch: ClaimedBatch | None = None, may_call: MayCall = lambda _: True
) -> BatchReading:
    batch = batch or batch_of(*TEXTS, atoms=tuple(ATOMS))
    return read_batch(model_at(base_url), RapidfuzzQuoteAligner(), batch, ATOMS, may_call)


def faulty(fault: Fault, first: int = 1) -> ModelServer:
    return ModelServer(BRAIN, FaultPlan(first=first, kinds=(fault,)))


def statuses(reading: BatchReading) -> Mapping[tuple[str, str], str]:
    return {(stored.content_hash, stored.atom_key): stored.reading["status"] for stored in reading.readings}


def everything(status: str = "match") -> Mapping[tuple[str, str], str]:
    return {(f"hash {lead}", key): status for lead in range(len(TEXTS)) for key in ATOMS}


def test_only_the_window_that_the_reply_left_out_is_asked_again() -> None:
    with faulty(Fault.MISSING_IDS) as server:
        reading = read(server.base_url)
        first, second = server.map_calls
    assert first.windows == tuple(map(window_key, TEXTS))
    assert second.windows == (window_key(TEXTS[0]),)
    # The second request failed likewise at its own first attempt, so its window waits for another delivery.
    assert [(window.lead, reason) for window, reason in reading.again] == [(0, LEFT_OUT)]
    assert len(reading.readings) == (len(TEXTS) - 1) * len(ATOMS)


@pytest.mark.parametrize("fault", [Fault.REFUSAL, Fault.CUT])
def test_what_is_declined_or_cut_is_halved_down_to_the_document(fault: Fault) -> None:
    with faulty(fault) as server:
        reading = read(server.base_url)
        sizes = [len(call.windows) for call in server.map_calls]
    assert sizes == [5, 2, 1, 1, 3, 1, 2, 1, 1]
    assert len(reading.final) == len(TEXTS)
    assert reading.readings == []
    assert reading.usage.calls == len(sizes)
    assert reading.usage.input_tokens > 0


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.DROPPED])
def test_what_passes_by_itself_makes_the_windows_wait(fault: Fault) -> None:
    with faulty(fault) as server:
        waiting = read(server.base_url)
        done = read(server.base_url)
    assert len(waiting.busy) == len(TEXTS)
    assert (waiting.final, waiting.again, waiting.readings) == ([], [], [])
    assert statuses(done) == everything()


def test_a_reply_that_is_no_json_is_an_attempt_and_nothing_is_kept_of_it() -> None:
    with faulty(Fault.BAD_JSON) as server:
        broken = read(server.base_url)
        done = read(server.base_url)
    assert len(broken.again) == len(TEXTS)
    assert broken.readings == []
    assert statuses(done) == everything()


@pytest.mark.parametrize(
    "content", ["I cannot do that.", "[]", "{}", '{"items": 5}', '{"items": []}', "", "null", "[" * 9_000]
)
def test_nonsense_for_ever_costs_few_calls_and_leaves_a_reason(content: str) -> None:
    nonsense = Replies([json_reply(200, completion(content))])
    with LoopbackServer(nonsense) as server:
        calls = 0
        for attempt in range(1, MAX_ATTEMPTS + 1):
            batch = batch_of(*TEXTS, atoms=tuple(ATOMS), attempts=attempt)
            reading = read(server.base_url, batch)
            calls += reading.usage.calls
    assert calls == len(nonsense.bodies) <= 2 * MAX_ATTEMPTS
    assert len(reading.again) == len(TEXTS)
    assert all(reason for _, reason in reading.again)
    assert reading.readings == []


def test_an_error_in_words_never_becomes_content() -> None:
    said = dict(error_body("please refund my order"))
    with LoopbackServer(Replies([json_reply(200, said), json_reply(503, said)])) as server:
        for _ in range(2):
            assert read(server.base_url).readings == []


def test_no_call_starts_when_there_is_no_time_left() -> None:
    with faulty(Fault.CUT) as server:
        reading = read(server.base_url, may_call=lambda _: len(server.map_calls) < 2)
        assert len(server.map_calls) == 2
    assert len(reading.busy) == len(TEXTS)


def test_all_calls_of_a_job_begin_with_the_same_bytes() -> None:
    seen = Replies([json_reply(200, completion('{"items": []}'))])
    with LoopbackServer(seen) as server:
        for number in range(3):
            read(server.base_url, batch_of(f"Letter {number}", f"Note {number}", atoms=tuple(ATOMS)))
    assert len(seen.bodies) == 6
    prefixes = {
        json.dumps([body["model"], body["response_format"], body["messages"][:-1]]) for body in seen.bodies
    }
    assert len(prefixes) == 1
    assert "Letter" not in prefixes.pop()
    texts = [body["messages"][-1]["content"] for body in seen.bodies[::2]]
    assert len(set(texts)) == 3


def test_input_from_the_vendors_cache_is_counted_apart() -> None:
    body = completion('{"items": []}')
    body["usage"]["prompt_tokens_details"] = {"cached_tokens": 64}
    with LoopbackServer(Replies([json_reply(200, body)])) as server:
        usage = read(server.base_url).usage
    assert (usage.input_tokens, usage.cached_input_tokens) == (140, 128)


@pytest.mark.parametrize("cached", [None, "64", -1, 10_000, {"a": 1}])
def test_a_cached_count_that_cannot_be_is_never_more_than_the_input(cached: object) -> None:
    body = completion('{"items": []}')
    body["usage"]["prompt_tokens_details"] = {"cached_tokens": cached}
    with LoopbackServer(Replies([json_reply(200, body)])) as server:
        usage = read(server.base_url).usage
    assert 0 <= usage.cached_input_tokens <= usage.input_tokens
