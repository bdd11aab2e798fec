"""One transaction at a time: of one tenant, or of the system over all of them.

Leaving the block commits, an error rolls back. Use cases never commit by hand.
"""

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from census.domain.facts import Fact
from census.ports.budget_store import BudgetStore
from census.ports.call_leases import CallExchange, CallLeases
from census.ports.conversation_store import ConversationStore
from census.ports.file_store import FileStore
from census.ports.ingest_store import IngestStore
from census.ports.job_store import BatchStore, ItemStore, JobStore
from census.ports.page_store import PageStore
from census.ports.reduction_store import ReductionStore
from census.ports.text_store import TextStore
from census.ports.vector_ledger import VectorLedger, VectorSpace


class TenantWork(Protocol):
    """What a transaction of one tenant offers."""

    @property
    def tenant_id(self) -> uuid.UUID:
        """The tenant it is bound to."""
        ...

    @property
    def jobs(self) -> JobStore:
        """Jobs."""
        ...

    @property
    def items(self) -> ItemStore:
        """The pinned documents of jobs."""
        ...

    @property
    def batches(self) -> BatchStore:
        """The batches of jobs."""
        ...

    @property
    def budgets(self) -> BudgetStore:
        """What people spend and may spend."""
        ...

    @property
    def calls(self) -> CallLeases:
        """The model's capacity, shared by all tenants."""
        ...

    @property
    def files(self) -> FileStore:
        """Files as people see them."""
        ...

    @property
    def conversations(self) -> ConversationStore:
        """Profiles, conversations, messages, idempotency keys."""
        ...

    @property
    def ingest(self) -> IngestStore:
        """Files as ingestion moves them."""
        ...

    @property
    def pages(self) -> PageStore:
        """Pages from the web."""
        ...

    @property
    def reductions(self) -> ReductionStore:
        """Findings to fold, and the nodes they were folded to."""
        ...

    @property
    def texts(self) -> TextStore:
        """Extracted texts and passages."""
        ...

    @property
    def vectors(self) -> VectorLedger:
        """What vectors there should be, and the outbox of deletions."""
        ...

    def note(self, fact: Fact) -> None:
        """Tell what happened; it is measured once the transaction is committed, and not otherwise."""
        ...


@dataclass(frozen=True)
class OpenJob:
    """A job without an end, and whose it is."""

    tenant_id: uuid.UUID
    job_id: uuid.UUID


@dataclass(frozen=True)
class PendingSignal:
    """A token to answer: the job's last batch is recorded, nobody was told yet."""

    generation: int
    task_token: str


class OpenWork(Protocol):
    """What may be stuck, over all tenants."""

    def due_jobs(self, limit: int) -> list[OpenJob]:
        """Jobs without an end whose next check is due."""
        ...

    def stuck_files(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """(tenant, file) of rows that neither end nor are being worked on."""
        ...

    def stuck_pages(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """(tenant, page) of rows that neither end nor are being worked on, made due again."""
        ...

    def unused_texts(self, limit: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """(tenant, text) of texts a day old that no file or page came to show."""
        ...

    def tenants_with_removals(self, limit: int) -> list[uuid.UUID]:
        """Tenants whose outbox has deletions that are due."""
        ...

    def vector_spaces(self) -> dict[VectorSpace, int]:
        """How many tenants search in each space."""
        ...

    def tenants(self) -> list[uuid.UUID]:
        """Every tenant with a text."""
        ...

    def documents_in_hand(self) -> bool:
        """Whether any file or page is being read, or waits to be."""
        ...

    def forget_idempotency_keys(self, days: int) -> int:
        """Delete the Idempotency-Keys that are older; how many there were."""
        ...

    def take_check(self, tenant_id: uuid.UUID, job_id: uuid.UUID, every_seconds: int) -> bool:
        """Claim the check of a job that is due; False when another check has it, or the job has ended."""
        ...

    def pending_signal(self, tenant_id: uuid.UUID, job_id: uuid.UUID) -> PendingSignal | None:
        """The unanswered token of a job in which nothing remains."""
        ...

    def open_token(self, tenant_id: uuid.UUID, job_id: uuid.UUID) -> str | None:
        """The unanswered token of a job, whatever remains."""
        ...

    def mark_signalled(self, tenant_id: uuid.UUID, job_id: uuid.UUID, generation: int) -> None:
        """Note that the token of this generation was answered."""
        ...


class SystemWork(Protocol):
    """What a transaction of the system offers."""

    @property
    def open_work(self) -> OpenWork:
        """What may be stuck."""
        ...


class Database(Protocol):
    """Opens transactions."""

    def tenant(self, tenant_id: uuid.UUID) -> AbstractContextManager[TenantWork]:
        """A transaction bound to one tenant."""
        ...

    def system(self) -> AbstractContextManager[SystemWork]:
        """A transaction over all tenants, with narrow rights."""
        ...


class LeasingDatabase(Database, CallExchange, Protocol):
    """A database that also leases model calls, in transactions of their own."""
