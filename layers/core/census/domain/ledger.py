"""The ledger: every document of the collection in exactly one class, and the bounds that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from census.domain.errors import LedgerError


class LedgerClass(StrEnum):
    """What became of a document."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNCLEAR = "unclear"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    """Why a document was skipped."""

    NOT_READY = "not_ready"
    CAP = "cap"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    UNPACKED = "unpacked"
    """An archive, whose files are documents of their own, for the next question."""


NO_DOCUMENT = (SkipReason.DELETED, SkipReason.UNPACKED)
"""No retry reads what is gone, or never was a document."""


@dataclass(frozen=True)
class Ledger:
    """Documents by class; `total` is the collection the job pinned."""

    total: int
    match: int = 0
    no_match: int = 0
    unclear: int = 0
    unverified: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def incomplete(self) -> int:
        """Documents without a verdict: what makes an answer partial."""
        return self.failed + self.skipped

    def to_json(self) -> dict[str, int]:
        """As api.md shows it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def make_ledger(total: int, counts: Mapping[str, int]) -> Ledger:
    """A ledger from the number of documents by class. Raises LedgerError unless they sum to the total."""
    classes = {name.value: counts.get(name.value, 0) for name in LedgerClass}
    unknown = set(counts) - set(classes)
    if unknown or sum(classes.values()) != total:
        raise LedgerError(
            f"The ledger sums to {sum(counts.values())} of {total} documents ({dict(counts)}): no answer.",
            max(1, abs(total - sum(counts.values()))),
        )
    return Ledger(total=total, **classes)


@dataclass(frozen=True)
class Bounds:
    """How far the true count can lie from the counted one."""

    low: int
    high: int


def count_bounds(ledger: Ledger, gone: int) -> Bounds:
    """From the sure matches to all that could match. `gone`: how many were skipped for a NO_DOCUMENT."""
    open_ones = ledger.unclear + ledger.unverified + ledger.failed + ledger.skipped - gone
    return Bounds(ledger.match, ledger.match + open_ones)
