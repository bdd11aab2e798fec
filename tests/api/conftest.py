"""The function serve_api over a real database, and S3, SQS and Step Functions over HTTP."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from census import bootstrap
from census.lambda_support.logging import logger
from functions.serve_api.handler import app, handle
from tests.api.events import ISSUER, Answer, answer, event
from tests.moto_cloud import empty_cloud, moto_server
from tests.postgres import PostgresServer

BUCKET = "census-documents"
QUEUES = ("ingest", "scrape", "map", "reconcile")
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:answer-job"


@dataclass(frozen=True)
class Cloud:
    """A cloud of this test process, and the queues in it by name."""

    endpoint: str
    queues: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A client of its own for a test to look with."""
        return boto3.client(service)  # type: ignore[call-overload]

    def messages(self, queue: str) -> list[str]:
        """Bodies of the messages now in a queue, those still delayed left out."""
        found = self.client("sqs").receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10)
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """moto's server on a port of its own."""
    with moto_server() as endpoint:
        yield endpoint


@pytest.fixture
def cloud(aws_server: str) -> Iterator[Cloud]:
    """An empty cloud with the bucket, the queues and the state machine of the template."""
    with empty_cloud(aws_server, "us-east-1"):
        yield _furnished(aws_server)


def _furnished(endpoint: str) -> Cloud:
    made = Cloud(endpoint, {})
    made.client("s3").create_bucket(Bucket=BUCKET)
    made.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    urls = {name: made.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
    made.client("stepfunctions").create_state_machine(
        name="answer-job",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/states",
    )
    return replace(made, queues=urls)


@pytest.fixture
def environment(database_url: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the template sets for serve_api."""
    for name, value in {
        "DATABASE_URL": database_url,
        "DOCUMENTS_BUCKET": BUCKET,
        **{f"{name.upper()}_QUEUE_URL": url for name, url in cloud.queues.items()},
        "STATE_MACHINE_ARN": MACHINE,
        "MODEL_NAME": "gpt-5-mini",
        "STRONG_MODEL_NAME": "gpt-5",
        "MODEL_TIMEOUT_SECONDS": "20",
        "MODEL_CALLS_IN_FLIGHT": "4",
        "JOB_DEADLINE_SECONDS": "86400",
        "RECONCILE_SECONDS": "20",
        "UPLOAD_EXPIRY_SECONDS": "900",
        "TENANT_CLAIM": "tenant",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("OPENAI_API_KEY", "MODEL_KEY_SECRET_ARN", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    _forget()
    yield
    if bootstrap.database.cache_info().currsize:
        bootstrap.database().engine.dispose()
    _forget()


def _forget() -> None:
    bootstrap.forget()
    app.cache_clear()


@dataclass(frozen=True)
class ApiClient:
    """Calls the handler as one user, the way API Gateway does."""

    claims: Mapping[str, str] | None = field(
        default_factory=lambda: {"iss": ISSUER, "sub": "alice", "tenant": "acme"}
    )
    seconds: float = 29.0
    """What the function has left when the request comes."""

    def call(self, method: str, path: str, body: Any = None, **rest: Any) -> Answer:
        """One request; see tests.api.events.event."""
        return self.send(event(method, path, body=body, claims=self.claims, **rest))

    def send(self, request: dict[str, Any]) -> Answer:
        """An event as it is."""
        milliseconds = round(self.seconds * 1000)
        context = SimpleNamespace(
            aws_request_id="lambda-request",
            function_name="serve_api",
            get_remaining_time_in_millis=lambda: milliseconds,
        )
        return answer(handle(request, context))

    def get(self, path: str, **query: str) -> Answer:
        """GET with a query."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST of JSON; underscores in header names stand for hyphens."""
        return self.call("POST", path, body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def delete(self, path: str) -> Answer:
        """DELETE."""
        return self.call("DELETE", path)

    def another(self, user: str, tenant: str) -> "ApiClient":
        """The same interface for another user."""
        return ApiClient({"iss": ISSUER, "sub": user, "tenant": tenant})

    def conversation(self) -> str:
        """The id of a new conversation."""
        return str(self.post("/conversations", {}).json["id"])


@pytest.fixture
def api(environment: None) -> ApiClient:
    """The interface as user alice of tenant acme."""
    return ApiClient()


@pytest.fixture
def anonymous(environment: None) -> ApiClient:
    """The interface without a token, as its open routes are called."""
    return ApiClient(None)


@pytest.fixture
def log_lines(environment: None) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the function has logged since the test began, line by line."""
    written = io.StringIO()
    handler = logger().registered_handler
    before = handler.setStream(written)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    handler.setStream(before)  # type: ignore[attr-defined]


Drop = Callable[[], None]
LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def drop_database(database_url: str, postgres: PostgresServer) -> Drop:
    """Takes the database away under the function."""
    return lambda: postgres.drop(database_url)
