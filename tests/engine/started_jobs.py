"""Jobs at the points of their life where tests begin."""

import uuid

from tests.engine.house import EngineHouse
from tests.engine.plans import count

LONG = "Nothing of note is said in this sentence. " * 400
"""Long enough that a document is a batch of its own, short enough to be one window."""


def add_audits(house: EngineHouse, documents: int = 3) -> None:
    """Documents `0`, `1`, … that all mention an audit, each a batch of its own."""
    for number in range(documents):
        house.add(f"{number}", f"We may audit number {number}. {LONG}")


def planned(house: EngineHouse, documents: int = 3) -> uuid.UUID:
    """A job whose batches are cut."""
    add_audits(house, documents)
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    return job_id


def dispatched(house: EngineHouse, documents: int = 3) -> tuple[uuid.UUID, str]:
    """A job whose batches are in the queue, and the token that its execution waits with."""
    job_id = planned(house, documents)
    return job_id, house.dispatch(job_id)


def half_read(house: EngineHouse) -> tuple[uuid.UUID, str]:
    """A job with one of its three batches recorded."""
    job_id, token = dispatched(house)
    house.map(house.queue.receive(1))
    return job_id, token
