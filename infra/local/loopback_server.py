"""A small threaded HTTP/1.1 server on 127.0.0.1 with keep-alive; every answer leaves in one write."""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import BinaryIO

from infra.local.request_body import ChunkedBody, RequestBody, SizedBody

HOST = "127.0.0.1"
DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 10.0


@dataclass(frozen=True)
class Request:
    """One request. `target` is path and query as sent; `body` yields exactly the body's bytes."""

    method: str
    target: str
    headers: Message
    body: BinaryIO
    length: int | None
    """Bytes of the body as declared; None when it comes in chunks."""
    client: str = HOST

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Response:
    """An answer; `Content-Length` is added by the server."""

    status: int
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = field(default=())


Answer = Callable[[Request], Response]


class PortInUseError(Exception):
    """The port to listen on belongs to another program."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "census-local"
    sys_version = ""
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024
    server: LoopbackServer  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        try:
            request, raw = self._request()
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        response = self.server.answer_safely(request)
        if raw.remaining:
            self.close_connection = True
        self._send(response)
        if raw.remaining:
            self._drain(raw)

    def _request(self) -> tuple[Request, RequestBody]:
        raw: RequestBody
        length: int | None = None
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            raw = ChunkedBody(self.rfile)  # type: ignore[arg-type]
        else:
            length = int(self.headers.get("Content-Length") or 0)
            if length < 0:
                raise ValueError("negative Content-Length")
            raw = SizedBody(self.rfile, length)  # type: ignore[arg-type]
        body = io.BufferedReader(raw, 64 * 1024)
        client = str(self.client_address[0])
        return Request(self.command, self.path, self.headers, body, length, client), raw

    def _send(self, response: Response) -> None:
        head = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        head += [f"{name}: {value}" for name, value in response.headers if name.lower() != "content-length"]
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            head.append(f"Content-Length: {_length(self.command, response)}")
        head.append(f"Date: {self.date_time_string()}")
        if self.close_connection:
            head.append("Connection: close")
        body = b"" if self.command == "HEAD" else response.body
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1", "replace") + body)

    def _drain(self, raw: io.RawIOBase) -> None:
        """Reads what the client still sends, within bounds: one that is cut off never sees the answer."""
        self.connection.settimeout(DRAIN_SECONDS)
        left = DRAIN_BYTES
        with contextlib.suppress(OSError, ValueError):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (data := raw.read(64 * 1024)):
                left -= len(data)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: requests are counted by the parts that answer them."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _length(method: str, response: Response) -> int:
    """The length to announce: for HEAD the one the answer names, as it has no body of its own."""
    if method == "HEAD":
        named = [value for name, value in response.headers if name.lower() == "content-length"]
        if named:
            return int(named[0])
    return len(response.body)


class LoopbackServer:
    """Answers HTTP on 127.0.0.1 with one thread a connection.

    Raises PortInUseError when `port` is taken; port 0 takes a free one. `name` appears in logs only.
    """

    def __init__(
        self, answer: Answer, *, port: int = 0, name: str, idle_seconds: float | None = None
    ) -> None:
        self._answer = answer
        self.name = name
        self._idle_seconds = idle_seconds
        self._closing = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((HOST, port))
        except OSError as error:
            self._listener.close()
            raise PortInUseError(f"port {port} of {HOST} cannot be used: {error.strerror}") from error
        self._listener.listen(128)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._accept, name=f"{self.name}-accept", daemon=True).start()

    def stop(self) -> None:
        """Closes the listener and every open connection; safe to call twice."""
        if self._closing:
            return
        self._closing = True
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            pass  # wakes accept(), which closing the socket does not do everywhere
        self._listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def answer_safely(self, request: Request) -> Response:
        """The answer, or 500 with the trace on standard error when the handler failed."""
        try:
            return self._answer(request)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - the edge of a thread: the client gets 500, the trace is shown
            print(f"{self.name}: {request.method} {request.path} failed", file=sys.stderr)
            traceback.print_exc()
            return Response(
                500, b'{"message":"Internal Server Error"}', [("Content-Type", "application/json")]
            )

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, address = self._listener.accept()
            except OSError:
                continue
            threading.Thread(
                target=self._serve, args=(connection, address), name=f"{self.name}-connection", daemon=True
            ).start()

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        with self._lock:
            self._connections.add(connection)
        try:
            connection.settimeout(self._idle_seconds)
            with contextlib.suppress(OSError):
                _Handler(connection, address, self)  # type: ignore[arg-type]
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()
