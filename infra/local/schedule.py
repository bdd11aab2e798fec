"""Invokes functions at the rate of their schedule rules, for the first time right at the start."""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid

from infra.local.deployment import Schedule
from infra.local.function_processes import FunctionBusyError, FunctionProcesses
from infra.local.queue_events import scheduled_event


class ScheduleClock:
    """Fires one rule, at first right away: a restart must find work whose messages were lost."""

    def __init__(self, schedule: Schedule, functions: FunctionProcesses) -> None:
        self._schedule = schedule
        self._functions = functions
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"schedule-{schedule.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopping.is_set():
            self._fire()
            due = max(due + self._schedule.seconds, time.monotonic())
            self._stopping.wait(due - time.monotonic())

    def _fire(self) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = scheduled_event(self._schedule.name, str(uuid.uuid4()), now)
        try:
            outcome = self._functions.invoke(self._schedule.function, json.dumps(event).encode())
        except FunctionBusyError:
            print(
                f"{self._schedule.function}: every process is busy; the schedule skips a turn",
                file=sys.stderr,
            )
            return
        if outcome.function_error and not self._stopping.is_set():
            cause = outcome.payload[:300].decode("utf-8", "replace")
            print(f"{self._schedule.function} failed on its schedule: {cause}", file=sys.stderr)
