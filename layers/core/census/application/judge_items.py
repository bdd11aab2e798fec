"""Give every document of a job its class: join its windows, evaluate the expression, keep typed values."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from census.domain.findings import Finding, findings_of
from census.domain.grouping import group_of
from census.domain.ledger import LedgerClass, SkipReason
from census.domain.page_numbers import page_at
from census.domain.plan import JsonObject, Plan
from census.domain.readings import reading_from_json
from census.domain.verdicts import (
    FAILED_READING,
    AtomReading,
    AtomStatus,
    LocatedQuote,
    join_windows,
    judge,
)
from census.ports.job_store import AtomRead, ContentToJudge, JudgedItem
from census.ports.unit_of_work import TenantWork

CONTENTS_A_PAGE = 250
"""Contents judged at once: with their readings a few megabytes, however many the job has."""
NOT_READ = "not_read"
NO_MATCH_READING = AtomReading(AtomStatus.NO_MATCH)


@dataclass(frozen=True)
class Unread:
    """The class and reason of documents whose windows were never read."""

    status: LedgerClass = LedgerClass.FAILED
    reason: str = NOT_READ


def judge_items(
    work: TenantWork,
    job_id: UUID,
    plan: Plan,
    atom_keys: Mapping[str, str],
    unread: Unread,
    *,
    closed: bool = False,
) -> None:
    """Judge all documents without a class, page by page, so that memory stays flat. `atom_keys`: by name.

    `closed`: while the job runs, only those that no open batch waits to read; nothing where another worker
    is at it. Raises database errors.
    """
    if not work.items.begin_judging(job_id, wait=not closed):
        return
    failures = work.batches.failures(job_id)
    keys = list(atom_keys.values())
    contents = work.items.to_judge(job_id, keys, CONTENTS_A_PAGE, closed=closed)
    while contents:
        judged = [
            item for one in contents for item in _judged(one, plan, atom_keys, failures.get(one.lead), unread)
        ]
        work.items.settle(job_id, judged)
        full = len(contents) == CONTENTS_A_PAGE
        contents = work.items.to_judge(job_id, keys, CONTENTS_A_PAGE, closed=closed) if full else []


def _judged(
    content: ContentToJudge, plan: Plan, atom_keys: Mapping[str, str], failure: str | None, unread: Unread
) -> Iterator[JudgedItem]:
    """The items of a content: all alike, but for those whose source is gone."""
    for ordinal in content.deleted:
        yield JudgedItem(ordinal, LedgerClass.SKIPPED.value, SkipReason.DELETED.value)
    if not content.items:
        return
    joined = {
        name: joined_reading(content.atoms.get(key), content.windows) for name, key in atom_keys.items()
    }
    verdict = judge(plan, joined)
    status, reason = LedgerClass(verdict.status.value), None
    if verdict.status is AtomStatus.FAILED:
        status, reason = (LedgerClass.FAILED, failure) if failure else (unread.status, unread.reason)
    for ordinal in content.items:
        if verdict.status is AtomStatus.FAILED:
            yield JudgedItem(ordinal, status.value, reason)
            continue
        yield JudgedItem(
            ordinal=ordinal,
            status=status.value,
            group=group_of(plan, verdict.group),
            measure=Decimal(verdict.measure.value) if verdict.measure else None,
            measure_unit=verdict.measure.unit if verdict.measure else None,
            fields=_fields(joined),
            quotes=[_quote(quote, content.page_starts) for quote in verdict.quotes],
            findings=_findings(plan, joined, verdict.status),
        )


def joined_reading(read: AtomRead | None, windows: int) -> AtomReading:
    """A document's reading of an atom, from the windows that say anything and the number of all windows."""
    if read is None:
        return FAILED_READING
    telling = [reading_from_json(reading) for reading in read.telling]
    silent = [NO_MATCH_READING] if read.windows > len(telling) else []
    failed = [FAILED_READING] if read.windows < windows else []
    return join_windows([*telling, *silent, *failed])


def _findings(plan: Plan, joined: Mapping[str, AtomReading], status: AtomStatus) -> list[Finding]:
    return findings_of(plan, joined) if plan.by_findings and status is AtomStatus.MATCH else []


def _fields(joined: Mapping[str, AtomReading]) -> JsonObject:
    fields: dict[str, JsonObject] = defaultdict(dict)
    for name, reading in joined.items():
        fields[name]["status"] = reading.status.value
        for value in reading.values:
            fields[name].setdefault(value.field, []).append({"value": value.value, "unit": value.unit})
    return dict(fields)


def _quote(quote: LocatedQuote, page_starts: list[int]) -> JsonObject:
    return {
        "page": page_at(page_starts, quote.start),
        "char_start": quote.start,
        "char_end": quote.end,
        "quote": quote.text,
        "check": quote.check.value,
    }
