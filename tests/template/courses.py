"""For each alarm: courses of events at which it has to ring in time, and everyday ones when it must not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.template.cloudwatch import Course, Samples


def steady(value: float) -> Samples:
    """The same each minute."""
    return lambda _: (value,)


def once(value: float, at: int = 0, count: int = 1) -> Samples:
    """In one minute only."""
    return lambda minute: (value,) * count if minute == at else ()


def every(minutes: int, value: float = 1) -> Samples:
    """From the first minute on."""
    return lambda minute: (value,) if minute % minutes == 0 else ()


@dataclass(frozen=True)
class Expected:
    """`rings`: minutes within which it has to, and the course; `silent`: courses of three hours."""

    rings: Sequence[tuple[int, Course]]
    silent: Sequence[Course] = ({},)


def _stands(queue: str) -> Expected:
    age, deleted = ("ApproximateAgeOfOldestMessage", queue), ("NumberOfMessagesDeleted", queue)
    moves: Course = {age: steady(9000), deleted: every(5)}
    return Expected(
        [(20, {age: steady(700)}), (20, {age: steady(700), deleted: steady(0)})],
        [{}, moves, {age: steady(60), deleted: steady(0)}],
    )


def _waits(queue: str, within: int = 20) -> Expected:
    visible = ("ApproximateNumberOfMessagesVisible", queue)
    drained: Course = {visible: lambda minute: (1,) if minute < 4 else (0,)}
    return Expected([(within, {visible: steady(1)})], [{visible: steady(0)}, drained])


def _stuck(kind: str) -> Expected:
    rows = ("StuckRows", kind)
    return Expected([(10, {rows: steady(3)})], [{}, {rows: steady(0)}])


def _errors(function: str, few: int, many: int, within: int) -> Expected:
    errors = ("Errors", f"${{{function}}}")
    return Expected(
        [(within, {errors: steady(many)})], [{}, {errors: steady(0)}, {errors: once(1, 178, few)}]
    )


FAILED, LATE = ("ExecutionsFailed", "${StateMachineArn}"), ("ExecutionsTimedOut", "${StateMachineArn}")
READ = ("ModelLatency", "read")
SPENT = ("ModelSpending",)
LIMITS = {"DailySpendingLimitUsd": 25.0}
EXPECTED: Mapping[str, Expected] = {
    "JobsFailed": Expected([(5, {("JobsEnded", "failed"): once(1)})]),
    "LedgerWrong": Expected([(5, {("LedgerRemainder",): once(2)})], [{("LedgerRemainder",): steady(0)}]),
    "StuckFiles": _stuck("file"),
    "StuckPages": _stuck("page"),
    "StuckJobs": _stuck("job"),
    "StateMachineFailed": Expected(
        [
            (5, {FAILED: once(1), LATE: steady(0)}),
            (5, {FAILED: steady(0), LATE: once(1)}),
        ]
    ),
    "SweepMissing": Expected([(180, {})], [{("SweepsDone",): every(60)}]),
    "IngestQueueStands": _stands("${IngestQueue}"),
    "ScrapeQueueStands": _stands("${ScrapeQueue}"),
    "MapQueueStands": _stands("${MapQueue}"),
    "ReconcileQueueStands": _stands("${ReconcileQueue}"),
    "IngestDeadLettersWait": _waits("${IngestDeadLetters}"),
    "ScrapeDeadLettersWait": _waits("${ScrapeDeadLetters}"),
    "MapDeadLettersWait": _waits("${MapDeadLetters}"),
    "ReconcileDeadLettersWait": _waits("${ReconcileDeadLetters}", within=5),
    "WorkersDie": Expected(
        [(5, {("DeadLettersDrained", queue): once(1)}) for queue in ("map", "ingest", "scrape", "unknown")]
    ),
    "ApiErrors": _errors("ServeApi", few=0, many=1, within=5),
    "JobErrors": _errors("ReduceJob", few=2, many=1, within=5),
    "WorkErrors": _errors("IngestFile", few=20, many=1, within=15),
    "RepairErrors": _errors("MigrateDatabase", few=1, many=1, within=5),
    "Throttles": Expected(
        [(15, {("Throttles", "${MapBatch}"): steady(3)})], [{("Throttles", "${ServeApi}"): once(1, 178, 50)}]
    ),
    "WorkBrokenOff": Expected([(15, {("WorkBrokenOff",): steady(1)})], [{("WorkBrokenOff",): once(10, 178)}]),
    "ApiFails": Expected([(5, {("5xx", "${ApiId}"): steady(1)})], [{("5xx", "${ApiId}"): once(1, 178, 2)}]),
    "ApiSlow": Expected(
        [(15, {("Latency", "${ApiId}"): lambda _: (50,) * 98 + (25_000,) * 2})],
        [{}, {("Latency", "${ApiId}"): steady(5_000)}, {("Latency", "${ApiId}"): once(29_000, 178)}],
    ),
    "SpendingHigh": Expected([(1440, {SPENT: every(5, 0.1)})], [{SPENT: every(5, 0.6)}]),
    "ModelUnusable": Expected([(5, {("ModelUnusable",): once(1)})]),
    "ModelBusy": Expected(
        [(15, {("ModelBusy",): steady(6), READ: lambda _: (2_000,) * 10})],
        [{}, {READ: steady(2_000)}, {("ModelBusy",): steady(3), READ: lambda _: (2_000,) * 10}],
    ),
    "DatabaseConnections": Expected(
        [(5, {("DatabaseConnectionsUsed",): steady(85)})], [{("DatabaseConnectionsUsed",): steady(60)}]
    ),
    "DatabaseUnavailable": Expected(
        [(10, {("DatabaseUnavailable",): steady(1)})], [{}, {("DatabaseUnavailable",): once(1, 178, 5)}]
    ),
}  # fmt: skip
"""By alarm. Spending 0.60 $ in five minutes for three hours is 21.60 $ of 25."""
