"""One HTTP exchange at a time, over the standard library; every way it can fail is a CensusError."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.client_errors import ConnectionLostError, StackUnreachableError, UnexpectedAnswerError

ANSWER_SECONDS = 35  # the gateway itself gives up after 30
STORE_SECONDS = 60  # silence of the object store, not the whole upload
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BROKEN = (http.client.HTTPException, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Reply:
    """A complete answer, whatever its status."""

    what: str
    status: int
    body: bytes

    def json(self) -> Any:
        """The decoded body; raises UnexpectedAnswerError where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UnexpectedAnswerError(self.what, f"HTTP {self.status} without JSON") from error

    def problem(self) -> dict[str, Any]:
        """The members of a refusal; empty where the body is no JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def exchange(method: str, url: str, headers: Mapping[str, str], body: object = None) -> Reply:
    """Send one request with a JSON body and read the whole answer; redirects are followed without `headers`.

    Raises StackUnreachableError and ConnectionLostError.
    """
    what = f"{method} {urlsplit(url).path}"
    request = urllib.request.Request(
        url, method=method, data=None if body is None else json.dumps(body).encode()
    )
    request.add_header("Accept", "application/json")
    if body is not None:
        request.add_header("Content-Type", "application/json")
    for name, value in headers.items():  # a presigned address must not see the caller's token
        request.add_unredirected_header(name, value)
    try:
        with _opener(url).open(request, timeout=ANSWER_SECONDS) as answer:
            return Reply(what, answer.status, answer.read())
    except urllib.error.HTTPError as refusal:
        return _refused(what, refusal)
    except urllib.error.URLError as error:
        raise _unanswered(what, url, error.reason) from error
    except _BROKEN as error:
        raise ConnectionLostError(what, _reason(error)) from error


def post_form(url: str, mime: str, length: int, blocks: Iterable[bytes]) -> Reply:
    """Stream a form of `length` bytes to the object store and read its answer.

    A store that refuses early stops reading; its answer is read all the same, because it holds the reason.
    Raises StackUnreachableError and ConnectionLostError, and whatever `blocks` raises.
    """
    where = urlsplit(url)
    what = f"Upload to {where.netloc}"
    connect = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = connect(where.netloc, timeout=STORE_SECONDS)
    try:
        _connect(connection, what, url)
        _stream(
            connection, f"{where.path or '/'}{'?' if where.query else ''}{where.query}", mime, length, blocks
        )
        answer = connection.getresponse()
        return Reply(what, answer.status, answer.read())
    except _BROKEN as error:
        raise ConnectionLostError(what, _reason(error)) from error
    finally:
        connection.close()


def _connect(connection: http.client.HTTPConnection, what: str, url: str) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise _unanswered(what, url, error) from error


def _stream(
    connection: http.client.HTTPConnection, path: str, mime: str, length: int, blocks: Iterable[bytes]
) -> None:
    connection.putrequest("POST", path, skip_accept_encoding=True)
    connection.putheader("Content-Type", mime)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    for block in blocks:
        try:
            connection.send(block)
        except ConnectionError:  # refused early: the caller reads the answer, or finds none
            return


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Proxies of the environment are meant for other machines, never for this one."""
    local = urlsplit(url).hostname in _LOOPBACK
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if local else []))


def _refused(what: str, refusal: urllib.error.HTTPError) -> Reply:
    try:
        with refusal:
            return Reply(what, refusal.code, refusal.read())
    except _BROKEN as error:
        raise ConnectionLostError(what, _reason(error)) from error


def _unanswered(what: str, url: str, reason: object) -> StackUnreachableError | ConnectionLostError:
    """A refused or impossible connection means that nobody is there; anything else was cut off."""
    where = urlsplit(url)
    cut_off = isinstance(
        reason, (TimeoutError, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
    )
    if cut_off:
        return ConnectionLostError(what, _reason(reason))
    return StackUnreachableError(f"{where.scheme}://{where.netloc}")


def _reason(error: object) -> str:
    return str(error) or type(error).__name__
