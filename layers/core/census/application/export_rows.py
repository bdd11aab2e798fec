"""A job's rows as a CSV file: as it is, or a place to download it when it is long."""

import uuid
from dataclasses import dataclass

from census.application.list_rows import count_rows, rows_csv
from census.application.read_file_text import DOWNLOAD_SECONDS
from census.domain.identity import Caller, rows_key
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database

INLINE_ROWS = 5_000
INLINE_BYTES = 4_000_000
"""A function's answer holds 6 MB, and text grows when it is made JSON."""
CSV_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class RowsFile:
    """Either the CSV itself, or the URL where it can be downloaded for five minutes."""

    csv: str | None
    url: str | None


def export_rows(database: Database, objects: ObjectStore, caller: Caller, job_id: uuid.UUID) -> RowsFile:
    """Raises NotFoundError, also for another user's job, and UnavailableError."""
    with database.tenant(caller.tenant_id) as work:
        rows = count_rows(work, caller.user_id, job_id)
        csv = rows_csv(work, caller.user_id, job_id)
    if rows <= INLINE_ROWS and len(csv.encode()) <= INLINE_BYTES:
        return RowsFile(csv, None)
    key = rows_key(caller.tenant_id, job_id)
    objects.put(key, csv.encode(), content_type=CSV_TYPE)
    return RowsFile(None, objects.presign_download(key, filename=f"{job_id}.csv", seconds=DOWNLOAD_SECONDS))
