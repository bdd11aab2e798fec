"""The state machine that leads a job: started by name, signalled by token."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from census.domain.plan import JsonObject


class ExecutionState(StrEnum):
    """Whether an execution still runs, as far as the service knows it at all."""

    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


class SignalResult(StrEnum):
    """What became of a signal. A closed token counts as sent only after the job has been re-read."""

    SENT = "sent"
    CLOSED = "closed"


@dataclass(frozen=True)
class StartedExecution:
    """An execution, new or already running under the same name."""

    arn: str


class Workflow(Protocol):
    """Methods raise UnavailableError when the service does not answer."""

    def start(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> StartedExecution:
        """Start the execution of this generation; starting it twice starts it once."""
        ...

    def state(self, execution_arn: str) -> ExecutionState:
        """What the service knows of an execution."""
        ...

    def stop(self, execution_arn: str, cause: str) -> None:
        """Stop an execution; one that ended or never was is no error."""
        ...

    def signal_success(self, task_token: str, output: JsonObject) -> SignalResult:
        """Let the waiting task go on."""
        ...

    def signal_failure(self, task_token: str, error: str, cause: str) -> SignalResult:
        """Fail the waiting task."""
        ...
