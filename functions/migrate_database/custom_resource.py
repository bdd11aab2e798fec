"""CloudFormation's side of a custom resource: an answer by HTTP PUT, exactly one, before the time is over."""

import json
import threading
import urllib.request
from collections.abc import Callable
from types import TracebackType
from typing import Any

PHYSICAL_ID = "census-schema"
"""Never changes: another id would make CloudFormation delete the 'old' schema."""

PUT_SECONDS = 10
ATTEMPTS = 3
_REASON_LENGTH = 1000


class CustomResourceAnswer:
    """Answers `event` once; FAILED after `seconds`, whatever is still going on."""

    def __init__(self, event: dict[str, Any], seconds: float, report: Callable[[str], None]) -> None:
        self._event = event
        self._report = report
        self._seconds = seconds
        self._lock = threading.Lock()
        self._answered = False
        self._timer = threading.Timer(seconds, self._too_late)

    def __enter__(self) -> "CustomResourceAnswer":
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if error is not None:
            self.failed(f"{kind.__name__ if kind else 'Error'}: {error}")

    def succeeded(self, data: dict[str, Any]) -> None:
        """The deployment goes on."""
        self._answer("SUCCESS", "", data)

    def failed(self, reason: str) -> None:
        """The deployment is rolled back; `reason` stands in the stack's events."""
        self._answer("FAILED", reason, {})

    def _too_late(self) -> None:
        self.failed(
            f"The migration did not end within {self._seconds:.0f} s: "
            "run `make migrate` against the database, "
            "then deploy again."
        )

    def _answer(self, status: str, reason: str, data: dict[str, Any]) -> None:
        with self._lock:
            if self._answered:
                return
            body = {
                "Status": status,
                "Reason": reason[:_REASON_LENGTH],
                "PhysicalResourceId": PHYSICAL_ID,
                "Data": data,
                **{name: self._event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
            }
            self._put(json.dumps(body).encode())
            self._answered = True

    def _put(self, body: bytes) -> None:
        """The URL is presigned for an empty content type."""
        request = urllib.request.Request(  # CloudFormation's own URL
            self._event["ResponseURL"], body, {"Content-Type": ""}, method="PUT"
        )
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(request, timeout=PUT_SECONDS):
                    return
            except OSError as error:
                self._report(f"CloudFormation did not take the answer (attempt {attempt}): {error}")
                if attempt == ATTEMPTS:
                    raise
