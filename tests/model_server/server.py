"""The server's sockets: loopback HTTP/1.1, a thread a connection, ended cleanly with what hangs on it."""

import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self

from tests.model_server.brains import Brain
from tests.model_server.exchange import Exchange, Latency, Reply
from tests.model_server.faults import NO_FAULTS, FaultPlan
from tests.model_server.rate_gate import WINDOW_SECONDS, RateCount, RateGate
from tests.model_server.records import RecordedCall, calls_by_window

__all__ = ["Latency", "LoopbackServer", "ModelServer", "Responder"]


class Responder(Protocol):
    """What stands behind the sockets. `stopping` is set when the server ends: no reply is sent any more."""

    stopping: threading.Event

    def get(self, path: str, authorization: str | None) -> Reply:
        """The reply to a GET."""
        ...

    def post(self, path: str, authorization: str | None, body: bytes) -> Reply:
        """The reply to a POST."""
        ...


class LoopbackServer:
    """Serves a responder on a port of this machine, 0 for a free one, until the `with` block ends."""

    def __init__(self, responder: Responder, port: int = 0) -> None:
        self._responder = responder
        self._http = _Http(("127.0.0.1", port), responder)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        """To be given to the client; ends in `/v1`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._http.connections

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._responder.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class ModelServer(LoopbackServer):
    """`with ModelServer(brain, faults) as server:` serves at `server.base_url` until the block ends.

    `port` 0 takes a free one. `api_key` None accepts every key that is not empty. Chat calls above
    `requests_per_minute` get a 429 at once, with Retry-After; `window_seconds` shrinks the minute in tests.
    """

    def __init__(
        self,
        brain: Brain,
        faults: FaultPlan = NO_FAULTS,
        latency: Latency | None = None,
        port: int = 0,
        api_key: str | None = None,
        requests_per_minute: int | None = None,
        window_seconds: float = WINDOW_SECONDS,
    ) -> None:
        gate = RateGate(requests_per_minute, window_seconds)
        self._exchange = Exchange(brain, faults, latency or Latency(), api_key, gate)
        super().__init__(self._exchange, port)

    @property
    def calls(self) -> list[RecordedCall]:
        """Every well-formed call so far, in the order in which they ended."""
        return list(self._exchange.calls)

    @property
    def map_calls(self) -> list[RecordedCall]:
        """The calls that read windows."""
        return [call for call in self.calls if call.purpose == "read"]

    @property
    def calls_by_window(self) -> Counter[str]:
        """How often each window was sent, failed calls included; keys are `window_key(text)`."""
        return calls_by_window(self.map_calls)

    @property
    def prompts(self) -> list[str]:
        """The messages of the last thousand calls, each joined into one text, in the order they came."""
        return list(self._exchange.prompts)

    @property
    def rate(self) -> RateCount:
        """How many chat calls were let in, how many came above the limit, how full the fullest minute was."""
        return self._exchange.gate.count

    @property
    def most_in_flight(self) -> int:
        """The largest number of chat calls that were open at once."""
        return self._exchange.most_in_flight


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], responder: Responder) -> None:
        self.responder = responder
        self._open: set[socket.socket] = set()
        self.connections = 0
        super().__init__(address, _Handler)

    def opened(self, connection: socket.socket) -> None:
        self._open.add(connection)
        self.connections += 1

    def closed(self, connection: socket.socket) -> None:
        self._open.discard(connection)

    def server_close(self) -> None:
        """Also ends connections that clients keep alive: their threads wait in them."""
        super().server_close()
        for connection in list(self._open):
            _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was first


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one write; two would meet delayed acknowledgements
    disable_nagle_algorithm = True
    server: _Http
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        try:
            super().finish()
        except OSError:
            return  # the client hung up before its reply

    def do_GET(self) -> None:
        self._send(self.server.responder.get(self.path, self.headers.get("Authorization")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._send(self.server.responder.post(self.path, self.headers.get("Authorization"), body))

    def _send(self, reply: Reply) -> None:
        if reply.status == 0 or self.server.responder.stopping.is_set():
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # a client that timed out and left is no news here

    def log_message(self, format: str, *args: object) -> None:
        """Records, not lines, tell what was asked."""
