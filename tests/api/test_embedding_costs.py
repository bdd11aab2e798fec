"""What embedding a question costs stands in GET /usage, beside the answer that came of it."""

from decimal import Decimal

import pytest

from census import bootstrap
from census.application.charge_usage import CHARGED
from tests.api.conftest import ApiClient, LogLines
from tests.api.documents import add_document
from tests.api.model import model_behind
from tests.model_server import ScriptedBrain
from tests.model_server.embeddings import embeddings_json

QUESTION = "What is the notice period?"
LOOK_UP = {"content": QUESTION, "route": "lookup"}
TOKENS = embeddings_json({"input": QUESTION, "model": "text-embedding-3-small"})["usage"]["prompt_tokens"]


def look_up(api: ApiClient) -> dict[str, float]:
    """Ask; what the user has spent afterwards."""
    answer = api.post(f"/conversations/{api.conversation()}/messages", LOOK_UP)
    assert answer.status == 201
    spent: dict[str, float] = api.get("/usage").json["today"]
    return spent


def test_a_look_up_is_charged_for_its_embedding_and_its_answer(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    with model_behind(monkeypatch, ScriptedBrain()):
        monkeypatch.setenv("MODEL_PRICES", '{"text-embedding-3-small": {"input": "1000"}}')
        bootstrap.forget()
        add_document("a.txt", "The notice period is thirty days.")
        spent = look_up(api)
    embedding, answer = [line for line in log_lines() if line["message"] == CHARGED]
    assert Decimal(embedding["usd"]) == Decimal(TOKENS) * 1000 / 1_000_000
    assert spent["calls"] == 2
    assert spent["usd"] == pytest.approx(float(embedding["usd"]) + float(answer["usd"]))


def test_a_question_that_finds_nothing_is_charged_for_its_embedding_alone(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_behind(monkeypatch, ScriptedBrain()):
        spent = look_up(api)
    assert (spent["calls"], spent["input_tokens"], spent["output_tokens"]) == (1, TOKENS, 0)
    assert 0 < spent["usd"] < 0.0001


def test_an_embedder_without_a_price_is_counted_without_its_cost_and_says_so(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    with model_behind(monkeypatch, ScriptedBrain()):
        monkeypatch.setenv("EMBEDDING_MODEL", "house-embedder")
        bootstrap.forget()
        spent = look_up(api)
    assert (spent["calls"], spent["input_tokens"], spent["usd"]) == (1, TOKENS, 0)
    assert any("house-embedder" in line["message"] for line in log_lines())


def test_the_built_in_embedder_costs_nothing(api: ApiClient) -> None:
    add_document("a.txt", "The notice period is thirty days.")
    spent = look_up(api)
    assert (spent["calls"], spent["usd"]) == (1, 0), "the call is the answer's, by rules"
