"""Rows of processing_jobs in PostgreSQL. Implements census.ports.job_store.JobStore."""

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.orm import Session

from census.adapters.postgres.models import ProcessingJob
from census.domain.errors import NotFoundError
from census.domain.jobs import JobPhase, JobStatus
from census.ports.job_store import Dispatch, Job, JobToOpen, Spending

# No ON CONFLICT here: it would have to read the token, which this role may not. The job's row is the lock.
_STORE_TOKEN = text("""
    WITH raised AS (
        UPDATE processing_jobs SET generation = generation + 1
        WHERE tenant_id = :tenant AND id = :job AND status = 'processing'
          AND started_generation = :started
        RETURNING generation, remaining
    ), replaced AS (
        UPDATE job_signals s SET generation = raised.generation, task_token = :token, stored_at = now(),
            signalled_at = NULL
        FROM raised WHERE s.tenant_id = :tenant AND s.job_id = :job
        RETURNING s.job_id
    ), stored AS (
        INSERT INTO job_signals (tenant_id, job_id, generation, task_token)
        SELECT :tenant, :job, generation, :token FROM raised WHERE NOT EXISTS (SELECT FROM replaced)
    )
    SELECT generation, remaining FROM raised
""")
_ANSWER = text("""
    UPDATE messages SET content = :answer
    WHERE tenant_id = :tenant
      AND id = (SELECT message_id FROM processing_jobs WHERE tenant_id = :tenant AND id = :job)
""")


class PostgresJobStore:
    """See the port."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def open(self, new: JobToOpen) -> uuid.UUID:
        """See the port."""
        now = dt.datetime.now(dt.UTC)
        row = ProcessingJob(
            tenant_id=self._tenant_id,
            user_id=new.user_id,
            conversation_id=new.conversation_id,
            message_id=new.message_id,
            job_type="aggregation",
            user_query=new.question,
            intent_data=new.plan,
            processing_metadata={"filters": new.filters},
            cap_usd=new.cap_usd,
            approve_above_usd=new.approve_above_usd,
            generation=1,
            started_generation=1,
            deadline_at=now + dt.timedelta(seconds=new.deadline_seconds),
            next_check_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row.id

    def get(self, job_id: uuid.UUID, *, lock: bool = False) -> Job:
        """See the port."""
        query = select(ProcessingJob).where(
            ProcessingJob.tenant_id == self._tenant_id, ProcessingJob.id == job_id
        )
        query = query.execution_options(populate_existing=True)
        row = self._session.scalars(query.with_for_update() if lock else query).one_or_none()
        if row is None:
            raise NotFoundError("job", job_id)
        return _job(row)

    def page(
        self,
        user_id: uuid.UUID,
        status: str | None,
        limit: int,
        before: tuple[dt.datetime, uuid.UUID] | None,
    ) -> list[Job]:
        """See the port."""
        query = select(ProcessingJob).where(
            ProcessingJob.tenant_id == self._tenant_id, ProcessingJob.user_id == user_id
        )
        if status is not None:
            query = query.where(ProcessingJob.status == status)
        if before is not None:
            query = query.where(tuple_(ProcessingJob.created_at, ProcessingJob.id) < before)
        newest_first = query.order_by(ProcessingJob.created_at.desc(), ProcessingJob.id.desc())
        return [_job(row) for row in self._session.scalars(newest_first.limit(limit))]

    def change(self, job_id: uuid.UUID, **columns: Any) -> None:
        """See the port."""
        self._session.execute(
            update(ProcessingJob)
            .where(ProcessingJob.tenant_id == self._tenant_id, ProcessingJob.id == job_id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )

    def charge(self, job_id: uuid.UUID, spent: Spending) -> None:
        """See the port."""
        from census.adapters.postgres.batch_store import PostgresBatchStore

        PostgresBatchStore(self._session, self._tenant_id).record([], {job_id: spent})

    def raise_generation(self, job_id: uuid.UUID) -> int:
        """See the port."""
        raised = self._session.execute(
            update(ProcessingJob)
            .where(ProcessingJob.tenant_id == self._tenant_id, ProcessingJob.id == job_id)
            .values(
                generation=ProcessingJob.generation + 1,
                started_generation=ProcessingJob.generation + 1,
                execution_arn=None,
            )
            .returning(ProcessingJob.generation)
            .execution_options(synchronize_session=False)
        )
        return int(raised.scalar_one())

    def store_token(self, job_id: uuid.UUID, started_generation: int, token: str) -> Dispatch | None:
        """See the port."""
        values = {
            "tenant": self._tenant_id,
            "job": job_id,
            "started": started_generation,
            "token": token,
        }
        row = self._session.execute(_STORE_TOKEN, values).one_or_none()
        return Dispatch(row.generation, row.remaining or 0) if row else None

    def end(self, job_id: uuid.UUID, status: JobStatus, *, answer: str, columns: Mapping[str, Any]) -> None:
        """See the port."""
        now = dt.datetime.now(dt.UTC)
        started = self.get(job_id).started_at or now
        self.change(
            job_id,
            status=status.value,
            current_phase=JobPhase.DONE.value,
            completed_at=now,
            actual_duration_seconds=(now - started).total_seconds(),
            reserved_usd=0,  # what dead claims held; a late recording settles against nothing
            **columns,
        )
        self._session.execute(_ANSWER, {"tenant": self._tenant_id, "job": job_id, "answer": answer})


def _job(row: ProcessingJob) -> Job:
    return Job(
        id=row.id,
        tenant_id=row.tenant_id,
        user_id=row.user_id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        job_type=row.job_type,
        question=row.user_query,
        status=JobStatus(row.status or JobStatus.QUEUED),
        phase=JobPhase(row.current_phase or JobPhase.QUEUED),
        plan=_object(row.intent_data),
        filters=(_object(row.processing_metadata) or {}).get("filters") or {},
        generation=row.generation,
        started_generation=row.started_generation,
        remaining=row.remaining,
        execution_arn=row.execution_arn,
        pinned_at=row.pinned_at,
        mapping_since=row.mapping_since,
        planned_tokens=row.planned_tokens,
        read_tokens=row.read_tokens,
        shown_at=row.shown_at,
        deadline_at=row.deadline_at,
        stopped_by=row.stopped_by,
        progress=row.progress or 0.0,
        total_items=row.total_items or 0,
        processed_items=row.processed_items or 0,
        total_batches=row.total_batches or 0,
        processed_batches=row.processed_batches or 0,
        failed_batches=row.failed_batches or 0,
        calls=row.calls,
        spent_usd=Decimal(row.spent_usd),
        reserved_usd=Decimal(row.reserved_usd),
        cap_usd=row.cap_usd,
        approve_above_usd=row.approve_above_usd,
        estimated_low_usd=row.estimated_low_usd,
        estimated_high_usd=row.estimated_high_usd,
        model=row.model,
        result=_object(row.result),
        aggregation_details=_object(row.aggregation_details),
        intermediate_results=_object(row.intermediate_results),
        error_message=row.error_message,
        error_details=_object(row.error_details),
        created_at=row.created_at or dt.datetime.now(dt.UTC),
        started_at=row.started_at,
        completed_at=row.completed_at,
        actual_duration_seconds=row.actual_duration_seconds,
    )


def _object(value: Any) -> dict[str, Any] | None:
    # An empty plan, as the first source document's example writes it, means that there is none yet.
    return value if isinstance(value, dict) and value else None
