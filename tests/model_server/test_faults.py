"""Faults depend on seed, request and attempt only; records tell what happened."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.ports.language_model import LanguageModelError, ReadRequest, WindowText
from tests.model_server import Fault, FaultPlan, Latency, ModelServer, ScriptedBrain, window_key
from tests.openai.asking import REFUND, REQUEST, WINDOWS, model_at


@given(st.integers(), st.text(max_size=20), st.integers(min_value=1, max_value=9))
def test_the_same_attempt_of_the_same_request_fails_the_same_way(
    seed: int, request: str, attempt: int
) -> None:
    faults = FaultPlan(rate=0.5, seed=seed)
    assert faults.fault("read", request, attempt) == faults.fault("read", request, attempt)


def test_about_the_rate_asked_for_fails_by_all_kinds() -> None:
    faults = FaultPlan(rate=0.1, seed=1)
    found = [faults.fault("read", str(number), 1) for number in range(5000)]
    share = sum(fault is not None for fault in found) / len(found)
    assert 0.08 < share < 0.12
    assert set(found) - {None} == set(Fault)


def test_only_the_purposes_named_fail() -> None:
    faults = FaultPlan(rate=1.0)
    assert faults.fault("plan", "x", 1) is None
    assert faults.fault("read", "x", 1) is not None


def test_a_request_that_failed_can_succeed_at_its_next_attempt() -> None:
    with ModelServer(ScriptedBrain(), FaultPlan(first=2, kinds=(Fault.SERVER_ERROR,))) as server:
        outcomes = [succeeds(server.base_url, REQUEST) for _ in range(3)]
        assert [call.attempt for call in server.calls] == [1, 2, 3]
    assert outcomes == [False, False, True]


def test_ids_of_windows_do_not_change_the_faults() -> None:
    faults = FaultPlan(rate=0.5, seed=3, kinds=(Fault.SERVER_ERROR,))
    outcomes = []
    for prefix in ("run1", "run2"):
        requests = [
            ReadRequest((REFUND,), (WindowText(f"{prefix}-{n}", "", f"text {n}"),)) for n in range(12)
        ]
        with ModelServer(ScriptedBrain(), faults) as server:
            outcomes.append([succeeds(server.base_url, request) for request in requests])
    assert outcomes[0] == outcomes[1]
    assert len(set(outcomes[0])) == 2


def succeeds(base_url: str, request: ReadRequest) -> bool:
    try:
        model_at(base_url).read_windows(request)
    except LanguageModelError:
        return False
    return True


def test_every_call_is_recorded_with_its_windows_and_outcome() -> None:
    with ModelServer(ScriptedBrain(), FaultPlan(first=1, kinds=(Fault.RATE_LIMITED,))) as server:
        for _ in range(2):
            succeeds(server.base_url, REQUEST)
        calls, counts = server.map_calls, server.calls_by_window
    assert [(call.status, call.fault, call.billed) for call in calls] == [
        (429, "rate_limited", False),
        (200, None, True),
    ]
    assert counts == {window_key(window.text): 2 for window in WINDOWS}
    assert calls[0].criteria[0] == REFUND.statement


@pytest.mark.parametrize("median", [0.0, 0.2])
def test_latency_is_drawn_around_its_median(median: float) -> None:
    drawn = sorted(Latency(median).seconds(str(n), 1) for n in range(999))
    assert drawn[499] == pytest.approx(median, rel=0.1)


def test_ending_the_server_does_not_wait_for_slow_calls() -> None:
    faults = FaultPlan(first=1, kinds=(Fault.SLOW,), slow_seconds=600)
    with ModelServer(ScriptedBrain(), faults) as server:
        assert not succeeds_within(server.base_url, 0.2)
        started = time.monotonic()
    assert time.monotonic() - started < 60


def succeeds_within(base_url: str, seconds: float) -> bool:
    try:
        model_at(base_url, timeout_seconds=seconds).read_windows(REQUEST)
    except LanguageModelError:
        return False
    return True


def test_it_runs_as_a_process_and_shows_its_records() -> None:
    command = [sys.executable, "-m", "tests.model_server", "--port", "0", "--seed", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry or "." for entry in sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)/v1\n", process.stdout.readline())
            assert ready is not None
            assert succeeds(f"{ready[1]}/v1", REQUEST)
            with urllib.request.urlopen(f"{ready[1]}/calls", timeout=60) as response:
                assert [call["purpose"] for call in json.load(response)["calls"]] == ["read"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
