"""The engine's transactions on the real store, and orders by chance that it takes beside the reference."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase
from census.domain.jobs import BatchOutcome
from census.ports.job_store import BatchKey, BatchRecord, Late, Spending
from tests.engine.batch_reference import Batch, Claimed, ReferenceStatements, Rows, Statements
from tests.engine.house import LEASE_SECONDS, EngineHouse
from tests.engine.interleavings import Hands, cast_of, fresh, help_comes, killed, take
from tests.engine.started_jobs import dispatched

DELIVERIES = ((1, 2), (2, 3), (1, 3))
DEAD_LETTER = 2
_BATCHES = """
    SELECT COALESCE(outcome, '') AS outcome, claim IS NOT NULL AS claimed, crashes,
           CASE WHEN claimed_until >= now() THEN 'held' WHEN sent_at < claimed_until THEN 'lapsed'
                WHEN claimed_until IS NOT NULL THEN 'sent' ELSE 'free' END AS state
    FROM job_batches WHERE job_id = :job ORDER BY ordinal
"""


@dataclass
class StoredStatements:
    """The real store's. Implements Statements."""

    house: EngineHouse
    job_id: uuid.UUID

    def rows(self) -> Rows:
        job = self.house.job(self.job_id)
        with self.house.database.tenant(self.house.tenant_id) as work:
            found = work.session.execute(text(_BATCHES), {"job": self.job_id}).all()
        signalled = "SELECT signalled_at IS NOT NULL FROM job_signals WHERE job_id = :job"
        batches = tuple(Batch(row.outcome, row.state, row.claimed, row.crashes) for row in found)
        return Rows(
            job.remaining or 0,
            job.processed_batches,
            job.failed_batches,
            bool(self.house.scalar(signalled, job=self.job_id)),
            batches,
        )

    def claim(self, ordinals: Sequence[int]) -> Claimed:
        with self.house.database.tenant(self.house.tenant_id) as work:
            claims = work.batches.claim(self._keys(ordinals), LEASE_SECONDS)
        taken = tuple(batch.key.ordinal for batch in claims.batches)
        return Claimed(taken, _ordinals(claims.suspects), _ordinals(claims.crashed))

    def record(self, ordinals: Sequence[int], outcome: str) -> bool:
        records = [BatchRecord(key, BatchOutcome(outcome)) for key in self._keys(ordinals)]
        with self.house.database.tenant(self.house.tenant_id) as work:
            (recorded,) = work.batches.record(records, {self.job_id: Spending()})
        return recorded.completer

    def pending(self) -> bool:
        with self.house.database.system() as work:
            return work.open_work.pending_signal(self.house.tenant_id, self.job_id) is not None

    def mark_signalled(self) -> None:
        generation = self.house.job(self.job_id).generation
        with self.house.database.system() as work:
            work.open_work.mark_signalled(self.house.tenant_id, self.job_id, generation)

    def lapse(self) -> None:
        self.house.expire_claims(self.job_id)

    def send_lost(self) -> tuple[int, ...]:
        with self.house.database.tenant(self.house.tenant_id) as work:
            lost = work.batches.lost(self.job_id, Late(3600, 3600), 10)
            work.batches.mark_sent(self.job_id, lost, self.house.job(self.job_id).generation)
        return tuple(lost)

    def _keys(self, ordinals: Sequence[int]) -> list[BatchKey]:
        return [BatchKey(self.job_id, ordinal) for ordinal in ordinals]


def _ordinals(keys: Sequence[BatchKey]) -> tuple[int, ...]:
    return tuple(key.ordinal for key in keys)


def walk(store: Statements, reference: ReferenceStatements, chance: Random) -> Hands:
    """One order by chance, taken by the store and the reference side by side."""
    hands = cast_of(DELIVERIES, DEAD_LETTER)
    while any(hands.actors):
        actor = chance.choice([place for place, steps in enumerate(hands.actors) if steps])
        deaths = list(killed(hands, actor, reference.now))
        if deaths and chance.random() < 0.3:
            hands = chance.choice(deaths)
            continue
        expected = take(reference, hands, actor)
        hands = take(store, hands, actor)
        assert hands == expected
        assert store.rows() == reference.rows()
    return hands


def compare(database: PostgresDatabase, seed: int) -> None:
    """An order by this seed on a job of its own, to its end. AssertionError for a difference."""
    house = EngineHouse(database)
    job_id, _ = dispatched(house, 3)
    store = StoredStatements(house, job_id)
    help_comes(store, walk(store, ReferenceStatements(fresh(3)), Random(seed)))
