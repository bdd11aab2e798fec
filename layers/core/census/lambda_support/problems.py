"""The one place where errors become HTTP answers: problem details (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from census.domain.errors import (
    CensusError,
    ConflictError,
    FieldProblem,
    FieldsInvalidError,
    IdempotencyConflictError,
    InvalidInputError,
    NotFoundError,
    QuotaExceededError,
    UnavailableError,
)
from census.domain.prices import UnknownPriceError
from census.ports.embedder import EmbedderError
from census.ports.language_model import (
    LanguageModelError,
    ModelBusyError,
    ModelRefusalError,
    ModelUnusableError,
)

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"
DEFAULT_RETRY_SECONDS = 5


@dataclass(frozen=True)
class Problem:
    """An error as HTTP tells it; `extra` are members of this `kind` alone, such as `errors` or `state`."""

    kind: str
    status: int
    title: str
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, instance: str) -> dict[str, Any]:
        """The problem details object; `instance` is the path that was called."""
        return {
            "type": f"{TYPE_PREFIX}{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.extra,
        }


class MalformedBodyError(InvalidInputError):
    """The body is not JSON at all."""


class UnsupportedBodyError(InvalidInputError):
    """The body is declared to be something else than JSON."""


class RouteUnknownError(CensusError):
    """No operation has this path."""


class MethodNotAllowedError(CensusError):
    """The path exists, but not with this method; `allowed` names those that do."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(f"{method} is not possible here; use {', '.join(allowed)}.")


class UnauthenticatedError(CensusError):
    """The request names no user: no authorizer stands before the function."""


_PLAIN: tuple[tuple[type[Exception], str, int, str], ...] = (
    (MalformedBodyError, "malformed-json", 400, "The body is not JSON"),
    (UnsupportedBodyError, "unsupported-media-type", 415, "The body must be JSON"),
    (UnauthenticatedError, "unauthenticated", 401, "No user"),
    (RouteUnknownError, "not-found", 404, "Not found"),
    (NotFoundError, "not-found", 404, "Not found"),
    (IdempotencyConflictError, "idempotency-key-reused", 422, "The Idempotency-Key was used before"),
    (QuotaExceededError, "quota-exceeded", 402, "A spending limit forbids this"),
    (UnknownPriceError, "unknown-price", 503, "The model has no price"),
    (InvalidInputError, "invalid", 422, "The request cannot be used"),
)


# Neither repeats what the vendor said, which can quote addresses and keys' ids; the log has it.
UNUSABLE = (
    "The language model rejects what Census sends: no such model, a wrong key, or no funds. Trying again "
    "does not help; whoever runs Census finds the cause in the log."
)
REFUSED = (
    "The language model declined to work on this question. Put it in other words, or send a plan of your own."
)


def problem_of(error: Exception) -> Problem:
    """What HTTP says about an error. One without a rule is our defect: 500, without its internals."""
    match error:
        case FieldsInvalidError(problems=problems):
            return invalid_fields(problems)
        case ConflictError(state=state):
            return Problem("conflict", 409, "The state forbids this", str(error), {"state": state})
        case MethodNotAllowedError(allowed=allowed):
            headers = {"Allow": ", ".join(allowed)}
            return Problem("method-not-allowed", 405, "Method not allowed", str(error), headers=headers)
        case ModelUnusableError():
            return Problem("model-unusable", 503, "The model cannot be used", UNUSABLE)
        case ModelRefusalError():
            return Problem("model-refused", 422, "The model declined", REFUSED)
        case UnavailableError() | LanguageModelError() | EmbedderError():
            return _unavailable(error)
    for kind, name, status, title in _PLAIN:
        if isinstance(error, kind):
            return Problem(name, status, title, str(error))
    return Problem("internal", 500, "Census failed", "This is a defect of Census; it was logged.")


def invalid_fields(problems: tuple[FieldProblem, ...]) -> Problem:
    """422 with the path of every bad field."""
    errors = [{"path": problem.path, "message": problem.message} for problem in problems]
    names = ", ".join(dict.fromkeys(problem.path for problem in problems))
    return Problem("invalid-fields", 422, "The request cannot be used", f"Mend {names}.", {"errors": errors})


def _unavailable(error: Exception) -> Problem:
    asked = error.retry_after if isinstance(error, ModelBusyError) else None
    seconds = max(1, round(asked)) if asked else DEFAULT_RETRY_SECONDS
    # An adapter's message can quote addresses and keys' ids, so the caller gets the sentence without it.
    return Problem(
        "unavailable",
        503,
        "A service does not answer",
        "A service that Census needs does not answer now. Nothing was lost; try again later.",
        headers={"Retry-After": str(seconds)},
    )
