"""A question is planned, and paid for, once; what cannot be planned is asked back instead of spent on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from tests.api.conftest import ApiClient
from tests.api.documents import add_document, rows_of
from tests.api.events import Answer
from tests.api.model import model_behind
from tests.api.work import answer_job
from tests.model_server import ModelServer, ScriptedBrain
from tests.model_server.brains import Json
from tests.model_server.canned_plans import AUDIT, BY_YEAR, DATE, plan

COUNT = "How many contracts grant audit rights?"
AGAIN = "how many contracts   grant audit rights"
FOLLOW_UP = "And how many contracts are there by year?"
AMBIGUOUS = "How many contracts name good suppliers?"


@dataclass(frozen=True)
class AuditBrain(ScriptedBrain):
    """Plans two questions, the second in words a little different from the first; asks back else."""

    earlier: list[Sequence[Json]] = field(default_factory=list)

    def plan(self, question: str, earlier: Sequence[Json]) -> Json:
        self.earlier.append(earlier)
        if "by year" in question:
            reworded = {**AUDIT, "name": "audits", "statement": AUDIT["statement"].upper()}
            made = plan("group_count", "audits", [reworded, DATE], {"atom": "audits"}, group_by=BY_YEAR)
        elif "audit" in question.lower():
            made = plan("count", "audits", [AUDIT], {"atom": "audit_rights"})
        else:
            asked = "Do you mean contracts, or different suppliers?"
            return {"route": "clarification", "reason": "Open.", "clarification": asked, "plan": None}
        return {"route": "collection", "reason": "All.", "clarification": None, "plan": made}


BRAIN = AuditBrain()


@pytest.fixture
def server(environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    BRAIN.earlier.clear()
    with model_behind(monkeypatch, BRAIN) as running:
        yield running


def ask(api: ApiClient, content: str, conversation: str | None = None) -> Answer:
    return api.post(f"/conversations/{conversation or api.conversation()}/messages", {"content": content})


def test_the_same_question_is_planned_once_whoever_of_the_tenant_asks(
    api: ApiClient, server: ModelServer
) -> None:
    first = api.post("/estimates", {"content": COUNT}).json
    second = ask(api, AGAIN).json["job"]
    third = ask(api.another("bob", "acme"), COUNT).json["job"]
    assert first["plan"] == second["intent_data"] == third["intent_data"]
    assert len(BRAIN.earlier) == 1
    assert second["cost"]["spent_usd"] == 0


def test_another_tenant_plans_for_itself(api: ApiClient, server: ModelServer) -> None:
    ask(api, COUNT)
    ask(api.another("carol", "globex"), COUNT)
    assert len(BRAIN.earlier) == 2


def test_earlier_plans_are_given_and_their_atoms_kept_word_for_word(
    api: ApiClient, server: ModelServer
) -> None:
    conversation = api.conversation()
    first = ask(api, COUNT, conversation).json["job"]["intent_data"]
    second = ask(api, FOLLOW_UP, conversation).json["job"]["intent_data"]
    assert [entry["predicate"] for entry in BRAIN.earlier[1]] == [first["predicate"]]
    reused = second["atoms"][0]
    assert (reused["name"], reused["statement"]) == ("audits", first["atoms"][0]["statement"])


def test_a_follow_up_reads_only_what_was_not_asked_before(api: ApiClient, server: ModelServer) -> None:
    conversation = api.conversation()
    for number in range(7):
        add_document(f"{number}.txt", f"Contract {number} of 2019 may be audited.")
    answer_job(ask(api, COUNT, conversation).json["job"]["id"])
    first = sum(len(call.windows) for call in server.map_calls)

    answer_job(ask(api, FOLLOW_UP, conversation).json["job"]["id"])

    assert first == 7
    further = server.map_calls[-1]
    assert sum(len(call.windows) for call in server.map_calls) == 14
    assert further.criteria == (DATE["statement"],)


def test_what_was_read_is_combined_anew_without_a_call(api: ApiClient, server: ModelServer) -> None:
    conversation = api.conversation()
    add_document("a.txt", "The contract may be audited.")
    job = ask(api, FOLLOW_UP, conversation).json["job"]
    answer_job(job["id"])
    calls = len(server.calls)
    combined = {**job["intent_data"], "where": {"not": {"atom": "audits"}}, "kind": "list"}

    body = {"content": FOLLOW_UP, "plan": {**combined, "group_by": None}}
    again = api.post(f"/conversations/{conversation}/messages", body).json["job"]["id"]
    answer_job(again)

    assert api.get(f"/jobs/{again}").json["status"] == "completed"
    assert len(server.calls) == calls


def test_the_same_words_after_another_question_are_planned_anew(api: ApiClient, server: ModelServer) -> None:
    ask(api, FOLLOW_UP)
    conversation = api.conversation()
    ask(api, COUNT, conversation)
    ask(api, FOLLOW_UP, conversation)
    assert [len(earlier) for earlier in BRAIN.earlier] == [0, 0, 1]


def test_what_is_open_is_asked_back_and_nothing_is_spent_on_documents(
    api: ApiClient, server: ModelServer
) -> None:
    answer = ask(api, AMBIGUOUS)
    assert (answer.status, answer.json["route"]["kind"]) == (201, "clarification")
    assert answer.json["message"]["content"] == "Do you mean contracts, or different suppliers?"
    assert rows_of("processing_jobs", "kept_plans") == [0, 0]
    assert server.map_calls == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"group_by": {"atom": "audit_rights", "field": "nowhere", "transform": "value"}}, "plan.group_by"),
        ({"where": {"atom": "nobody"}}, "plan.where"),
        ({"model": "gpt-9"}, "plan.model"),
        ({"kind": "guess"}, "plan.kind"),
    ],
)
def test_a_plan_that_names_what_is_not_there_is_refused_by_its_path(
    api: ApiClient, server: ModelServer, change: Json, path: str
) -> None:
    corrected = {**plan("count", "audits", [AUDIT], {"atom": "audit_rights"}), **change}
    body = {"content": COUNT, "plan": corrected}
    answer = api.post(f"/conversations/{api.conversation()}/messages", body)
    assert answer.status == 422
    assert path in answer.bad_paths, json.dumps(answer.json)
    assert server.calls == []
