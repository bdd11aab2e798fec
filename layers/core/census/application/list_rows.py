"""The documents of a job, one row each: status, fields, quotes."""

import csv
import io
import json
import uuid
from collections.abc import Iterator

from census.domain.errors import NotFoundError
from census.domain.plan import JsonObject
from census.ports.job_store import ItemRow
from census.ports.unit_of_work import TenantWork

ROWS_A_PAGE = 500
_COLUMNS = ("item", "source_kind", "source_id", "source_name", "status", "reason", "fields", "quotes")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def list_rows(
    work: TenantWork, user_id: uuid.UUID, job_id: uuid.UUID, limit: int, after: int
) -> tuple[list[JsonObject], int | None]:
    """Rows after an ordinal (0 for the first page), and the ordinal the next page follows, if any.

    Raises NotFoundError, also for another user's job.
    """
    _check_owner(work, user_id, job_id)
    rows = work.items.rows(job_id, after, limit + 1)
    shown = [_row_to_json(row) for row in rows[:limit]]
    return shown, rows[limit - 1].ordinal if len(rows) > limit else None


def count_rows(work: TenantWork, user_id: uuid.UUID, job_id: uuid.UUID) -> int:
    """How many rows a job has. Raises NotFoundError, also for another user's job."""
    _check_owner(work, user_id, job_id)
    return work.items.count(job_id)


def rows_csv(work: TenantWork, user_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """All rows as CSV (RFC 4180) with a header; no cell can be a formula in a spreadsheet."""
    _check_owner(work, user_id, job_id)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for row in _all_rows(work, job_id):
        writer.writerow([safe_cell(_cell(value)) for value in _row_to_json(row).values()])
    return file.getvalue()


def _all_rows(work: TenantWork, job_id: uuid.UUID) -> Iterator[ItemRow]:
    after = 0
    while rows := work.items.rows(job_id, after, ROWS_A_PAGE):
        yield from rows
        after = rows[-1].ordinal


def _check_owner(work: TenantWork, user_id: uuid.UUID, job_id: uuid.UUID) -> None:
    if work.jobs.get(job_id).user_id != user_id:
        raise NotFoundError("job", job_id)


def _row_to_json(row: ItemRow) -> JsonObject:
    return {
        "item": row.ordinal,
        "source_kind": row.source_kind,
        "source_id": str(row.source_id),
        "source_name": row.source_name,
        "status": row.status,
        "reason": row.reason,
        "fields": row.fields or {},
        "quotes": row.quotes,
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def safe_cell(text: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
