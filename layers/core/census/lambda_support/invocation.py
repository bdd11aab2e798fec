"""Around every handler: lines that can be followed, an error line that says what to do, metrics written."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from census import bootstrap
from census.domain.measures import WORK_BROKEN_OFF
from census.lambda_support.logging import begin_invocation, logger
from census.lambda_support.named_work import named_work
from census.ports.metrics import count

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
_KEYS = ("tenant_id", "job_id", "generation")
"""Of a state machine's data, what its lines carry. Never the task token."""

BROKE_OFF = "The invocation broke off and comes again. What to do: docs/runbook.md, 'Function errors'."


def observed(function_name: str) -> Callable[[Handler], Handler]:
    """Marks the log lines of each invocation, logs what breaks it off, and writes what it measured."""

    def around(handle: Handler) -> Handler:
        @wraps(handle)
        def invoke(event: dict[str, Any], context: Any) -> dict[str, Any]:
            _begin(function_name, event, context)
            try:
                answer = handle(event, context)
                _count_returned(answer)
            except Exception:
                logger().exception(BROKE_OFF)
                raise
            finally:
                _write_metrics()
            return answer

        return invoke

    return around


def _begin(function_name: str, event: Mapping[str, Any], context: Any) -> None:
    keys = {key: event[key] for key in _KEYS if key in event} | named_work(_bodies(event))
    request_id = getattr(context, "aws_request_id", None) or _http_request_id(event)
    work = keys.get("job_id") or keys.get("file_id") or keys.get("page_id")
    begin_invocation(work or request_id, function_name)
    logger().append_keys(request_id=request_id, **keys)


def _bodies(event: Mapping[str, Any]) -> list[str]:
    return [str(record.get("body", "")) for record in event.get("Records", [])]


def _http_request_id(event: Mapping[str, Any]) -> str:
    return str(event.get("requestContext", {}).get("requestId", ""))


def _count_returned(answer: Mapping[str, Any]) -> None:
    """Lambda counts an invocation that gives messages back as a success."""
    returned = answer.get("batchItemFailures")
    if returned:
        count(bootstrap.metrics(), WORK_BROKEN_OFF, len(returned))


def _write_metrics() -> None:
    if bootstrap.metrics.cache_info().currsize:  # else nothing was measured, or the settings are broken
        bootstrap.metrics().flush()
