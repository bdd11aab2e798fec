"""The bytes between FakeCensus and its clients."""

import json
import socket
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.local_client.fake_census import FakeCensus, Request


def make_handler(census: FakeCensus) -> type[BaseHTTPRequestHandler]:
    """A handler class whose instances answer for `census`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: Any) -> None:
            """Tests read assertions, not access logs."""

        def _serve(self) -> None:
            request = self._read()
            fault = census.take_fault(request)
            if fault is None:
                self._send(*census.answer(request))
            elif fault.status is None:
                if fault.acted:
                    census.answer(request)
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._send(fault.status, fault.body)

        def _read(self) -> Request:
            where = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            return Request(self.command, where.path, dict(parse_qsl(where.query)), headers, body)

        def _send(self, status: int, body: Any) -> None:
            content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
