"""Real log lines of every function on the local stack: what, where, what to do, and nobody's words."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from census.domain.measures import MEASURES
from infra.local.stack import LocalStack
from tests.data_folder import data_folder
from tests.model_server import ModelServer
from tests.stack.person import Person, somebody
from tests.stack.promises import promising_brain, question_about
from tests.stack.running import ROOT

pytestmark = pytest.mark.stack

KEY = "sk-marker-of-the-model-key"
TOKEN = "marker-of-the-task-token"
WORDS = "Zanzibarquux"
"""Stands in documents, questions, file names' contents and broken messages: nobody's words are logged."""

PASSWORD = "marker-of-the-password"
NOT_JSON = f"{{ {WORDS} is not json"
IDS = {"tenant_id": str(uuid.uuid4()), "job_id": str(uuid.uuid4())}
STEP = {**IDS, "generation": 1, "task_token": TOKEN}


def records(body: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1"}
    return {"Records": [{"messageId": "message-1", "body": body, "attributes": attributes}]}


BROKEN: Mapping[str, dict[str, Any]] = {
    "PlanJob": STEP,
    "ReduceJob": STEP,
    "SettleJob": {**STEP, "failure": {"Error": "E", "Cause": json.dumps({"errorMessage": WORDS})}},
    "DispatchBatches": {**STEP, "job_id": "no id"},
    "MapBatch": records(NOT_JSON),
    "IngestFile": records(NOT_JSON),
    "ScrapePage": records(NOT_JSON),
    "ReconcileWork": records(json.dumps({"tenant_id": IDS["tenant_id"], "job_id": "none"})),
    "DrainDeadLetters": records(NOT_JSON),
    "ServeApi": {"requestContext": {"requestId": "r", "http": {"method": "GET"}}, "rawPath": "/", "x": WORDS},
}
"""An event that each function cannot deal with."""


@dataclass(frozen=True)
class Logged:
    """What the functions of a stack wrote."""

    folder: Path
    person: Person
    jobs: list[str] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))

    def lines(self, function: str, *levels: str) -> list[dict[str, Any]]:
        """Our lines of a function: without metrics and what the runtime itself says."""
        ours = [
            line for line in self._objects(f"{function}.log") if "function" in line and "_aws" not in line
        ]
        return [line for line in ours if not levels or line["level"] in levels]

    @cached_property
    def metrics(self) -> list[dict[str, Any]]:
        return [line for line in self._objects("*.log") if "_aws" in line]

    def _objects(self, pattern: str) -> Iterator[dict[str, Any]]:
        for path in self.folder.glob(pattern):
            for line in path.read_text("utf-8", "replace").splitlines():
                if line.startswith("{"):
                    yield json.loads(line)


@pytest.fixture(scope="module")
def logged() -> Iterator[Logged]:
    """A stack on which people worked, and every function met something it cannot deal with."""
    with data_folder() as data, ModelServer(promising_brain()) as server:
        environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}
        with LocalStack(ROOT / "template.yaml", data, environment=environment) as stack:
            person = somebody(stack.url)
            person.send_texts({"a.txt": f"It promises apples to {WORDS}.", "b.pdf": f"%PDF-1.7 {WORDS}"})
            jobs = [person.answer(f"{question_about('apples')} {WORDS}")["id"]]
            person.ask(f"What does {WORDS} get?", route="lookup")
            person.call("POST", "/conversations/x/messages", raw=NOT_JSON.encode())
            person.call("GET", "/jobs", token=f"Bearer {PASSWORD}")
            for name, event in BROKEN.items():
                stack.cloud.functions.invoke(name, json.dumps(event).encode())
            stack.cloud.functions.invoke("ReconcileWork", b"{}")
        yield Logged(data / "logs", person, jobs)


@pytest.mark.parametrize("marker", [KEY, TOKEN, WORDS, PASSWORD, "Bearer "])
def test_no_secret_and_nobodys_words_are_logged(logged: Logged, marker: str) -> None:
    assert len(logged.text) > 1000
    assert [line[:500] for line in logged.text.splitlines() if marker in line] == []


def test_no_task_token_is_logged(logged: Logged) -> None:
    assert not re.search(r"task_?token[\"']?: *[\"'][^\"']", logged.text, re.IGNORECASE)


@pytest.mark.parametrize("function", BROKEN)
def test_a_failure_says_what_where_and_what_to_do(logged: Logged, function: str) -> None:
    told = logged.lines(function, "ERROR", "WARNING")
    assert told, logged.lines(function)
    for line in told:
        assert line["function"] == re.sub(r"(?<!^)(?=[A-Z])", "_", function).lower()
        assert line["correlation_id"]
        assert line["request_id"]
        assert len(line["message"]) > 20
        assert line["location"]


@pytest.mark.parametrize("function", ["PlanJob", "ReduceJob", "SettleJob"])
def test_a_step_of_a_job_that_fails_names_job_and_tenant(logged: Logged, function: str) -> None:
    line = logged.lines(function, "ERROR")[-1]
    assert (line["job_id"], line["tenant_id"]) == (IDS["job_id"], IDS["tenant_id"])
    assert line["correlation_id"] == IDS["job_id"]
    assert "docs/runbook.md" in line["message"]
    assert "There is no job" in line["exception"]


def test_requests_name_their_tenant_and_never_their_query(logged: Logged) -> None:
    answered = [
        line for line in logged.lines("ServeApi") if line["message"] == "Answered." and "user_id" in line
    ]
    assert answered
    for line in answered:
        assert {"method", "path", "status", "milliseconds", "tenant_id", "request_id"} <= line.keys()


def test_metrics_of_the_run_are_the_registrys(logged: Logged) -> None:
    for line in logged.metrics:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Census/census"
        for metric in directive["Metrics"]:
            measure = MEASURES[metric["Name"]]
            assert metric["Unit"] == measure.unit.value
            assert set(directive["Dimensions"][0]) == measure.dimensions.keys()


def test_work_sweeps_and_health_are_measured_on_the_stack(logged: Logged) -> None:
    seen = {
        (metric["Name"], *(line[name] for name in line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]))
        for line in logged.metrics
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert {
        ("JobsEnded", "completed"), ("JobDuration", "completed"), ("JobCost",), ("LedgerRemainder",),
        ("ItemsClassified", "match"), ("ItemsPinned",), ("ItemsFromCache",), ("ModelLatency", "read"),
        ("ModelSpending",), ("DocumentsProcessed", "file", "completed"), ("SweepsDone",),
        ("DocumentsProcessed", "file", "failed"), ("DatabaseConnectionsUsed",), ("StuckRows", "job"),
        ("WorkBrokenOff",), ("DeadLettersDrained", "unknown"),
    } <= seen  # fmt: skip
