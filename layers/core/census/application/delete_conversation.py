"""Delete a conversation with its messages and jobs."""

import logging
import uuid

from census.domain.errors import UnavailableError
from census.domain.identity import Caller
from census.ports.unit_of_work import Database
from census.ports.workflow import Workflow

log = logging.getLogger(__name__)


def delete_conversation(
    database: Database, workflow: Workflow, caller: Caller, conversation_id: uuid.UUID
) -> None:
    """Raises NotFoundError. Jobs that still run are stopped; one that cannot be finds its job gone."""
    with database.tenant(caller.tenant_id) as work:
        running = work.conversations.delete(caller.user_id, conversation_id)
    for execution in running:
        try:
            workflow.stop(execution, "The conversation was deleted.")
        except UnavailableError as error:
            log.warning("An execution without a job could not be stopped; it ends by itself: %s", error)
