"""Everything Census counts and times about itself. What is not listed here cannot be measured.

Alarms and the dashboard watch these names; tests/observability proves that each is emitted, and with the same
dimensions. A dimension has few values and they are listed: CloudWatch bills every combination by the month.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from census.domain.facts import DocumentProcessed, Fact, JobEnded, JobPlanned
from census.domain.jobs import FINAL
from census.domain.ledger import LedgerClass

NO_DIMENSIONS: Mapping[str, frozenset[str]] = {}


class Unit(StrEnum):
    """Units as CloudWatch names them. US dollars have none."""

    COUNT = "Count"
    SECONDS = "Seconds"
    MILLISECONDS = "Milliseconds"
    PERCENT = "Percent"
    DOLLARS = "None"


class ModelOperation(StrEnum):
    """What a model is asked to do."""

    PLAN = "plan"
    READ = "read"
    FOLD = "fold"
    LOOKUP = "lookup"


@dataclass(frozen=True)
class Measure:
    """A metric: its name, its unit, and for each of its dimensions the values it can have."""

    name: str
    unit: Unit = Unit.COUNT
    dimensions: Mapping[str, frozenset[str]] = field(default_factory=lambda: NO_DIMENSIONS, hash=False)


@dataclass(frozen=True)
class Measurement:
    """One value of a measure. Raises ValueError for dimensions the measure does not have."""

    measure: Measure
    value: float = 1
    dimensions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        known = self.measure.dimensions
        if self.dimensions.keys() != known.keys() or any(
            v not in known[k] for k, v in self.dimensions.items()
        ):
            raise ValueError(f"{self.measure.name} has not the dimensions {dict(self.dimensions)}.")


_STATUS = {"Status": frozenset(status.value for status in FINAL)}
_KIND = frozenset({"file", "page", "job", "batch"})

JOBS_ENDED = Measure("JobsEnded", dimensions=_STATUS)
JOB_DURATION = Measure("JobDuration", Unit.SECONDS, _STATUS)
JOB_COST = Measure("JobCost", Unit.DOLLARS)
ITEMS_CLASSIFIED = Measure("ItemsClassified", dimensions={"Class": frozenset(LedgerClass)})
LEDGER_REMAINDER = Measure("LedgerRemainder")
"""Documents of an ended job that stand in no class or in two. Always 0."""

ITEMS_PINNED = Measure("ItemsPinned")
ITEMS_FROM_CACHE = Measure("ItemsFromCache")
MODEL_LATENCY = Measure("ModelLatency", Unit.MILLISECONDS, {"Operation": frozenset(ModelOperation)})
"""Its sample count is the number of calls."""

MODEL_BUSY = Measure("ModelBusy")
"""Calls answered by 429, 5xx, a time-out or not at all."""

MODEL_REPEATS_REFUSED = Measure("ModelRepeatsRefused")
"""Batches that came again after a failed call and were not read: too many had failed (docs/adr/0029)."""

MODEL_UNUSABLE = Measure("ModelUnusable")
"""Calls that no retry helps: wrong key, no such model, no funds."""

MODEL_SPENDING = Measure("ModelSpending", Unit.DOLLARS)
DOCUMENTS_PROCESSED = Measure(
    "DocumentsProcessed",
    dimensions={
        "Kind": frozenset({"file", "page"}),
        "Outcome": frozenset({"completed", "unchanged", "again", "failed"}),
    },
)
RECONCILED = Measure(
    "Reconciled",
    dimensions={
        "Action": frozenset({"deadline", "gave_up", "started", "restarted", "signalled", "sent_again"})
    },
)
DEAD_LETTERS = Measure(
    "DeadLettersDrained", dimensions={"Queue": frozenset({"map", "ingest", "scrape", "unknown"})}
)
WORK_BROKEN_OFF = Measure("WorkBrokenOff")
"""Messages and swept rows that met an unforeseen error; they come again."""

SWEEPS_DONE = Measure("SweepsDone")
"""Once an hour at least: its absence means that nothing brings lost work back."""

STUCK_ROWS = Measure("StuckRows", dimensions={"Kind": _KIND - {"batch"}})
ROWS_WAITING = Measure("RowsWaiting", dimensions={"Kind": _KIND})
CLAIMS_EXPIRED = Measure("ClaimsExpired", dimensions={"Kind": _KIND})
DATABASE_CONNECTIONS = Measure("DatabaseConnectionsUsed", Unit.PERCENT)
"""Of those the server allows, whoever uses them."""

DATABASE_UNAVAILABLE = Measure("DatabaseUnavailable")

MEASURES = {value.name: value for value in list(globals().values()) if isinstance(value, Measure)}


def measurements_of(fact: Fact) -> Iterator[Measurement]:
    """What a committed fact adds to the metrics."""
    match fact:
        case JobEnded():
            status = {"Status": fact.status.value}
            yield Measurement(JOBS_ENDED, dimensions=status)
            yield Measurement(JOB_DURATION, fact.seconds, status)
            yield Measurement(JOB_COST, float(fact.spent_usd))
            yield Measurement(LEDGER_REMAINDER, fact.remainder)
            for name, documents in fact.classes.items():
                yield Measurement(ITEMS_CLASSIFIED, documents, {"Class": name})
        case JobPlanned():
            yield Measurement(ITEMS_PINNED, fact.items)
            yield Measurement(ITEMS_FROM_CACHE, fact.cached)
        case DocumentProcessed():
            outcome = {"Kind": fact.kind, "Outcome": fact.outcome}
            yield Measurement(DOCUMENTS_PROCESSED, dimensions=outcome)
