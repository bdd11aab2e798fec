"""Give every document of a job its class: join its windows, evaluate the expression, keep typed values."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from census.domain.ledger import LedgerClass, SkipReason
from census.domain.page_numbers import page_at
from census.domain.plan import GroupBy, JsonObject, Plan, Transform
from census.domain.readings import reading_from_json, window_key
from census.domain.verdicts import (
    FAILED_READING,
    AtomReading,
    AtomStatus,
    DocumentVerdict,
    FoundValue,
    LocatedQuote,
    join_windows,
    judge,
)
from census.ports.job_store import ItemToJudge, JudgedItem, StoredReading
from census.ports.unit_of_work import TenantWork

ITEMS_A_PAGE = 200
NOT_READ = "not_read"

Readings = Mapping[tuple[str, str, str], AtomReading]


@dataclass(frozen=True)
class Unread:
    """The class and reason of documents whose windows were never read."""

    status: LedgerClass = LedgerClass.FAILED
    reason: str = NOT_READ


def judge_items(
    work: TenantWork, job_id: UUID, plan: Plan, atom_keys: Mapping[str, str], unread: Unread
) -> None:
    """Judge all documents without a class, page by page, so that memory stays flat. `atom_keys`: by name."""
    failures = work.batches.failures(job_id)
    while items := work.items.to_judge(job_id, ITEMS_A_PAGE):
        hashes = sorted({item.content_hash for item in items})
        stored = work.items.readings(hashes, list(atom_keys.values()))
        readings = _by_place(stored)
        work.items.settle(
            job_id, [_judged(item, plan, atom_keys, readings, failures, unread) for item in items]
        )


def _by_place(stored: Iterable[StoredReading]) -> Readings:
    return {(r.content_hash, r.window_key, r.atom_key): reading_from_json(r.reading) for r in stored}


def _judged(
    item: ItemToJudge,
    plan: Plan,
    atom_keys: Mapping[str, str],
    readings: Readings,
    failures: Mapping[tuple[int, int], str],
    unread: Unread,
) -> JudgedItem:
    if item.windows is None:
        return JudgedItem(item.ordinal, LedgerClass.SKIPPED.value, SkipReason.DELETED.value)
    joined = {
        name: join_windows(
            [readings.get((item.content_hash, window_key(w), key), FAILED_READING) for w in item.windows]
        )
        for name, key in atom_keys.items()
    }
    verdict = judge(plan, joined)
    if verdict.status is AtomStatus.FAILED:
        reasons = (failures.get((item.lead, int(w[0]))) for w in item.windows)
        reason = next((reason for reason in reasons if reason), None)
        status = LedgerClass.FAILED if reason else unread.status
        return JudgedItem(item.ordinal, status.value, reason or unread.reason)
    return _with_values(item, plan, verdict, joined)


def _with_values(
    item: ItemToJudge, plan: Plan, verdict: DocumentVerdict, joined: Mapping[str, AtomReading]
) -> JudgedItem:
    return JudgedItem(
        ordinal=item.ordinal,
        status=verdict.status.value,
        group_key=merged(plan, group_key(plan.group_by, verdict.group)),
        measure=Decimal(verdict.measure.value) if verdict.measure else None,
        measure_unit=verdict.measure.unit if verdict.measure else None,
        fields=_fields(joined),
        quotes=[_quote(quote, item.page_starts) for quote in verdict.quotes],
    )


def group_key(group_by: GroupBy | None, value: FoundValue | None) -> str | None:
    """The group of a value: itself with its currency, its year or its month; None where there is none."""
    if group_by is None or value is None:
        return None
    if group_by.transform is Transform.YEAR:
        return value.value[:4]
    if group_by.transform is Transform.MONTH:
        return value.value[:7] if len(value.value) >= 7 else None
    return f"{value.value} {value.unit}" if value.unit else value.value


def merged(plan: Plan, key: str | None) -> str | None:
    """The group a value counts for: its own, or the one that the plan merges it into."""
    if key is None or not plan.merge:
        return key
    groups = {value.casefold(): group for value, group in plan.merge}
    return groups.get(key.casefold(), key)


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
