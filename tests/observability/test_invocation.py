"""Around a handler: whatever happens, the metrics are written and the log line says where it was."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from census import bootstrap
from census.domain import measures
from census.domain.deployment import RECORD_SECONDS
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger
from census.ports.metrics import count
from functions.drain_dead_letters.handler import handle as drain
from functions.reconcile_work.handler import handle as reconcile
from tests.moto_cloud import empty_cloud, moto_server
from tests.redrive import made_redrive

URLS = ("INGEST_QUEUE_URL", "SCRAPE_QUEUE_URL", "MAP_QUEUE_URL", "RECONCILE_QUEUE_URL")
NUMBERS = ("MODEL_TIMEOUT_SECONDS", "MODEL_CALLS_IN_FLIGHT", "JOB_DEADLINE_SECONDS", "RECONCILE_SECONDS")
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:answer-job"
IDS = {name: str(uuid.uuid4()) for name in ("tenant_id", "job_id", "file_id", "page_id")}
REAL_BUILDERS = [builder for builder in vars(bootstrap).values() if hasattr(builder, "cache_clear")]


class Context:
    aws_request_id = "request-7"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(autouse=True)
def _deployed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process as the template makes it, with a database and nothing else that answers."""
    settings = {name: f"http://127.0.0.1:9/{name}" for name in URLS} | dict.fromkeys(NUMBERS, "60")
    settings |= {"DATABASE_URL": database_url, "DOCUMENTS_BUCKET": "none", "UPLOAD_EXPIRY_SECONDS": "60"}
    settings |= {"MODEL_NAME": "m", "STRONG_MODEL_NAME": "s", "STATE_MACHINE_ARN": ARN}
    settings |= {"POWERTOOLS_METRICS_NAMESPACE": "Census/test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    bootstrap.database().engine.dispose()
    forget()


def forget() -> None:
    """The next invocation is the first of its process."""
    for builder in REAL_BUILDERS:
        builder.cache_clear()


def lines(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Log lines and metric lines of the invocation."""
    logger()  # made at first use: its stream must be this test's
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [o for o in written if "_aws" not in o], [o for o in written if "_aws" in o]


@observed("probe")
def probe(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    count(bootstrap.metrics(), measures.SWEEPS_DONE)
    if "break" in event:
        raise RuntimeError(event["break"])
    return {"batchItemFailures": event.get("failed", [])}


def test_metrics_are_written_when_the_invocation_ends(capsys: pytest.CaptureFixture[str]) -> None:
    probe({}, Context())
    (line,) = lines(capsys)[1]
    assert line["SweepsDone"] == [1]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Census/test"


def test_metrics_are_written_also_when_it_breaks_off(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError):
        probe({"break": "what went wrong"}, Context())
    assert len(lines(capsys)[1]) == 1


def test_messages_given_back_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    probe({"failed": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}, Context())
    (line,) = lines(capsys)[1]
    assert line["WorkBrokenOff"] == [2]


DEAD_LETTERS = {
    "map": {**{k: IDS[k] for k in ("tenant_id", "job_id")}, "generation": 1, "batch": 1},
    "ingest": {k: IDS[k] for k in ("tenant_id", "file_id")},
    "scrape": {k: IDS[k] for k in ("tenant_id", "page_id")},
    "unknown": {"somebody": "else's"},
}


@pytest.mark.parametrize("queue", DEAD_LETTERS)
def test_a_dead_letter_is_counted_once_by_its_queue(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    with moto_server() as endpoint, empty_cloud(endpoint, "us-east-1"):
        redrive = made_redrive()
        redrive.kill(json.dumps(DEAD_LETTERS[queue]))
        redrive.drain(drain)
        if queue != "unknown":
            with pytest.raises(RuntimeError):
                redrive.drain(broken)
        redrive.drain(drain)
    (line,) = lines(capsys)[1]
    assert (line["DeadLettersDrained"], line["Queue"]) == ([1], queue)


def broken(_event: dict[str, Any], _context: Any) -> None:
    raise RuntimeError("a process that ended")


def test_health_that_cannot_be_read_stops_no_repair(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("REVOKE SELECT ON stuck_files FROM census_read"))
    engine.dispose()
    assert reconcile({"Records": []}, Context()) == {"batchItemFailures": []}
    assert "DatabaseConnectionsUsed" not in str(lines(capsys)[1])


def test_no_call_begins_that_leaves_no_time_to_record_it() -> None:
    assert bootstrap.map_tools().call_seconds == bootstrap.settings().model_timeout_seconds + RECORD_SECONDS
