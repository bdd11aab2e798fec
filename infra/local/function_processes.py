"""All functions of the stack: processes started on demand, kept warm, ended when idle."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.local.counters import Counters
from infra.local.lambda_runtime import (
    PAYLOAD_LIMIT,
    FunctionProcess,
    Outcome,
    ProcessGoneError,
    ProcessSettings,
)

IDLE_SECONDS = 300.0


class UnknownFunctionError(Exception):
    """No function of that name or ARN is in the template."""


class FunctionBusyError(Exception):
    """Every process the function may have is at work (Lambda's TooManyRequestsException)."""


class PayloadTooLargeError(Exception):
    """The event is larger than Lambda's 6 MB."""


class FunctionPool:
    """The processes of one function, at most `capacity` at once."""

    def __init__(
        self, settings: ProcessSettings, capacity: int, lifeline: int, changed: Callable[[], None]
    ) -> None:
        self.settings = settings
        self._lifeline = lifeline
        self._changed = changed
        self._slots = threading.BoundedSemaphore(capacity)
        self._lock = threading.Lock()
        self._idle: list[FunctionProcess] = []
        self._all: set[FunctionProcess] = set()
        self._stopped = False

    def invoke(self, event: bytes, patience: float) -> Outcome:
        """Runs one invocation; raises FunctionBusyError when no process is free for `patience` seconds."""
        if not self._slots.acquire(timeout=patience):
            raise FunctionBusyError(self.settings.name)
        try:
            return self._invoke(event)
        finally:
            self._slots.release()

    def _invoke(self, event: bytes) -> Outcome:
        while True:
            process = self._take()
            try:
                return process.invoke(event)
            except ProcessGoneError:
                continue
            finally:
                self._give_back(process)

    def _take(self) -> FunctionProcess:
        with self._lock:
            if self._stopped:
                raise FunctionBusyError(self.settings.name)
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                self._all.discard(process)
            process = FunctionProcess(self.settings, self._lifeline)
            self._all.add(process)
        self._changed()
        return process

    def _give_back(self, process: FunctionProcess) -> None:
        with self._lock:
            keep = process.alive and not self._stopped
            if keep:
                self._idle.append(process)
            else:
                self._all.discard(process)
        if not keep:
            process.stop()
            self._changed()

    def end_idle(self, older_than: float) -> None:
        """Ends processes that have had nothing to do since the monotonic time `older_than`."""
        with self._lock:
            ended = [process for process in self._idle if process.idle_since < older_than]
            self._idle = [process for process in self._idle if process not in ended]
            self._all.difference_update(ended)
        for process in ended:
            process.stop()
        if ended:
            self._changed()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            processes = list(self._all)
            self._all.clear()
            self._idle.clear()
        for process in processes:
            process.kill()
        for process in processes:
            process.stop()

    @property
    def pids(self) -> list[int]:
        with self._lock:
            return [process.pid for process in self._all if process.alive]


class FunctionProcesses:
    """Invokes functions by name or ARN. `run_file` always lists the live processes: [{function, pid}]."""

    def __init__(
        self, pools: Mapping[str, tuple[ProcessSettings, int]], run_file: Path, counters: Counters
    ) -> None:
        self._lifeline, self._write_end = os.pipe()
        self._run_file = run_file
        self._counters = counters
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._pools = {
            name: FunctionPool(settings, capacity, self._lifeline, self._record)
            for name, (settings, capacity) in pools.items()
        }
        threading.Thread(target=self._tidy, name="functions-tidy", daemon=True).start()

    def invoke(self, function: str, event: bytes, *, patience: float = 600.0) -> Outcome:
        """Runs `function` (logical id, name or ARN) with a JSON event and waits for it.

        Raises UnknownFunctionError, FunctionBusyError (no process free for `patience` seconds),
        PayloadTooLargeError. Errors of the function itself are an Outcome.
        """
        pool = self._pool(function)
        if len(event) > PAYLOAD_LIMIT:
            raise PayloadTooLargeError(f"{len(event)} byte payload is too large for {pool.settings.name}")
        self._counters.count("lambda", "Invoke")
        return pool.invoke(event, patience)

    def settings(self, function: str) -> ProcessSettings:
        """What the function runs with; raises UnknownFunctionError."""
        return self._pool(function).settings

    def pids(self, function: str) -> list[int]:
        """The live processes of one function."""
        return self._pool(function).pids

    def stop(self) -> None:
        """Kills every process; returns when all are gone."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        for pool in self._pools.values():
            pool.stop()
        os.close(self._write_end)
        os.close(self._lifeline)
        self._run_file.unlink(missing_ok=True)

    def _pool(self, function: str) -> FunctionPool:
        name = function.partition(":function:")[2].partition(":")[0] if ":function:" in function else function
        for logical_id, pool in self._pools.items():
            if name in (logical_id, pool.settings.name):
                return pool
        raise UnknownFunctionError(f"Function not found: {function}")

    def _record(self) -> None:
        with self._lock:
            if self._stopped.is_set():
                return
            rows = [{"function": name, "pid": pid} for name, pool in self._pools.items() for pid in pool.pids]
            part = self._run_file.with_suffix(".part")
            part.write_text(json.dumps(rows))
            part.replace(self._run_file)

    def _tidy(self) -> None:
        while not self._stopped.wait(IDLE_SECONDS / 10):
            for pool in self._pools.values():
                pool.end_idle(time.monotonic() - IDLE_SECONDS)
