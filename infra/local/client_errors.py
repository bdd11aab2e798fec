"""What can go wrong between the command line and the stack.

    CensusError
    ├── StackUnreachableError     nothing listens at the address
    ├── ConnectionLostError       somebody listened, but no whole answer came back
    ├── UnexpectedAnswerError     a whole answer came that is not the interface's
    ├── ApiError                  the interface refused, with its reasons
    ├── UploadRefusedError        the object store refused the bytes
    └── UnsendableFileError       the file itself cannot be sent

The text of each is one sentence for the person at the terminal.
"""

import re
from collections.abc import Mapping
from typing import Any


class CensusError(Exception):
    """The request did not succeed."""


class StackUnreachableError(CensusError):
    """Nothing listens at the address."""

    def __init__(self, base_url: str) -> None:
        super().__init__(f"Nothing answers at {base_url}. Start it with: make up")
        self.base_url = base_url


class ConnectionLostError(CensusError):
    """The connection ended, or stayed silent, before the answer was complete."""

    def __init__(self, what: str, reason: object) -> None:
        super().__init__(f"{what}: the connection was lost ({reason}). Look at the output of `make up`.")


class UnexpectedAnswerError(CensusError):
    """The answer is not what the interface promises; another program may own the port."""

    def __init__(self, what: str, found: str) -> None:
        super().__init__(f"{what}: unexpected answer ({found}). Is it Census that listens there?")


class ApiError(CensusError):
    """A refusal with its status, its stable type and, for a bad body, the bad fields.

    Reads problem details (RFC 9457) and the gateway's own `{"message": …}`.
    """

    def __init__(self, what: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title") or problem.get("message") or f"HTTP {status}")
        self.detail = str(problem.get("detail") or "")
        self.fields = _bad_fields(problem.get("errors"))
        super().__init__(f"{what}: {status} {self._reasons()}")

    def _reasons(self) -> str:
        parts = [self.title.rstrip(".")]
        if self.detail and self.detail != self.title:
            parts.append(self.detail.rstrip("."))
        parts += [f"{path}: {message}" if path else message for path, message in self.fields]
        return ". ".join(parts)


class UploadRefusedError(CensusError):
    """The object store did not take the upload: expired, too large, another key."""

    def __init__(self, filename: str, status: int, body: str) -> None:
        self.status = status
        self.code = _xml_text(body, "Code") or f"HTTP {status}"
        message = _xml_text(body, "Message") or "no reason given"
        super().__init__(f"{filename}: the upload was refused ({self.code}: {message})")


class UnsendableFileError(CensusError):
    """The file cannot be sent as it is: unreadable, too large, or changed while it was read."""


def _bad_fields(errors: object) -> list[tuple[str, str]]:
    """(path, message) pairs from the `errors` member, whose member names vary by framework."""
    found = [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []
    return [(_path(entry), _first(entry, "message", "detail", "msg") or "not valid") for entry in found]


def _path(entry: Mapping[str, Any]) -> str:
    where: Any = next((entry[name] for name in ("path", "pointer", "loc", "field") if entry.get(name)), "")
    return ".".join(map(str, where)) if isinstance(where, list) else str(where)


def _first(entry: Mapping[str, Any], *names: str) -> str:
    return next((str(entry[name]) for name in names if entry.get(name)), "")


def _xml_text(body: str, tag: str) -> str:
    found = re.search(rf"<{tag}>([^<]*)</{tag}>", body)
    return found.group(1) if found else ""
