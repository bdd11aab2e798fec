"""The limit slides as the vendor's does, and the server holds it under many clients at once."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.ports.language_model import ModelBusyError, ReadRequest, WindowText
from tests.model_server import ModelServer, RateCount, RateGate, ScriptedBrain
from tests.model_server.brains import AskedWindow, Json
from tests.openai.asking import REFUND, REQUEST, model_at


class Clock:
    """A clock that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=80), st.integers(min_value=1, max_value=9))
def test_no_window_lets_more_pass_than_the_limit(pauses: list[float], limit: int) -> None:
    clock = Clock()
    gate = RateGate(limit, 60, clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if gate.wait_seconds() is None:
            passed.append(clock.now)
    assert all(sum(at - 60 < p <= at for p in passed) <= limit for at in passed)
    assert gate.count.accepted == len(passed)
    assert gate.count.accepted + gate.count.refused == len(pauses)


def test_the_wait_told_is_just_long_enough() -> None:
    clock = Clock()
    gate = RateGate(2, 60, clock)
    for clock.now in (0.0, 10.0):
        assert gate.wait_seconds() is None
    clock.now = 25.0
    assert gate.wait_seconds() == pytest.approx(35)
    clock.now = 60.0
    assert gate.wait_seconds() is None
    assert gate.count == RateCount(accepted=3, refused=1, busiest=2)


def test_calls_above_the_limit_get_429_with_the_time_to_wait() -> None:
    with ModelServer(ScriptedBrain(), requests_per_minute=2) as server:
        model, began = model_at(server.base_url), time.monotonic()
        for _ in range(2):
            model.read_windows(REQUEST)
        with pytest.raises(ModelBusyError) as caught:
            model.read_windows(REQUEST)
        took = time.monotonic() - began
        assert server.rate == RateCount(accepted=2, refused=1, busiest=2)
        last = server.calls[-1]
    assert caught.value.retry_after is not None
    assert 60 - took <= caught.value.retry_after <= 60.001
    assert (last.status, last.fault, last.billed) == (429, "over_limit", False)


class TogetherBrain(ScriptedBrain):
    """Answers none before twenty calls are there to be answered."""

    barrier = threading.Barrier(20)

    def read(self, criteria: Sequence[Json], window: AskedWindow) -> dict[str, Json]:
        self.barrier.wait(60)
        return super().read(criteria, window)


def test_hundreds_of_calls_of_fifty_clients_are_served_side_by_side() -> None:
    requests = [ReadRequest((REFUND,), (WindowText("w1", "", f"text {n}"),)) for n in range(400)]
    with ModelServer(TogetherBrain()) as server:
        model = model_at(server.base_url, timeout_seconds=100)
        with ThreadPoolExecutor(50) as pool:
            replies = list(pool.map(model.read_windows, requests))
        assert [call.status for call in server.map_calls] == [200] * len(replies) == [200] * 400
        assert 20 <= server.most_in_flight <= 50
