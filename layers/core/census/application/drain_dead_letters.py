"""Give each dead batch one more run, alone, before its failure is recorded.

Ten batches share an invocation, so one that kills its process takes nine innocents with it. Alone, they pass.
"""

import json

from census.application.map_batch import BatchMessage, MapTools, map_batch
from census.application.record_readings import CRASHED as CRASHED
from census.application.record_readings import record_crashed
from census.domain.plan import JsonObject
from census.ports.job_store import BatchKey

ALONE = "alone"
"""The mark of a message that runs by itself: how often it was received counts its runs, and nothing else."""


def made_alone(body: str) -> JsonObject:
    """The message that asks for the run alone of what a dead letter asks for. Raises ValueError."""
    return {**_object(body), ALONE: True}


def is_alone(body: str) -> bool:
    """Whether a message asks for a run alone. Raises ValueError for what is no JSON object."""
    return bool(_object(body).get(ALONE))


def _object(body: str) -> JsonObject:
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("The message is no JSON object.")
    return message


def drain_dead_batch(tools: MapTools, message: BatchMessage, times_received: int, lease_seconds: int) -> None:
    """Read a dead batch alone; a second delivery means that this run crashed as well, and it failed.

    `times_received`: deliveries of the message that is marked as alone.
    """
    if times_received <= 1:
        map_batch(tools, [message], lease_seconds)
        return
    record_crashed(tools, message.tenant_id, BatchKey(message.job_id, message.ordinal))
