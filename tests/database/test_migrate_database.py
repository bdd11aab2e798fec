"""The function migrate_database as CloudFormation calls it, and as anybody may."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from census import bootstrap
from census.adapters.aws_clients import aws_client
from census.adapters.postgres.migrator import LOCK_NUMBER
from functions.migrate_database import handler
from functions.migrate_database.custom_resource import CustomResourceAnswer
from tests.database.catalogue import catalogue
from tests.database.test_migrator import HEAD
from tests.local.rig import eventually

ENVIRONMENT = {
    "MODEL_NAME": "m", "STRONG_MODEL_NAME": "s", "MODEL_TIMEOUT_SECONDS": "25", "MODEL_CALLS_IN_FLIGHT": "32",
    "JOB_DEADLINE_SECONDS": "60", "RECONCILE_SECONDS": "20", "UPLOAD_EXPIRY_SECONDS": "900",
    **dict.fromkeys(("DOCUMENTS_BUCKET", "INGEST_QUEUE_URL", "SCRAPE_QUEUE_URL", "MAP_QUEUE_URL",
                     "RECONCILE_QUEUE_URL"), "unused"),
}  # fmt: skip

FIGURES = {
    "ServiceToken": "arn", "MapTimeoutSeconds": "60", "MapVisibilitySeconds": "360",
    "ModelTimeoutSeconds": "25", "ModelCallsInFlight": "32", "MapConcurrency": "8",
    "ApiConcurrency": "20", "DatabaseConnections": "60",
}  # fmt: skip
"""What the template's resource Schema is made with."""


class Context:
    """What the handler reads of Lambda's context."""

    aws_request_id = "request"

    def __init__(self, seconds: float = 300) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


class CloudFormation:
    """Takes answers on a presigned URL; `refuse` of them are answered with 500 first."""

    def __init__(self, refuse: int = 0) -> None:
        self.answers: list[dict[str, Any]] = []
        self._refuse = refuse
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer._refuse -= 1
                if outer._refuse < 0:
                    outer.answers.append(json.loads(body))
                self.send_response(200 if outer._refuse < 0 else 500)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def request(self, kind: str) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/answer?signature=x",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Schema",
            "ResourceProperties": dict(FIGURES),
        }


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    made = CloudFormation()
    yield made
    made.server.shutdown()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, empty_url: str) -> Iterator[str]:
    """The function's environment, with an empty database."""
    for name, value in {**ENVIRONMENT, "DATABASE_URL": empty_url}.items():
        monkeypatch.setenv(name, value)
    bootstrap.forget()
    yield empty_url
    bootstrap.forget()


def test_a_plain_call_migrates_and_tells_the_revisions(configured: str) -> None:
    assert handler.handle({"action": "migrate"}, Context()) == {"before": None, "after": HEAD}
    assert handler.handle({}, Context()) == {"before": HEAD, "after": HEAD}


def test_the_schedule_looks_after_large_tenants_and_migrates_nothing(configured: str) -> None:
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}

    assert handler.handle(event, Context()) == {"built": [], "dropped": [], "left": []}
    assert catalogue(configured) == set()


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_deployment_hears_that_the_schema_is_ready(
    configured: str, cloudformation: CloudFormation, kind: str
) -> None:
    handler.handle(cloudformation.request(kind), Context())

    (answer,) = cloudformation.answers
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {"before": None, "after": HEAD})
    assert answer["PhysicalResourceId"] == "census-schema"
    assert (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]) == (
        "stack",
        "request",
        "Schema",
    )


def test_delete_touches_nothing(configured: str, cloudformation: CloudFormation) -> None:
    handler.handle(cloudformation.request("Delete"), Context())

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert catalogue(configured) == set()


def test_delete_succeeds_without_a_database(
    configured: str, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/c")

    handler.handle(cloudformation.request("Delete"), Context())

    assert cloudformation.answers[0]["Status"] == "SUCCESS"


def test_a_failure_is_answered_with_its_reason(
    configured: str, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/c")

    handler.handle(cloudformation.request("Update"), Context())

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("No PostgreSQL answers at 127.0.0.1:1")


def test_a_rollback_finishes_although_the_database_is_ahead(
    configured: str, cloudformation: CloudFormation
) -> None:
    handler.handle({}, Context())
    engine = create_engine(configured, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099_01_01_future'"))

    handler.handle(cloudformation.request("Update"), Context())

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert cloudformation.answers[0]["Data"]["after"] == "2099_01_01_future"


def test_the_answer_comes_before_the_time_is_over(configured: str, cloudformation: CloudFormation) -> None:
    engine = create_engine(configured, poolclass=NullPool)
    with engine.begin() as other:
        other.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        stuck = threading.Thread(
            target=handler.handle,
            args=(cloudformation.request("Update"), Context(handler.ANSWER_SECONDS + 1)),
        )
        stuck.start()
        answered = eventually(lambda: list(cloudformation.answers))
    stuck.join(60)

    (answer,) = cloudformation.answers
    assert answered == [answer], "it came while the lock was still held"
    assert answer["Status"] == "FAILED"
    assert "run `make migrate`" in answer["Reason"]


def test_an_answer_that_is_not_taken_is_sent_again() -> None:
    cloudformation, told = CloudFormation(refuse=2), list[str]()

    with CustomResourceAnswer(cloudformation.request("Update"), 30, told.append) as answer:
        answer.succeeded({"after": "x"})

    assert [one["Data"] for one in cloudformation.answers] == [{"after": "x"}]
    assert len(told) == 2
    cloudformation.server.shutdown()


def test_an_error_nobody_foresaw_is_answered_too(cloudformation: CloudFormation) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        CustomResourceAnswer(cloudformation.request("Update"), 30, lambda _: None),
    ):
        _ = 1 / 0

    assert cloudformation.answers[0]["Reason"] == "ZeroDivisionError: division by zero"


def test_figures_that_contradict_each_other_are_refused_before_the_schema_is_touched(
    configured: str, cloudformation: CloudFormation
) -> None:
    request = cloudformation.request("Create")
    request["ResourceProperties"]["MapVisibilitySeconds"] = "60"

    handler.handle(request, Context())

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "MapVisibilitySeconds 60 is less than 6 × MapTimeoutSeconds" in answer["Reason"]
    assert catalogue(configured) == set()


def test_a_model_key_of_another_region_is_refused_before_the_schema_is_touched(
    configured: str, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv(
        "MODEL_KEY_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:model-a1b2c3"
    )
    aws_client.cache_clear()
    bootstrap.forget()

    handler.handle(cloudformation.request("Create"), Context())

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "lies in eu-west-1, Census runs in us-east-1" in answer["Reason"]
    assert catalogue(configured) == set()
    aws_client.cache_clear()
