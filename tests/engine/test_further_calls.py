"""Further calls within a batch: who may make them, in which order money and capacity are asked for them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast

import pytest

from census.application.call_exchange import CalledClaim, CallExchanges
from census.application.further_calls import BatchTurn, FurtherCall
from census.application.map_batch import MapTools
from census.application.read_batch import Call
from census.ports.call_leases import CallLimits, LeaseGrant
from census.ports.job_store import BatchKey, ClaimedBatch
from tests.engine.batches import batch_of
from tests.fakes.scripted_model import ScriptedLanguageModel


@dataclass
class Bookkeeper:
    """A database that grants what it is told to, and notes in which order money was reserved."""

    grant: LeaseGrant = field(default_factory=lambda: LeaseGrant(0))
    reserved: list[uuid.UUID] = field(default_factory=list)
    poor: frozenset[uuid.UUID] = frozenset()

    @contextmanager
    def tenant(self, _tenant_id: uuid.UUID) -> Iterator["Bookkeeper"]:
        yield self

    @property
    def batches(self) -> "Bookkeeper":
        return self

    def over(self, _jobs: object) -> set[uuid.UUID]:
        return set()

    def reserve(self, job_id: uuid.UUID, _usd: Decimal) -> bool:
        self.reserved.append(job_id)
        return job_id not in self.poor

    def exchange_calls(self, *_asked: object) -> LeaseGrant:
        return self.grant


def batch(number: int, usd: str = "1", failed_calls: int = 0) -> ClaimedBatch:
    made = replace(batch_of("a text"), key=BatchKey(uuid.UUID(int=number), 1), failed_calls=failed_calls)
    return replace(made, reserved_usd=Decimal(usd))


def exchanges(
    database: Bookkeeper, *batches: ClaimedBatch, limits: CallLimits | None = None
) -> CallExchanges:
    nothing = cast(Any, None)
    model = ScriptedLanguageModel(strong_name="strong")
    tools = MapTools(cast(Any, database), model, nothing, nothing, nothing, nothing)
    tools = replace(tools, limits=limits, strong_limits=limits)
    return CallExchanges(CalledClaim(tools, uuid.uuid4(), batches, 1e9), lambda _: None)


def started(call: FurtherCall) -> bool:
    assert call.start.done()
    return call.start.result() is not None


def test_money_is_reserved_in_the_order_in_which_everybody_locks_jobs() -> None:
    database = Bookkeeper()
    calls = [FurtherCall(batch(number), Call.SMALLER) for number in (3, 1, 2)]
    asking = exchanges(database, *[call.batch for call in calls])
    for call in calls:
        asking.put(call)
    asking.ask_standard(0)
    assert [job.int for job in database.reserved] == [1, 2, 3]
    assert all(started(call) for call in calls)


def test_a_call_that_there_is_no_money_for_is_never_made_and_the_others_are() -> None:
    rich, poor = FurtherCall(batch(1), Call.SMALLER), FurtherCall(batch(2), Call.SMALLER)
    asking = exchanges(Bookkeeper(poor=frozenset({poor.batch.key.job_id})), rich.batch, poor.batch)
    asking.put(poor)
    asking.put(rich)
    asking.ask_standard(0)
    assert (started(rich), started(poor)) == (True, False)


def test_where_repeats_are_short_smaller_calls_are_made_and_repeats_are_not() -> None:
    repeat, smaller = FurtherCall(batch(1, "0"), Call.REPEAT), FurtherCall(batch(2, "0"), Call.SMALLER)
    database = Bookkeeper(LeaseGrant(0, extra=1, extra_again=0))
    asking = exchanges(database, repeat.batch, smaller.batch, limits=CallLimits(10))
    asking.put(repeat)
    asking.put(smaller)
    asking.ask_standard(0)
    assert (started(repeat), started(smaller)) == (False, True)


def test_a_second_reading_waits_for_a_place_and_takes_that_of_one_that_ended() -> None:
    one, other = FurtherCall(batch(1, "0"), Call.SECOND), FurtherCall(batch(2, "0"), Call.SECOND)
    asking = exchanges(Bookkeeper(LeaseGrant(1)), one.batch, other.batch, limits=CallLimits(10))
    asking.put(one)
    asking.put(other)
    asking.ask_strong()
    assert started(one)
    assert not other.start.done()
    asking.strong.end(1.0)
    asking.start_seconds()
    assert started(other)


def test_the_second_reading_of_a_batch_that_comes_again_is_a_repeat() -> None:
    call = FurtherCall(batch(1, "0", failed_calls=1), Call.SECOND)
    asking = exchanges(Bookkeeper(LeaseGrant(1, again=0)), call.batch, limits=CallLimits(10))
    asking.put(call)
    asking.ask_strong()
    assert not started(call)


def test_of_a_job_that_is_over_no_further_call_is_made() -> None:
    calls = [FurtherCall(batch(1, "0"), kind) for kind in (Call.SMALLER, Call.SECOND)]
    grant = LeaseGrant(5, extra=5, over=frozenset({calls[0].batch.key.job_id}))
    asking = exchanges(Bookkeeper(grant), calls[0].batch, limits=CallLimits(10))
    for call in calls:
        asking.put(call)
    asking.ask_standard(0)
    asking.ask_strong()
    assert [started(call) for call in calls] == [False, False]


@pytest.mark.parametrize("free", [True, False])
def test_the_first_call_of_a_turn_is_never_asked_for(free: bool) -> None:
    told: list[object] = []
    turn = BatchTurn(batch(1), lambda _: free, lambda: True, told.append)
    assert turn.may_call(Call.REPEAT)
    assert told == []
