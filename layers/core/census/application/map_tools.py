"""What the rooms of map_batch share: the message, the tools, and what a claim may cost."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from census.application.cut_contents import (
    LONG_PROMPT_FACTOR,
    LONG_REPLY_FACTOR,
    PROMPT_TOKENS_A_BATCH,
    REPLY_TOKENS_AN_ATOM,
)
from census.application.read_batch import BatchReading
from census.domain.batches import MAX_BATCH_WINDOWS
from census.domain.plan import JsonObject
from census.ports.call_leases import CallLimits
from census.ports.job_store import BatchPrice, ClaimedBatch
from census.ports.language_model import LanguageModel, Usage
from census.ports.metrics import UNMEASURED, Metrics
from census.ports.queue import Queue
from census.ports.quote_aligner import QuoteAligner
from census.ports.unit_of_work import LeasingDatabase
from census.ports.workflow import Workflow

MILLION = 1_000_000
_PROMPT_TOKENS = int(PROMPT_TOKENS_A_BATCH * LONG_PROMPT_FACTOR)
_REPLY_TOKENS = int(MAX_BATCH_WINDOWS * REPLY_TOKENS_AN_ATOM * LONG_REPLY_FACTOR)


@dataclass(frozen=True)
class BatchMessage:
    """A hint that a batch is to be read: ids only."""

    tenant_id: uuid.UUID
    job_id: uuid.UUID
    ordinal: int

    def to_json(self, generation: int) -> JsonObject:
        """The message's body."""
        return {
            "tenant_id": str(self.tenant_id),
            "job_id": str(self.job_id),
            "generation": generation,
            "batch": self.ordinal,
        }


def batch_message(body: JsonObject) -> BatchMessage:
    """The message a body holds. Raises KeyError or ValueError for anything else."""
    return BatchMessage(uuid.UUID(body["tenant_id"]), uuid.UUID(body["job_id"]), int(body["batch"]))


@dataclass(frozen=True)
class MapTools:
    """What map_batch works with. `price` turns usage into US dollars; a call takes at most `call_seconds`.

    `limits` and `strong_limits` are those of the standard and of the stronger model, over all workers;
    without them every claim may call at once. `unrecorded`: by tenant, what this process read and could not
    record yet.
    """

    database: LeasingDatabase
    model: LanguageModel
    aligner: QuoteAligner
    queue: Queue
    workflow: Workflow
    price: Callable[[Usage], Decimal]
    call_seconds: float = 0.0
    limits: CallLimits | None = None
    strong_limits: CallLimits | None = None
    metrics: Metrics = UNMEASURED
    unrecorded: list[tuple[uuid.UUID, Sequence[tuple[ClaimedBatch, BatchReading]]]] = field(
        default_factory=list
    )

    @property
    def batch_price(self) -> BatchPrice:
        """What is reserved for a batch: a long prompt, and a long reply for as many windows as can be."""
        a_token = self.price(Usage(0, MILLION, 0)) * LONG_PROMPT_FACTOR / MILLION
        return BatchPrice(self.price(Usage(1, _PROMPT_TOKENS, _REPLY_TOKENS)), a_token)
