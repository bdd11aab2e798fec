"""What a service that does not answer does to a request."""

from collections.abc import Callable

import pytest

from census import bootstrap
from tests.api.conftest import ApiClient, Cloud, LogLines
from tests.api.documents import add_document

NOBODY_LISTENS = "http://127.0.0.1:9/v1"
COUNT = {"content": "How many contracts mention indemnification?"}
LOOKUP = {"content": "What is the term of the Acme agreement?", "route": "lookup"}


@pytest.fixture
def take_model_down(environment: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on a model is configured, and does not answer."""

    def take_down() -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-secret")
        monkeypatch.setenv("OPENAI_BASE_URL", NOBODY_LISTENS)
        monkeypatch.setenv("MODEL_TIMEOUT_SECONDS", "1")
        bootstrap.forget()

    return take_down


def test_a_question_over_the_collection_is_taken_and_planned_later(
    api: ApiClient, take_model_down: Callable[[], None]
) -> None:
    take_model_down()

    answer = api.post(f"/conversations/{api.conversation()}/messages", COUNT)

    assert answer.status == 202
    assert answer.json["job"]["intent_data"] is None


def test_a_look_up_over_documents_is_unavailable_without_its_model(
    api: ApiClient, take_model_down: Callable[[], None]
) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    path = f"/conversations/{api.conversation()}/messages"
    take_model_down()

    answer = api.post(path, LOOKUP, Idempotency_Key="k-1")

    assert answer.status == 503
    assert answer.json["type"] == "/problems/unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text
    assert api.get(path).json["items"] == []


def test_a_job_is_taken_when_no_execution_can_be_started(
    api: ApiClient, cloud: Cloud, log_lines: LogLines
) -> None:
    machine = cloud.client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    cloud.client("stepfunctions").delete_state_machine(stateMachineArn=machine)

    answer = api.post(f"/conversations/{api.conversation()}/messages", COUNT)

    assert answer.status == 202
    assert answer.json["job"]["status"] == "queued"
    assert any("could not be started" in line["message"] for line in log_lines())
