"""Jobs: questions about the whole collection."""

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from census.adapters.postgres.models.base import NEW_ID, NOW, Base, InTenant, Json


class ProcessingJob(InTenant, Base):
    """A question over the whole collection, at work or answered. See docs/state_machine.md."""

    __tablename__ = "processing_jobs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_processing_jobs_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name="fk_processing_jobs_conversation_in_tenant",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["messages.tenant_id", "messages.id"],
            name="fk_processing_jobs_message_in_tenant",
            ondelete="SET NULL (message_id)",
        ),
        Index("idx_processing_jobs_user_status", "user_id", "status"),
        Index("idx_processing_jobs_conversation", "conversation_id"),
        Index("idx_processing_jobs_status", "status"),
        Index("idx_processing_jobs_created_at", "created_at"),
        Index("idx_processing_jobs_message_id", "message_id", postgresql_where=sql("message_id IS NOT NULL")),
        Index("idx_processing_jobs_tenant_user", "tenant_id", "user_id", "created_at", "id"),
        Index(
            "idx_processing_jobs_open",
            "next_check_at",
            postgresql_where=sql("status IN ('queued', 'awaiting_approval', 'processing')"),
        ),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    job_type: Mapped[str]
    status: Mapped[str | None] = mapped_column(server_default="queued")
    user_query: Mapped[str]
    intent_data: Mapped[Json | None]
    progress: Mapped[float | None] = mapped_column(server_default=sql("0.0"))
    total_items: Mapped[int | None] = mapped_column(server_default=sql("0"))
    total_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    processed_items: Mapped[int | None] = mapped_column(server_default=sql("0"))
    processed_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    failed_batches: Mapped[int | None] = mapped_column(server_default=sql("0"))
    current_phase: Mapped[str | None] = mapped_column(server_default="queued")
    result: Mapped[Json | None]
    aggregation_details: Mapped[Json | None]
    intermediate_results: Mapped[Json | None]
    error_message: Mapped[str | None]
    error_details: Mapped[Json | None]
    started_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    completed_at: Mapped[dt.datetime | None]
    estimated_completion_seconds: Mapped[int | None]
    actual_duration_seconds: Mapped[float | None]
    processing_metadata: Mapped[Json | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW, server_onupdate=FetchedValue())
    generation: Mapped[int] = mapped_column(server_default=sql("0"))
    started_generation: Mapped[int] = mapped_column(server_default=sql("0"))
    remaining: Mapped[int | None]
    next_check_at: Mapped[dt.datetime | None]
    approve_above_usd: Mapped[Decimal | None]
    execution_arn: Mapped[str | None]
    pinned_at: Mapped[dt.datetime | None]
    deadline_at: Mapped[dt.datetime | None]
    model: Mapped[str | None]
    calls: Mapped[int] = mapped_column(server_default=sql("0"))
    input_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    output_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    spent_usd: Mapped[Decimal] = mapped_column(server_default=sql("0"))
    reserved_usd: Mapped[Decimal] = mapped_column(server_default=sql("0"))
    cap_usd: Mapped[Decimal | None]
    estimated_low_usd: Mapped[Decimal | None]
    estimated_high_usd: Mapped[Decimal | None]
    mapping_since: Mapped[dt.datetime | None]
    planned_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    read_tokens: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    shown_at: Mapped[dt.datetime | None]
    shown_progress: Mapped[float] = mapped_column(server_default=sql("0"))
    stopped_by: Mapped[str | None] = mapped_column(
        comment="What money kept the rest of the batches from being read."
    )
