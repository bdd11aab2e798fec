"""The OpenAI embedder over real HTTP, faults included."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.openai_embedder import (
    MOST_INPUTS,
    MOST_TOKENS_AN_INPUT,
    OpenAIEmbedder,
    batches,
    cut_to_limit,
)
from census.domain.tokens import estimate_tokens
from census.ports.embedder import Embedder, EmbedderRejectedError, EmbedderUnavailableError
from census.ports.time_left import within
from tests.embedding.embeddings_server import Behaviour, embeddings_server, vector_of


@pytest.fixture
def server() -> Iterator[Behaviour]:
    with embeddings_server(Behaviour()) as behaviour:
        yield behaviour


def embedder(server: Behaviour, **changes: float) -> OpenAIEmbedder:
    settings = {"timeout_seconds": 5.0, **changes}
    return OpenAIEmbedder(
        api_key="test-key",
        model="text-embedding-3-small",
        dimensions=4,
        base_url=server.base_url,
        timeout_seconds=settings["timeout_seconds"],
        max_retries=int(settings.get("max_retries", 0)),
    )


def test_it_is_an_embedder(server: Behaviour) -> None:
    port: Embedder = embedder(server)
    assert (port.model, port.dimensions) == ("text-embedding-3-small/4", 4)


def test_its_name_says_the_dimension_only_where_the_model_would_give_another() -> None:
    names = [OpenAIEmbedder(api_key="key", dimensions=size).model for size in (1_536, 256)]
    assert names == ["text-embedding-3-small", "text-embedding-3-small/256"]


def test_vectors_come_in_the_order_of_the_texts_though_the_server_shuffles(server: Behaviour) -> None:
    texts = ["alpha", "be", "gam"]
    assert embedder(server).embed(texts).vectors == [vector_of(text, 4) for text in texts]


def test_a_request_that_is_over_embeds_nothing(server: Behaviour) -> None:
    with within(0), pytest.raises(EmbedderUnavailableError, match="no time left"):
        embedder(server).embed(["text"])
    assert server.requests == []


def test_no_text_makes_no_call(server: Behaviour) -> None:
    assert embedder(server).embed([]).vectors == []
    assert server.requests == []


def test_the_wanted_dimension_is_sent(server: Behaviour) -> None:
    embedder(server).embed(["text"])
    assert server.requests[0]["dimensions"] == 4


def test_requests_are_as_full_as_the_limit_of_inputs_allows(server: Behaviour) -> None:
    vectors = (
        embedder(server, timeout_seconds=20.0).embed([f"text {n}" for n in range(MOST_INPUTS + 1)]).vectors
    )
    assert [len(request["input"]) for request in server.requests] == [MOST_INPUTS, 1]
    assert len(vectors) == MOST_INPUTS + 1


def test_a_busy_service_says_when_to_come_back(server: Behaviour) -> None:
    server.faults = [(429, {"Retry-After": "7"}, {"error": {"message": "slow down", "code": "rate_limit"}})]
    with pytest.raises(EmbedderUnavailableError, match="HTTP 429") as caught:
        embedder(server).embed(["text"])
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("header", [{}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}])
def test_a_broken_service_may_be_tried_again(server: Behaviour, header: dict[str, str]) -> None:
    server.faults = [(500, header, {"error": {"message": "oops"}})]
    with pytest.raises(EmbedderUnavailableError, match="HTTP 500") as caught:
        embedder(server).embed(["text"])
    assert caught.value.retry_after is None


def test_a_fault_is_retried_as_often_as_allowed(server: Behaviour) -> None:
    server.faults = [(503, {"Retry-After": "0.01"}, {"error": {"message": "soon"}})]
    assert embedder(server, max_retries=1).embed(["text"]).vectors == [vector_of("text", 4)]
    assert len(server.requests) == 2


def test_nobody_listening_is_unavailable() -> None:
    with embeddings_server(Behaviour()) as behaviour:
        closed = embedder(behaviour)
    with pytest.raises(EmbedderUnavailableError, match="cannot be reached"):
        closed.embed(["text"])


def test_an_account_without_credit_is_told_so(server: Behaviour) -> None:
    server.faults = [(429, {}, {"error": {"message": "quota", "code": "insufficient_quota"}})]
    with pytest.raises(EmbedderRejectedError, match="no credit"):
        embedder(server).embed(["text"])


def test_a_wrong_key_is_rejected_with_a_hint(server: Behaviour) -> None:
    server.faults = [(401, {}, {"error": {"message": "bad key", "code": "invalid_api_key"}})]
    with pytest.raises(EmbedderRejectedError, match="Check the API key"):
        embedder(server).embed(["text"])


def test_vectors_of_another_length_are_rejected(server: Behaviour) -> None:
    server.dimensions = 3
    with pytest.raises(EmbedderRejectedError, match=r"\[3\] dimensions, but 4 are set"):
        embedder(server).embed(["text"])


def test_an_answer_that_lacks_a_text_is_rejected(server: Behaviour) -> None:
    server.drop_last = True
    with pytest.raises(EmbedderRejectedError, match="1 of 2 texts"):
        embedder(server).embed(["one", "two"])


def test_an_empty_answer_is_rejected(server: Behaviour) -> None:
    server.drop_last = True
    with pytest.raises(EmbedderRejectedError, match="cannot be read"):
        embedder(server).embed(["one"])


def test_an_empty_text_is_rejected_before_any_call(server: Behaviour) -> None:
    with pytest.raises(EmbedderRejectedError, match="numbers 1"):
        embedder(server).embed(["text", " \n"])
    assert server.requests == []


def test_a_text_that_is_too_long_is_sent_by_its_beginning(server: Behaviour) -> None:
    text = "word " * 20_000
    embedder(server).embed([text])
    sent = server.requests[0]["input"][0]
    assert text.startswith(sent)
    assert 0.8 * MOST_TOKENS_AN_INPUT / 1.15 < estimate_tokens(sent) <= MOST_TOKENS_AN_INPUT


@pytest.mark.parametrize("unit", ["word ", "双", "🚀", "नि", "x"])
def test_a_cut_text_is_within_the_limit_in_any_script(unit: str) -> None:
    cut = cut_to_limit(unit * 30_000)
    assert 0 < estimate_tokens(cut) <= MOST_TOKENS_AN_INPUT


@given(st.lists(st.sampled_from(["short", "w " * 4_000, "双方" * 900]), max_size=200))
def test_batches_keep_the_order_and_both_limits(texts: list[str]) -> None:
    runs = list(batches(texts))
    assert [text for run in runs for text in run] == texts
    assert all(run and sum(estimate_tokens(text) for text in run) <= 300_000 for run in runs)
