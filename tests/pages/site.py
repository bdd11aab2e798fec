"""A web site on loopback that behaves as badly as a test asks. Every request is remembered."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """One answer: sent whole, or in `pieces` with a pause before each."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    pause: float = 0.0
    length: bool = True


@dataclass
class Site:
    """Replies by path; a list is used up one after the other, its last reply stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    decide: Callable[[str, Mapping[str, str]], Reply | None] | None = None
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return self.origin + path

    def put(self, path: str, body: str | bytes = b"", *replies: Reply, **headers: str) -> str:
        """Serve an HTML body, or these replies one after the other; the URL."""
        raw = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.replies[path] = list(replies) or [Reply(200, raw, named)]
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.put(path, b"", Reply(status, b"", {"Location": to}))

    def page(self, path: str, *links: str, words: str = "Some words.", title: str = "A page") -> str:
        """An HTML page with links."""
        anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
        return self.put(
            path, f"<html><title>{title}</title><body><p>{words} {path}</p>{anchors}</body></html>"
        )

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for one, _ in self.requests if one == path)

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        decided = self.decide(path, headers) if self.decide else None
        if decided is not None:
            return decided
        waiting = self.replies.get(path)
        if not waiting:
            return Reply(404, b"nothing here")
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.requests.append((self.path, headers))
            try:
                self._send(site.answer(self.path, headers))
            except OSError:
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.length and not reply.pieces:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            for piece in reply.pieces:
                time.sleep(reply.pause)
                self.wfile.write(piece)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def bomb(size: int) -> bytes:
    """Gzip of `size` zero bytes."""
    return gzip.compress(bytes(size))
