"""What the template says, with every reference resolved: the data the local stack is built from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY = "LOCALCENSUSACCESSKEY"
SECRET_KEY = "local-census-secret-key-that-opens-nothing"


@dataclass(frozen=True)
class Function:
    """A Lambda function. `code_uri` and `layers` are the template's own folder names."""

    logical_id: str
    name: str
    arn: str
    handler: str
    code_uri: str
    layers: Sequence[str]
    timeout_seconds: float
    memory_mb: int
    environment: Mapping[str, str]
    log_format: str


@dataclass(frozen=True)
class QueueMapping:
    """A queue that feeds a function (AWS::Lambda::EventSourceMapping)."""

    function: str
    queue_arn: str
    batch_size: int
    window_seconds: float
    max_concurrency: int
    reports_item_failures: bool

    @property
    def queue_name(self) -> str:
        return self.queue_arn.rpartition(":")[2]


@dataclass(frozen=True)
class Schedule:
    """A rule that invokes a function every `seconds`."""

    name: str
    function: str
    seconds: float


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API; `path` may hold `{name}` and `{name+}`, `method` may be ANY."""

    method: str
    path: str
    function: str
    authorized: bool


@dataclass(frozen=True)
class Notification:
    """Where a bucket sends its events; `events` are patterns such as `s3:ObjectCreated:*`."""

    id: str
    queue_arn: str
    events: Sequence[str]
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Bucket:
    logical_id: str
    name: str
    versioned: bool = False
    notifications: Sequence[Notification] = field(default=())


@dataclass(frozen=True)
class StateMachine:
    logical_id: str
    name: str
    arn: str
    definition: str


@dataclass(frozen=True)
class Deployment:
    """The whole application. Functions are keyed by logical id."""

    functions: Mapping[str, Function]
    mappings: Sequence[QueueMapping]
    schedules: Sequence[Schedule]
    routes: Sequence[Route]
    buckets: Sequence[Bucket]
    state_machines: Sequence[StateMachine]
    queues: Mapping[str, str]
    """Queue URLs by logical id."""
