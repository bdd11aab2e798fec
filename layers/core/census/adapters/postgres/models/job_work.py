"""What a job reads, and what comes of it."""

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import (
    ARRAY,
    CHAR,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column

from census.adapters.postgres.models.base import NOW, Base, Json, TenantKey


def _of_job(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "job_id"],
        ["processing_jobs.tenant_id", "processing_jobs.id"],
        name=name,
        ondelete="CASCADE",
    )


class JobSignal(TenantKey, Base):
    """The outbox of a job's one signal: the token to answer, and when it was answered."""

    __tablename__ = "job_signals"
    __table_args__ = (_of_job("fk_job_signals_job"),)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    generation: Mapped[int]
    task_token: Mapped[str | None] = mapped_column(comment="A credential: only census_system may read it.")
    stored_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    signalled_at: Mapped[dt.datetime | None]


class JobItem(TenantKey, Base):
    """A document as the job pinned it, and its class in the ledger once it is known."""

    __tablename__ = "job_items"
    __table_args__ = (
        _of_job("fk_job_items_job"),
        Index("uq_job_items_document", "source_id", "source_kind", "job_id", unique=True),
        Index("idx_job_items_unjudged", "lead", "job_id", postgresql_where=sql("status IS NULL")),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    source_kind: Mapped[str]
    source_id: Mapped[uuid.UUID]
    source_name: Mapped[str]
    text_id: Mapped[uuid.UUID | None]
    content_hash: Mapped[str | None] = mapped_column(CHAR(64))
    lead: Mapped[int | None] = mapped_column(
        comment="Ordinal of the first item with the same content: contents are read once."
    )
    windows: Mapped[int] = mapped_column(server_default=sql("0"))
    tokens: Mapped[int] = mapped_column(server_default=sql("0"))
    status: Mapped[str | None]
    reason: Mapped[str | None]
    group_key: Mapped[str | None]
    measure: Mapped[Decimal | None] = mapped_column(Numeric())
    measure_unit: Mapped[str | None]
    fields: Mapped[Json | None]
    quotes: Mapped[Json | None]
    group_norm: Mapped[str | None]


class JobBatch(TenantKey, Base):
    """One message's worth of reading: its claim while somebody reads, its outcome once recorded."""

    __tablename__ = "job_batches"
    __table_args__ = (
        _of_job("fk_job_batches_job"),
        Index(
            "idx_job_batches_open", "tenant_id", "job_id", "ordinal", postgresql_where=sql("outcome IS NULL")
        ),
        Index(
            "idx_job_batches_unread",
            "first_item",
            "job_id",
            postgresql_where=sql("outcome IS NULL"),
        ),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    windows: Mapped[Json] = mapped_column(comment="[[lead item, window number], …]: what the batch reads.")
    atoms: Mapped[list[str]]
    first_item: Mapped[int] = mapped_column(Integer)
    last_item: Mapped[int]
    tokens: Mapped[int]
    sent_generation: Mapped[int] = mapped_column(server_default=sql("0"))
    sent_at: Mapped[dt.datetime | None]
    claimed_until: Mapped[dt.datetime | None]
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    failures: Mapped[Json | None]
    recorded_at: Mapped[dt.datetime | None]
    times_busy: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="How often it went back to the queue without an attempt."
    )
    crashes: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="Claims that expired without a word: the process ended."
    )
    failed_calls: Mapped[int] = mapped_column(
        server_default=sql("0"), comment="How often it came back after a call; its next one is a repeat."
    )


class MapResult(TenantKey, Base):
    """What a window says about an atom: the cache. Successes only."""

    __tablename__ = "map_results"
    __table_args__ = ({"comment": "The cache: what a window says about an atom. Successes only."},)
    content_hash: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    window_key: Mapped[str] = mapped_column(primary_key=True)
    atom_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    reading: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class JobFinding(TenantKey, Base):
    """One thing a document says of a question whose unit is not the document, ready for SQL to aggregate."""

    __tablename__ = "job_findings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "job_id", "item"],
            ["job_items.tenant_id", "job_items.job_id", "job_items.ordinal"],
            name="fk_job_findings_item",
            ondelete="CASCADE",
        ),
    )
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str | None]
    norm: Mapped[str | None] = mapped_column(
        comment="What groups: the label by the rules of normalisation; null is unknown."
    )
    theme: Mapped[str | None]
    measure: Mapped[Decimal | None] = mapped_column(Numeric())
    measure_unit: Mapped[str | None]
    quote: Mapped[str | None]


class ReduceNode(TenantKey, Base):
    """A node of a reduce tree, kept by the hash of what it was made of."""

    __tablename__ = "reduce_nodes"
    node_key: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    children: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    sources: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid(as_uuid=True)),
        server_default=sql("'{}'"),
        comment="The documents whose words a leaf holds: it goes with any of them.",
    )
    content: Mapped[Json]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
