"""Holds DispatchBatches at the one moment that matters: all messages are sent, and none is marked as sent."""

from types import TracebackType
from typing import Self

import pg8000.native

from infra.local.postgres import DATABASE
from tests.stack.processes import wait_for

_LOCK = "SELECT ordinal FROM job_batches WHERE job_id = :job ORDER BY ordinal LIMIT 1 FOR UPDATE"
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%SET sent_generation%' AND pid <> pg_backend_pid()
"""


class HeldDispatch:
    """Locks a row that dispatch marks after its last send, so that it waits there until the block ends."""

    def __init__(self, database_url: str) -> None:
        self._socket = database_url.rpartition("unix_sock=")[2]
        self._locking = self._connect()
        self._looking = self._connect()

    def _connect(self) -> pg8000.native.Connection:
        return pg8000.native.Connection("postgres", database=DATABASE, unix_sock=self._socket)

    def lock_a_batch_of(self, job_id: str) -> None:
        """Takes the lock as soon as the job is planned, which is long before its messages are sent."""
        self._locking.run("BEGIN")
        wait_for(lambda: self._locking.run(_LOCK, job=job_id), "the job's batches", every=0.001)

    def is_waited_for(self) -> bool:
        """Whether dispatch stands at the lock."""
        return bool(self._looking.run(_WAITING)[0][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locking.close()
        self._looking.close()
