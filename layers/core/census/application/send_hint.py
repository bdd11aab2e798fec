"""Send a message that may be lost: the sweep of reconcile_work finds the work in the database."""

import logging

from census.domain.errors import UnavailableError
from census.domain.plan import JsonObject
from census.ports.queue import Queue

log = logging.getLogger(__name__)


def send_hint(queue: Queue, message: JsonObject, delay_seconds: int = 0) -> bool:
    """Send, and say whether it went. A queue that does not answer is logged and no error."""
    try:
        queue.send(message, delay_seconds)
    except UnavailableError as error:
        log.warning("A message could not be sent; the hourly sweep will do its work: %s", error)
        return False
    return True
