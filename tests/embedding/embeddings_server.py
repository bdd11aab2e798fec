"""A server on loopback that speaks `/v1/embeddings`, with the faults a test asks for."""

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    dimensions: int = 4
    drop_last: bool = False
    shuffle: bool = True
    faults: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    base_url: str = ""


def vector_of(text: str, dimensions: int) -> list[float]:
    """A vector that tells which text it belongs to."""
    return [float(len(text)), float(ord(text[0])), *([0.5] * (dimensions - 2))]


@contextmanager
def embeddings_server(behaviour: Behaviour) -> Iterator[Behaviour]:
    """Serve until the block ends; `behaviour.base_url` tells where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            behaviour.requests.append(body)
            if behaviour.faults:
                self._answer(*behaviour.faults.pop(0))
            else:
                self._answer(200, {}, _embeddings(body, behaviour))

        def _answer(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        behaviour.base_url = f"http://127.0.0.1:{server.server_port}/v1"
        yield behaviour
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _embeddings(body: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(text, body, behaviour.dimensions)}
        for index, text in enumerate(body["input"])
    ]
    if behaviour.drop_last:
        data.pop()
    if behaviour.shuffle:
        data.reverse()
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def _encoded(text: str, body: dict[str, Any], dimensions: int) -> list[float] | str:
    vector = vector_of(text, dimensions)
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
