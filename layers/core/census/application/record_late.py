"""Results that could not be recorded: they are paid for, and wait in this process for the database."""

import uuid

from census.application.call_exchange import CallExchanges
from census.application.map_tools import MapTools
from census.application.record_readings import Finished, ends, give_back, record_readings
from census.domain.errors import UnavailableError


def record_late(
    tools: MapTools, tenant_id: uuid.UUID, results: Finished, exchanges: CallExchanges | None = None
) -> None:
    """Record what a recording that failed has not written after all, so that each call is charged once.

    If the database is still away, the next invocation in this process tries again; the claims may expire
    meanwhile. What fails otherwise is a defect: the batches are given back, and nothing of them is kept.
    """
    try:
        with tools.database.tenant(tenant_id) as work:
            held = work.batches.unrecorded([(batch.key, batch.claim) for batch, _ in results])
        rest = [
            (batch, reading)
            for batch, reading in results
            if batch.key in held and (held[batch.key] or ends(batch, reading))
        ]
        if rest:
            record_readings(tools, tenant_id, rest, exchanges)
    except UnavailableError:
        tools.unrecorded.append((tenant_id, results))
    except Exception:
        give_back(tools, tenant_id, results)
        raise


def record_left_over(tools: MapTools) -> None:
    """Record what earlier invocations in this process could not."""
    waiting = list(tools.unrecorded)
    tools.unrecorded.clear()
    for tenant_id, results in waiting:
        record_late(tools, tenant_id, results)
