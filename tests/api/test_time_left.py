"""What a request still may take is what all its calls together may take."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from census.ports.time_left import time_left, within
from tests.api.conftest import ApiClient
from tests.api.documents import add_document
from tests.api.model import model_behind
from tests.model_server import Fault, FaultPlan, ModelServer, ScriptedBrain

AUDITED = {"content": "How many contracts grant audit rights?"}
LOOK_UP = {"content": "What is the term of the Acme agreement?", "route": "lookup"}


@pytest.fixture
def server(environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with model_behind(monkeypatch, ScriptedBrain()) as running:
        yield running


@pytest.fixture
def silent(environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model that answers nothing for a minute."""
    slow = FaultPlan(first=1, kinds=(Fault.SLOW,), purposes=frozenset({"plan"}))
    with model_behind(monkeypatch, ScriptedBrain(), slow) as running:
        yield running


def test_calls_in_a_row_share_the_time_of_the_request_around_them() -> None:
    assert time_left(20.0) == 20.0
    with within(10.0):
        assert 9.0 < time_left(20.0) <= 10.0
        assert time_left(5.0) == 5.0
        with within(60.0):
            assert time_left(20.0) <= 10.0
        with within(-1.0):
            assert time_left(20.0) == 0.0
        assert time_left(20.0) > 9.0
    assert time_left(20.0) == 20.0


def test_a_question_that_cannot_be_planned_in_time_is_planned_by_its_job(
    api: ApiClient, server: ModelServer
) -> None:
    conversation = api.conversation()
    answer = replace(api, seconds=4.0).post(f"/conversations/{conversation}/messages", AUDITED)

    assert answer.status == 202
    assert answer.json["job"]["intent_data"] is None
    assert server.calls == []


def test_a_look_up_that_cannot_be_answered_in_time_says_so_and_asks_no_model(
    api: ApiClient, server: ModelServer
) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    conversation = api.conversation()
    answer = replace(api, seconds=4.0).post(f"/conversations/{conversation}/messages", LOOK_UP)

    assert answer.status == 503
    assert {call.purpose for call in server.calls} == {"embed"}


def test_a_silent_model_is_given_up_before_the_function_is(
    api: ApiClient, silent: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("census.adapters.openai.completions.LEAST_SECONDS", 0.1)
    conversation = api.conversation()
    answer = replace(api, seconds=4.0).post(f"/conversations/{conversation}/messages", AUDITED)

    assert answer.status == 202
    assert answer.json["job"]["intent_data"] is None
