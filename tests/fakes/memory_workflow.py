"""The state machine in memory. Implements census.ports.workflow.Workflow; a test plays its states.

As strict as AWS: a token answers once, and no longer once its execution has ended or it was replaced.
"""

import threading
import uuid
from dataclasses import dataclass, field

from census.domain.errors import UnavailableError
from census.domain.identity import execution_name
from census.domain.plan import JsonObject
from census.ports.workflow import ExecutionState, SignalResult, StartedExecution


@dataclass(frozen=True)
class TokenAnswer:
    """What a token was answered with; `error` is None for a success."""

    output: JsonObject | None = None
    error: str | None = None
    cause: str = ""


@dataclass
class MemoryWorkflow:
    """`down` makes every call fail. `answers` holds what arrived, by token."""

    down: bool = False
    answers: dict[str, TokenAnswer] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)
    signals: int = 0
    _states: dict[str, ExecutionState] = field(default_factory=dict)
    _inputs: dict[str, JsonObject] = field(default_factory=dict)
    _open: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> StartedExecution:
        """See the port."""
        self._reachable()
        arn = f"execution:{execution_name(job_id, generation)}"
        with self._lock:
            self._states.setdefault(arn, ExecutionState.RUNNING)
            self._inputs[arn] = {
                "tenant_id": str(tenant_id),
                "job_id": str(job_id),
                "generation": generation,
            }
        return StartedExecution(arn)

    def state(self, execution_arn: str) -> ExecutionState:
        """See the port."""
        self._reachable()
        return self._states.get(execution_arn, ExecutionState.UNKNOWN)

    def stop(self, execution_arn: str, cause: str) -> None:
        """See the port."""
        self._reachable()
        if self._states.get(execution_arn) is ExecutionState.RUNNING:
            self.causes[execution_arn] = cause
            self.end(execution_arn)

    def signal_success(self, task_token: str, output: JsonObject) -> SignalResult:
        """See the port."""
        return self._answer(task_token, TokenAnswer(output=output))

    def signal_failure(self, task_token: str, error: str, cause: str) -> SignalResult:
        """See the port."""
        return self._answer(task_token, TokenAnswer(error=error, cause=cause))

    def running(self) -> list[JsonObject]:
        """The inputs of the executions that run, in the order they were started."""
        with self._lock:
            return [self._inputs[arn] for arn, s in self._states.items() if s is ExecutionState.RUNNING]

    def wait_with_token(self, execution_arn: str) -> str:
        """A new token of an execution that waits for it; the one before is closed."""
        token = uuid.uuid4().hex
        with self._lock:
            self._open = {t: arn for t, arn in self._open.items() if arn != execution_arn}
            self._open[token] = execution_arn
        return token

    def close(self, task_token: str) -> None:
        """Close a token as a time-out does."""
        with self._lock:
            self._open.pop(task_token, None)

    def end(self, execution_arn: str) -> None:
        """End an execution; its tokens are closed."""
        with self._lock:
            self._states[execution_arn] = ExecutionState.ENDED
            self._open = {t: arn for t, arn in self._open.items() if arn != execution_arn}

    def _answer(self, token: str, answer: TokenAnswer) -> SignalResult:
        self._reachable()
        with self._lock:
            self.signals += 1
            if self._open.pop(token, None) is None:
                return SignalResult.CLOSED
            self.answers[token] = answer
            return SignalResult.SENT

    def _reachable(self) -> None:
        if self.down:
            raise UnavailableError("The state machine does not answer.")
