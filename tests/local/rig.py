"""A running stack of the fixture's template, with what a test needs to act on it and to see what happened."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import psutil
from botocore.config import Config

from infra.local.deployment import ACCESS_KEY, REGION, SECRET_KEY
from infra.local.folders import Folders
from infra.local.lambda_runtime import Outcome
from infra.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("fixture") / "template.yaml"
WHEELS = ROOT / ".build" / "local"
BUCKET = "census-files"
T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = 60.0) -> T:
    """The first true value of `look`, asked again and again; the last value when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process no longer runs; one that only waits to be collected by its parent does not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def records(folder: Path, name: str) -> list[dict[str, Any]]:
    """What the fixture's functions wrote down under `name`, oldest first."""
    path = folder / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """One HTTP request; an error status is an answer like any other."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())


def session() -> boto3.Session:
    """With the keys that the stack's functions have."""
    return boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)


class Rig:
    """The stack, AWS clients that talk to it, and the records of its functions."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        endpoint = stack.cloud.endpoint_url
        s3_config = Config(signature_version="s3v4")
        self.sqs: SQSClient = session().client("sqs", endpoint_url=endpoint)
        self.s3: S3Client = session().client("s3", endpoint_url=endpoint, config=s3_config)
        self.states: SFNClient = session().client("stepfunctions", endpoint_url=endpoint)
        self.functions: LambdaClient = session().client("lambda", endpoint_url=endpoint)

    def records(self, name: str) -> list[dict[str, Any]]:
        return records(self.folder, name)

    def probe(self, **event: Any) -> Outcome:
        """Invokes the fixture's function Probe in process."""
        return self.stack.cloud.functions.invoke("Probe", json.dumps(event).encode())

    def queue(self, logical_id: str) -> str:
        """A queue's URL."""
        return self.stack.cloud.deployment.queues[logical_id]

    def send(self, **body: Any) -> str:
        """Puts a message into Inbox; returns its id."""
        return self.sqs.send_message(QueueUrl=self.queue("Inbox"), MessageBody=json.dumps(body))["MessageId"]

    def deliveries(self, mark: str) -> list[dict[str, Any]]:
        """Records of messages whose body holds `mark`, one a delivery."""
        rows = [row for batch in self.records("batches") for row in batch["records"]]
        return [row for row in rows if f'"{mark}"' in row["body"]]

    def batches(self, mark: str) -> list[list[dict[str, Any]]]:
        """The batches that held such messages."""
        found = [batch["records"] for batch in self.records("batches")]
        return [rows for rows in found if any(f'"{mark}"' in row["body"] for row in rows)]


def start_rig(data: Path, folder: Path, **parameters: str) -> Rig:
    """Starts the fixture's stack without a database; the caller stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = LocalStack(
        TEMPLATE,
        data,
        parameters={"RecordsFolder": str(folder), **parameters},
        environment={"DATABASE_URL": "postgresql://no.such.host/none"},
        folders=Folders(TEMPLATE.parent, WHEELS, data / "run"),
    )
    stack.start()
    return Rig(stack, folder)
