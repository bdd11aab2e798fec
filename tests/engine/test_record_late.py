"""A database that is away when results are to be recorded: no call is lost, repeated or charged twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from census.adapters.postgres.database import PostgresDatabase
from census.application.map_batch import MapTools, batch_message, map_batch
from census.domain.errors import UnavailableError
from census.ports.call_leases import CallLimits, LeaseGrant
from census.ports.unit_of_work import SystemWork, TenantWork
from tests.engine.house import EngineHouse
from tests.engine.started_jobs import dispatched
from tests.fakes.scripted_model import ScriptedLanguageModel, busy, first


@dataclass
class BreakingDatabase:
    """A database whose connection is lost in some transactions: before they commit, or just after."""

    real: PostgresDatabase
    lost: frozenset[int] = frozenset()
    unconfirmed: frozenset[int] = frozenset()
    begun: int = 0

    @contextmanager
    def tenant(self, tenant_id: Any) -> Iterator[TenantWork]:
        self.begun += 1
        number = self.begun
        with self.real.tenant(tenant_id) as work:
            yield work
            if number in self.lost:
                raise UnavailableError("The connection was lost.")
        if number in self.unconfirmed:
            raise UnavailableError("The connection was lost before the commit was confirmed.")

    @contextmanager
    def system(self) -> Iterator[SystemWork]:
        with self.real.system() as work:
            yield work

    def exchange_calls(self, *asked: Any) -> LeaseGrant:
        return self.real.exchange_calls(*asked)


RECORD, LATE = 2, 3
"""The transactions of an invocation: the first is the claim's."""
NEVER: frozenset[int] = frozenset()


def broken(house: EngineHouse, lost: frozenset[int] = NEVER, unconfirmed: frozenset[int] = NEVER) -> MapTools:
    return replace(house.map_tools(), database=BreakingDatabase(house.database, lost, unconfirmed))


def invoke(house: EngineHouse, tools: MapTools) -> None:
    map_batch(tools, [batch_message(message) for message in house.queue.receive()], 60)


def charged(house: EngineHouse) -> int:
    return int(house.scalar("SELECT COALESCE(sum(calls), 0) FROM spending"))


def test_a_recording_whose_connection_was_lost_is_made_once_more(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 3)
    with pytest.raises(UnavailableError):
        invoke(house, broken(house, lost=frozenset({RECORD})))
    assert (model.calls, house.job(job_id).remaining, charged(house)) == (3, 0, 3)


def test_a_recording_that_was_only_not_confirmed_is_charged_once(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 3)
    with pytest.raises(UnavailableError):
        invoke(house, broken(house, unconfirmed=frozenset({RECORD})))
    assert (house.job(job_id).remaining, charged(house)) == (0, 3)


def test_what_was_read_waits_in_the_process_for_the_database_and_nobody_is_suspected(
    house: EngineHouse,
) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 3)
    tools = broken(house, lost=frozenset({RECORD, LATE}))
    with pytest.raises(UnavailableError):
        invoke(house, tools)
    assert (house.job(job_id).remaining, charged(house)) == (3, 0)

    house.expire_claims(job_id)
    map_batch(tools, [], 60)

    assert (model.calls, house.job(job_id).remaining, charged(house)) == (3, 0, 3)
    assert tools.unrecorded == []
    assert house.scalar("SELECT sum(crashes) FROM job_batches WHERE job_id = :job", job=job_id) == 0


def test_what_another_has_read_meanwhile_is_charged_and_counted_once(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 1)
    message = house.message(job_id, 1)
    tools = broken(house, lost=frozenset({RECORD, LATE}))
    with pytest.raises(UnavailableError):
        invoke(house, tools)
    house.expire_claims(job_id)
    house.map([message])
    assert (house.job(job_id).remaining, charged(house)) == (0, 1)

    map_batch(tools, [], 60)

    job = house.job(job_id)
    assert (job.remaining, job.processed_batches, charged(house)) == (0, 1, 2)


def test_a_batch_that_was_to_come_back_comes_back(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel([first(1, busy())])
    job_id, _ = dispatched(house, 1)
    with pytest.raises(UnavailableError):
        invoke(house, broken(house, lost=frozenset({RECORD})))
    assert len(house.queue.delays()) == 1
    house.map_all()
    assert (model.calls, house.job(job_id).remaining) == (2, 0)


def test_the_capacity_of_a_lost_recording_is_given_back(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel(name="leased by a lost recording")
    house.limits = CallLimits(32)
    dispatched(house, 3)
    with pytest.raises(UnavailableError):
        invoke(house, broken(house, lost=frozenset({RECORD})))
    assert house.scalar("SELECT count(*) FROM model_leases WHERE model = :m", m=house.model.name) == 0


def test_a_late_recording_settles_nothing_that_a_new_run_of_the_job_reserved(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel()
    job_id, _ = dispatched(house, 1)
    house.set_job(job_id, cap_usd=10)
    tools = broken(house, lost=frozenset({RECORD, LATE}))
    with pytest.raises(UnavailableError):
        invoke(house, tools)
    anew = "UPDATE processing_jobs SET reserved_usd = 5, mapping_since = now() WHERE id = :job"
    house.run(anew, job=job_id)

    map_batch(tools, [], 60)

    assert house.job(job_id).reserved_usd == 5
    assert charged(house) == 1
