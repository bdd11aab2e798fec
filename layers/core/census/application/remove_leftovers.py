"""Deliver the outbox of deletions: vectors and objects of what is gone from the database.

Called right after the commit that wrote them, and by sweeps for what that one missed. Readers see none of it
any more: passages are what tells whether a hit means anything.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from census.domain.errors import CensusError
from census.ports.object_store import ObjectStore
from census.ports.unit_of_work import Database
from census.ports.vector_index import VectorIndex
from census.ports.vector_ledger import Removal

log = logging.getLogger(__name__)

AT_ONCE = 200
AGAIN_SECONDS = 1_260.0
"""Just beyond the time after which no worker can still write vectors of a deleted text."""


@dataclass(frozen=True)
class Stores:
    """Where something may be left over."""

    database: Database
    vectors: VectorIndex
    objects: ObjectStore | None = None
    """None where the bucket is out of reach: its part of the outbox is then left alone."""

    def delete_objects(self, keys: Iterable[str]) -> None:
        """Delete these objects now, where the bucket is in reach. Raises UnavailableError."""
        if self.objects is not None:
            for key in keys:
                self.objects.delete(key)


def remove_leftovers(stores: Stores, tenant_id: uuid.UUID, text_id: uuid.UUID | None = None) -> int:
    """Delete what is due of a tenant; how many deletions are done with. Raises for the database alone.

    With `text_id` only that text's vectors: a person who waits does not wait for what others left.

    What a store does not take now is due again later. So are vectors that were deleted: a listing that lags,
    or a worker that had not noticed, may bring up more. They are done with once nothing is found any more,
    a worker's life after the deletion.
    """
    with stores.database.tenant(tenant_id) as work:
        due = work.vectors.take_removals(
            AT_ONCE, AGAIN_SECONDS, objects=stores.objects is not None, text_id=text_id
        )
    done = [removal.id for removal in due if _is_done(stores, tenant_id, removal)]
    if done:
        with stores.database.tenant(tenant_id) as work:
            work.vectors.finish_removals(done)
    return len(done)


def _is_done(stores: Stores, tenant_id: uuid.UUID, removal: Removal) -> bool:
    try:
        if removal.object_key is not None and stores.objects is not None:
            stores.objects.delete(removal.object_key)
            return True
        if removal.text_id is not None:
            found = stores.vectors.delete_text(tenant_id, removal.text_id, removal.embedder)
            return found == 0 and removal.settled
    except CensusError as error:
        log.warning("A deletion is put off: %s", error, extra={"removal": str(removal.id)})
    return False
