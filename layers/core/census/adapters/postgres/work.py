"""What a transaction offers: the stores, all on one session."""

import uuid
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from census.domain.facts import Fact

if TYPE_CHECKING:
    from census.adapters.postgres.batch_store import PostgresBatchStore
    from census.adapters.postgres.budget_store import PostgresBudgetStore
    from census.adapters.postgres.call_leases import PostgresCallLeases
    from census.adapters.postgres.conversation_store import PostgresConversationStore
    from census.adapters.postgres.file_store import PostgresFileStore
    from census.adapters.postgres.ingest_store import PostgresIngestStore
    from census.adapters.postgres.item_store import PostgresItemStore
    from census.adapters.postgres.job_store import PostgresJobStore
    from census.adapters.postgres.open_work import PostgresOpenWork
    from census.adapters.postgres.page_store import PostgresPageStore
    from census.adapters.postgres.reduction_store import PostgresReductionStore
    from census.adapters.postgres.text_store import PostgresTextStore
    from census.adapters.postgres.vector_ledger import PostgresVectorLedger


class PostgresTenantWork:
    """One transaction of one tenant. Stores are imported when first used: most functions use one or two."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self.session = session
        self.tenant_id = tenant_id
        self.facts: list[Fact] = []

    def note(self, fact: Fact) -> None:
        """See the port."""
        self.facts.append(fact)

    @cached_property
    def jobs(self) -> "PostgresJobStore":
        """Jobs."""
        from census.adapters.postgres.job_store import PostgresJobStore

        return PostgresJobStore(self.session, self.tenant_id)

    @cached_property
    def items(self) -> "PostgresItemStore":
        """The pinned documents of jobs."""
        from census.adapters.postgres.item_store import PostgresItemStore

        return PostgresItemStore(self.session, self.tenant_id)

    @cached_property
    def batches(self) -> "PostgresBatchStore":
        """The batches of jobs."""
        from census.adapters.postgres.batch_store import PostgresBatchStore

        return PostgresBatchStore(self.session, self.tenant_id)

    @cached_property
    def budgets(self) -> "PostgresBudgetStore":
        """What people spend and may spend."""
        from census.adapters.postgres.budget_store import PostgresBudgetStore

        return PostgresBudgetStore(self.session, self.tenant_id)

    @cached_property
    def calls(self) -> "PostgresCallLeases":
        """The model's capacity, shared by all tenants."""
        from census.adapters.postgres.call_leases import PostgresCallLeases

        return PostgresCallLeases(self.session)

    @cached_property
    def files(self) -> "PostgresFileStore":
        """Files as people see them."""
        from census.adapters.postgres.file_store import PostgresFileStore

        return PostgresFileStore(self.session, self.tenant_id)

    @cached_property
    def conversations(self) -> "PostgresConversationStore":
        """Profiles, conversations, messages, idempotency keys."""
        from census.adapters.postgres.conversation_store import PostgresConversationStore

        return PostgresConversationStore(self.session, self.tenant_id)

    @cached_property
    def ingest(self) -> "PostgresIngestStore":
        """Files as ingestion moves them from state to state."""
        from census.adapters.postgres.ingest_store import PostgresIngestStore

        return PostgresIngestStore(self.session, self.tenant_id)

    @cached_property
    def vectors(self) -> "PostgresVectorLedger":
        """What vectors there should be."""
        from census.adapters.postgres.vector_ledger import PostgresVectorLedger

        return PostgresVectorLedger(self.session, self.tenant_id)

    @cached_property
    def pages(self) -> "PostgresPageStore":
        """Pages from the web."""
        from census.adapters.postgres.page_store import PostgresPageStore

        return PostgresPageStore(self.session, self.tenant_id)

    @cached_property
    def reductions(self) -> "PostgresReductionStore":
        """Findings to fold, and the nodes they were folded to."""
        from census.adapters.postgres.reduction_store import PostgresReductionStore

        return PostgresReductionStore(self.session, self.tenant_id)

    @cached_property
    def texts(self) -> "PostgresTextStore":
        """Extracted texts and their passages."""
        from census.adapters.postgres.text_store import PostgresTextStore

        return PostgresTextStore(self.session, self.tenant_id)


class PostgresSystemWork:
    """One transaction over all tenants, for what brings lost work back."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def open_work(self) -> "PostgresOpenWork":
        """Jobs and rows that may be stuck, and signals to send."""
        from census.adapters.postgres.open_work import PostgresOpenWork

        return PostgresOpenWork(self.session)
