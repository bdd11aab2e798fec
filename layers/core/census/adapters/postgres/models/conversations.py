"""People and what they say."""

import datetime as dt
import uuid

from sqlalchemy import (
    CHAR,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column

from census.adapters.postgres.models.base import NEW_ID, NOW, Base, InTenant, Json, TenantKey


class Profile(InTenant, Base):
    """A user, made by the first call."""

    __tablename__ = "profiles"
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


class Conversation(InTenant, Base):
    """A user's conversation."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_conversations_tenant"),
        Index("idx_conversations_user", "tenant_id", "user_id", "created_at", "id"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("profiles.user_id"))
    title: Mapped[str | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    updated_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)


class Message(InTenant, Base):
    """A question or an answer; `job_id` only where the answer comes from a job."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_messages_tenant"),
        ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name="fk_messages_conversation_in_tenant",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["processing_jobs.tenant_id", "processing_jobs.id"],
            name="fk_messages_job_in_tenant",
            ondelete="SET NULL (job_id)",
            use_alter=True,
        ),
        Index("idx_messages_conversation", "tenant_id", "conversation_id", "created_at", "id"),
        Index("idx_messages_job_id", "job_id", postgresql_where=sql("job_id IS NOT NULL")),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    role: Mapped[str]
    content: Mapped[str | None]
    created_at: Mapped[dt.datetime | None] = mapped_column(server_default=NOW)
    job_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("processing_jobs.id", ondelete="SET NULL", use_alter=True)
    )
    citations: Mapped[Json | None] = mapped_column(
        comment="The quotes a look-up answer rests on; null for questions and for answers of jobs."
    )


class IdempotencyKey(TenantKey, Base):
    """A request a user marked as one: the same key again gets the same answer."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str] = mapped_column(CHAR(64))
    response: Mapped[Json | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class KeptPlan(TenantKey, Base):
    """The plan a question had, so that it is not planned, and not paid for, again."""

    __tablename__ = "kept_plans"
    question_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    plan: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
