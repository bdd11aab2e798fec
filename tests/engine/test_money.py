"""What a job may spend: reserved when claiming, settled when recording, and no call more."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from census.adapters.postgres.database import PostgresDatabase
from census.application.map_batch import BatchMessage, map_batch
from census.application.reduce_job import reduce_job
from census.domain.errors import UnavailableError
from census.domain.jobs import JobStatus
from census.ports.call_leases import LeaseGrant
from census.ports.job_store import BatchKey, BatchPrice
from census.ports.unit_of_work import SystemWork, TenantWork
from tests.engine.going_on import cancel, retry
from tests.engine.house import EngineHouse
from tests.engine.paid_jobs import DOCUMENTS, asked, dead_claim, led
from tests.engine.plans import count
from tests.fakes.scripted_model import ScriptedLanguageModel, leaving_out


def test_a_job_ends_partial_at_its_cap_with_what_it_has(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job = led(house, job_id := asked(house, "0.08"))
    ledger = job["result"]["ledger"]
    assert job["status"] == "partial"
    assert 0 < ledger["match"] == model.calls < DOCUMENTS
    assert set(house.classes(job_id).values()) == {("match", None), ("skipped", "cap")}
    assert house.job(job_id).spent_usd <= Decimal("0.08")
    assert job["error_details"]["code"] == "cap"
    assert "max_cost_usd" in job["error_message"]


def test_a_higher_cap_goes_on_and_repeats_no_call(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id = asked(house, "0.08")
    led(house, job_id)
    retry(house, job_id, Decimal(5))
    assert led(house, job_id)["status"] == "completed"
    assert model.calls == DOCUMENTS
    assert house.job(job_id).reserved_usd == 0


def test_the_same_cap_again_ends_partial_again_without_a_call(house: EngineHouse) -> None:
    job_id = asked(house, "0.05")
    led(house, job_id)
    house.model = model = ScriptedLanguageModel()
    retry(house, job_id)
    assert led(house, job_id)["status"] == "partial"
    assert model.calls == 0


def test_a_cap_of_nothing_answers_from_what_is_known(house: EngineHouse) -> None:
    led(house, asked(house, None, documents=2))
    house.model = model = ScriptedLanguageModel()
    house.add("new", "We may audit this one, too.")
    job = led(house, house.ask(count("audit"), max_cost_usd=Decimal(0)))
    assert job["status"] == "partial"
    assert (job["result"]["ledger"]["match"], job["result"]["ledger"]["skipped"]) == (2, 1)
    assert model.calls == 0


def test_what_a_dead_claim_reserved_counts_as_spent(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job_id = asked(house, "0.2", documents=3)
    house.plan(job_id)
    house.dispatch(job_id)
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 1)], 60, BatchPrice(Decimal("0.19")))
    house.expire_claims(job_id)
    house.map_all()
    assert model.calls == 0
    assert house.job(job_id).stopped_by == "cap"
    assert house.job(job_id).reserved_usd == Decimal("0.19")


def test_a_job_that_a_dead_claim_stopped_reads_when_it_is_retried_at_the_same_cap(house: EngineHouse) -> None:
    dead_claim(house, job_id := asked(house, "0.2", documents=2), "0.19")
    house.map_all()
    generation = house.job(job_id).started_generation
    assert reduce_job(house.fold_tools(), house.tenant_id, job_id, generation) is JobStatus.PARTIAL
    house.workflow.end(str(house.job(job_id).execution_arn))
    retry(house, job_id)
    assert led(house, job_id)["status"] == "completed"


def test_money_that_others_hold_is_waited_for(house: EngineHouse) -> None:
    job_id = asked(house, "0.2", documents=2)
    house.plan(job_id)
    house.dispatch(job_id)
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 1)], 60, BatchPrice(Decimal("0.19")))
        claims = work.batches.claim([BatchKey(job_id, 2)], 60, BatchPrice(Decimal("0.19")))
    assert claims.unaffordable == (BatchKey(job_id, 2),)
    assert house.job(job_id).stopped_by is None


def test_a_further_call_of_a_capped_job_is_paid_from_what_is_left(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel([leaving_out("w1")])
    job_id = asked(house, "0.1", documents=1)
    house.plan(job_id)
    house.dispatch(job_id)
    house.map()
    assert model.calls == 1, "the second call could not be reserved"
    assert house.job(job_id).reserved_usd == 0
    assert house.job(job_id).spent_usd <= Decimal("0.1")


def test_a_further_call_that_was_not_held_settles_nothing_of_what_others_hold(house: EngineHouse) -> None:
    house.model = ScriptedLanguageModel([leaving_out("w1")])
    job_id = asked(house, "5", documents=2)
    house.plan(job_id)
    house.dispatch(job_id)
    with house.database.tenant(house.tenant_id) as work:
        work.batches.claim([BatchKey(job_id, 2)], 60, BatchPrice(Decimal("0.19")))
    tools = replace(house.map_tools(), database=LosingReservations(house.database))
    with pytest.raises(UnavailableError, match="reserved"):
        map_batch(tools, [BatchMessage(house.tenant_id, job_id, 1)], 60)
    assert house.job(job_id).reserved_usd == Decimal("0.19")


@dataclass
class LosingReservations:
    """A database that fails before the second commit: after the claim's, that of the further call."""

    real: PostgresDatabase
    transactions: int = 0

    def system(self) -> AbstractContextManager[SystemWork]:
        """As ever."""
        return self.real.system()

    def exchange_calls(self, *asked: Any) -> LeaseGrant:
        """As ever."""
        return self.real.exchange_calls(*asked)

    @contextmanager
    def tenant(self, tenant_id: uuid.UUID) -> Iterator[TenantWork]:
        """A transaction; the second one is lost."""
        self.transactions += 1
        losing = self.transactions == 2
        with self.real.tenant(tenant_id) as work:
            yield work
            if losing:
                raise UnavailableError("The connection broke after money was reserved.")


def test_a_job_whose_plan_cannot_be_read_is_cancelled_all_the_same(house: EngineHouse) -> None:
    job_id = asked(house, None, documents=1)
    house.plan(job_id)
    house.set_job(job_id, intent_data={"kind": "of another age"})
    assert cancel(house, job_id)["status"] == "cancelled"
