"""A reply that never ends is given up in time, and one that breaks off is busy."""

import math
import socket
import threading
import time
from typing import Self

import pytest

from census.adapters.openai import completions
from census.ports.language_model import ModelBusyError, Usage
from census.ports.time_left import within
from tests.model_server import ModelServer, ScriptedBrain
from tests.openai.asking import REQUEST, model_at

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n"


class Dripping:
    """Accepts one connection and sends a blank every tenth of a second, `blanks` of them, then hangs up."""

    def __init__(self, blanks: int = 0) -> None:
        self._blanks = blanks
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._drip, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join()

    def _drip(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            try:
                connection.recv(65536)
                self._serve(connection)
            except OSError:
                return  # the client left

    def _serve(self, connection: socket.socket) -> None:
        connection.sendall(HEAD)
        for _ in range(self._blanks):
            time.sleep(0.1)
            connection.sendall(b" ")
            self.sent += 1


def test_a_reply_kept_open_with_blanks_is_given_up_at_the_time_out() -> None:
    with Dripping(blanks=600) as server, pytest.raises(ModelBusyError, match="time-out"):
        model_at(server.base_url, timeout_seconds=0.5).read_windows(REQUEST)
    assert server.sent < 500


class Pausing(Dripping):
    """Sends a blank shortly before the time-out of four seconds, and then nothing until the client leaves."""

    silent_seconds = math.inf

    def _serve(self, connection: socket.socket) -> None:
        connection.sendall(HEAD)
        time.sleep(3.6)
        connection.sendall(b" ")
        began = time.monotonic()
        connection.recv(1)
        self.silent_seconds = time.monotonic() - began


def test_a_reply_that_falls_silent_before_the_time_out_waits_for_no_second_one() -> None:
    with Pausing() as server, pytest.raises(ModelBusyError):
        model_at(server.base_url, timeout_seconds=4).read_windows(REQUEST)
    assert server.silent_seconds < 3, "0.4 s are left of the time-out; another one is 4 s"


def test_a_reply_is_given_up_when_the_request_it_is_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "LEAST_SECONDS", 0.01)
    with Dripping(blanks=600) as server, pytest.raises(ModelBusyError, match="time-out"), within(1.5):
        model_at(server.base_url, timeout_seconds=100).read_windows(REQUEST)
    assert server.sent < 500


def test_a_request_that_is_nearly_over_pays_for_no_call() -> None:
    with ModelServer(ScriptedBrain()) as server:
        with within(completions.LEAST_SECONDS / 2), pytest.raises(ModelBusyError, match="too little") as told:
            model_at(server.base_url).read_windows(REQUEST)
        assert server.calls == []
    assert told.value.usage == Usage()


def test_a_reply_that_breaks_off_is_busy() -> None:
    with Dripping(blanks=1) as server, pytest.raises(ModelBusyError, match="broke off"):
        model_at(server.base_url).read_windows(REQUEST)
