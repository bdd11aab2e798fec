"""A call ends at its wall before its reply has begun as well."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from census.adapters.openai import completions
from census.ports.language_model import ModelBusyError
from tests.model_server import ModelServer, ScriptedBrain
from tests.openai.asking import REQUEST, model_at
from tests.openai.test_slow_replies import Dripping


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A port that lets nobody in: its queue is full of connections that nobody takes."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        while True:
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0.3)
            try:
                waiting.connect(listener.getsockname())
            except TimeoutError:
                break
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def test_a_connection_that_nobody_takes_is_given_up_long_before_the_calls_time_is_over(
    black_hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completions, "CONNECT_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(ModelBusyError):
        model_at(black_hole, timeout_seconds=60).read_windows(REQUEST)
    assert time.monotonic() - began < 30


class DrippingHeads(Dripping):
    """Sends the head of its reply a byte at a time, and never its end."""

    def _serve(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
        for _ in range(self._blanks):
            time.sleep(0.1)
            connection.sendall(b"x")
            self.sent += 1


def test_a_head_that_never_ends_is_given_up_at_the_wall() -> None:
    with DrippingHeads(blanks=600) as server, pytest.raises(ModelBusyError):
        model_at(server.base_url, timeout_seconds=0.5).read_windows(REQUEST)
    assert server.sent < 500


def test_a_connection_is_kept_for_the_next_call() -> None:
    with ModelServer(ScriptedBrain()) as server:
        model = model_at(server.base_url)
        for _ in range(3):
            model.read_windows(REQUEST)
        assert len(server.calls) == 3
        assert server.connections == 1
