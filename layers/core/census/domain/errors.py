"""The error tree. The docstring says what happened; the message says what to do about it.

CensusError
├── InvalidInputError          the caller sent something that cannot be used
│   ├── FieldsInvalidError            … with the path of each bad field
│       └── PlanInvalidError   … in a plan
├── NotFoundError              unknown id, or another tenant's
├── ConflictError              the thing is in a state that forbids this
├── IdempotencyConflictError   the same key came with another request
├── QuotaExceededError         a spending limit forbids this
├── UnavailableError           a service we need does not answer now; try again later
└── LedgerError                a ledger does not sum to the collection: our defect, never shown as an answer
"""

from collections.abc import Sequence
from dataclasses import dataclass


class CensusError(Exception):
    """Something Census can name went wrong."""


class InvalidInputError(CensusError):
    """The caller sent something that cannot be used."""


@dataclass(frozen=True)
class FieldProblem:
    """One bad field: `path` in dots and indexes (`group_by.field`, `atoms.0.name`), and what is wrong."""

    path: str
    message: str


class FieldsInvalidError(InvalidInputError):
    """One or more fields cannot be used; `problems` names each."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in self.problems))


class PlanInvalidError(FieldsInvalidError):
    """A plan names something that does not exist or does not fit its kind."""


class NotFoundError(CensusError):
    """There is no such thing for this tenant and user."""

    def __init__(self, kind: str, identifier: object) -> None:
        self.kind = kind
        super().__init__(f"There is no {kind} {identifier}.")


class ConflictError(CensusError):
    """The thing is in a state that forbids this; `state` says which."""

    def __init__(self, message: str, state: str) -> None:
        self.state = state
        super().__init__(message)


class IdempotencyConflictError(CensusError):
    """The same Idempotency-Key came with a different request."""


class QuotaExceededError(CensusError):
    """A spending limit forbids this."""


class UnavailableError(CensusError):
    """A service that is needed does not answer now; trying again later may help."""


class LedgerError(CensusError):
    """The classes of a ledger do not sum to the collection; `remainder` documents are missing or too many."""

    def __init__(self, message: str, remainder: int = 1) -> None:
        self.remainder = remainder
        super().__init__(message)
