"""The tables as SQLAlchemy knows them; `alembic check` holds them equal to the migrations."""

from census.adapters.postgres.models.base import NOW, Base, InTenant, TenantKey, belongs_to_the_models
from census.adapters.postgres.models.conversations import (
    Conversation,
    IdempotencyKey,
    KeptPlan,
    Message,
    Profile,
)
from census.adapters.postgres.models.documents import (
    Crawl,
    ExtractedText,
    KnowledgeFile,
    PassageRow,
    ScrapedContent,
)
from census.adapters.postgres.models.job_work import (
    JobBatch,
    JobFinding,
    JobItem,
    JobSignal,
    MapResult,
    ReduceNode,
)
from census.adapters.postgres.models.jobs import ProcessingJob
from census.adapters.postgres.models.spending import Budget, DaySpending, ModelLease, RateLimit
from census.adapters.postgres.models.vectors import (
    EmbeddedContent,
    PassageVector,
    RemovalRow,
    TextEmbedding,
    VectorSpaceRow,
)

__all__ = [
    "NOW",
    "Base",
    "Budget",
    "Conversation",
    "Crawl",
    "DaySpending",
    "EmbeddedContent",
    "ExtractedText",
    "IdempotencyKey",
    "InTenant",
    "JobBatch",
    "JobFinding",
    "JobItem",
    "JobSignal",
    "KeptPlan",
    "KnowledgeFile",
    "MapResult",
    "Message",
    "ModelLease",
    "PassageRow",
    "PassageVector",
    "ProcessingJob",
    "Profile",
    "RateLimit",
    "ReduceNode",
    "RemovalRow",
    "ScrapedContent",
    "TenantKey",
    "TextEmbedding",
    "VectorSpaceRow",
    "belongs_to_the_models",
]
