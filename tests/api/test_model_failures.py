"""What a caller is told of a model that does not exist, or declines: the truth, and what can be done."""

import pytest

from census import bootstrap
from tests.api.conftest import ApiClient
from tests.api.documents import rows_of
from tests.api.model import model_behind
from tests.engine.vendors import Vendor
from tests.model_server import Fault, FaultPlan, LoopbackServer, ScriptedBrain
from tests.model_server.canned_plans import AUDIT, plan

QUESTION = {"content": "How many contracts grant audit rights?"}
AUDITED = plan("count", "contracts with audit rights", [AUDIT], {"atom": "audit_rights"})


def test_a_model_that_does_not_exist_is_not_called_busy(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = api.conversation()
    with LoopbackServer(Vendor({})) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-tests")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        bootstrap.forget()
        refused = api.post(f"/conversations/{conversation}/messages", QUESTION)
        priced = api.post("/estimates", QUESTION)
        planned = api.post("/estimates", {**QUESTION, "plan": AUDITED})

    for answer in (refused, priced):
        assert (answer.status, answer.json["type"]) == (503, "/problems/model-unusable")
        assert "retry-after" not in answer.headers
        assert "does not exist or you" not in answer.text
    assert planned.status == 200
    assert rows_of("messages", "processing_jobs") == [0, 0]


def test_a_model_that_declines_is_told_as_that(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    declining = FaultPlan(rate=1, kinds=(Fault.REFUSAL,), purposes=frozenset({"plan"}))
    conversation = api.conversation()
    with model_behind(monkeypatch, ScriptedBrain(), declining):
        answer = api.post(f"/conversations/{conversation}/messages", QUESTION)
        planned = api.post(f"/conversations/{conversation}/messages", {**QUESTION, "plan": AUDITED})

    assert (answer.status, answer.json["type"]) == (422, "/problems/model-refused")
    assert "plan of your own" in answer.json["detail"]
    assert planned.status == 202
