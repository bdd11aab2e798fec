"""Lawyers' labels played back as a model that errs at a tenth of its calls: the figures hold all the same.

The gold says for each of sixty contracts whether it restricts assignment, grants audit rights, caps
liability, and when it was agreed. A model server answers from it, by window. What the job says must be the
gold, but for documents that the ledger names as failed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local.api_shapes import Job
from tests.data_folder import data_folder
from tests.model_server import Fault, FaultPlan, GoldBrain, Latency, ModelServer, RecordedCall
from tests.stack.person import Person, somebody
from tests.stack.quotes import check_ledger, check_quotes, result_of
from tests.stack.running import running_stack

pytestmark = [pytest.mark.stack, pytest.mark.cuad]

BY_YEAR = "How many contracts restrict assignment, by year of the agreement date?"
BOTH = "How many have both audit rights and a cap on liability?"
PASSING = (Fault.MISSING_IDS, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.BAD_JSON)
FAULTS = FaultPlan(
    rate=0.1,
    seed=7,
    # A refusal alone can fail a document for good: one in two faults, so that some certainly do.
    kinds=(*PASSING, *(Fault.REFUSAL,) * len(PASSING)),
)


@dataclass(frozen=True)
class Replay:
    """A person with the sixty contracts at a stack whose model is the gold's."""

    person: Person
    brain: GoldBrain
    server: ModelServer

    def rows(self, job: Job) -> Mapping[str, Mapping[str, Any]]:
        """The job's rows by contract."""
        found = {Path(row["source_name"]).stem: row for row in self.person.client.rows(job["id"])}
        assert found.keys() == self.brain.gold.rows.keys()
        return found


@pytest.fixture(scope="module")
def replay(cuad: Path) -> Iterator[Replay]:
    brain = GoldBrain.load(cuad)
    with (
        ModelServer(brain, FAULTS, Latency(0.05)) as server,
        data_folder() as folder,
        running_stack(folder, server.base_url) as stack,
    ):
        person = somebody(stack.url)
        sent = person.send(sorted((cuad / "pdf").glob("*.pdf")))
        assert {row["status"] for row in sent.values()} == {"completed"}
        yield Replay(person, brain, server)


@pytest.fixture(scope="module")
def by_year(replay: Replay) -> Job:
    """The first answer to the question by year, as far as one run with faults brings it."""
    return replay.person.answer(BY_YEAR)


def check_against_gold(rows: Mapping[str, Mapping[str, Any]], holding: set[str]) -> set[str]:
    """Every contract that is not named as failed has the gold's verdict; those that are."""
    failed = {name for name, row in rows.items() if row["status"] == "failed"}
    assert {name for name, row in rows.items() if row["status"] == "match"} == holding - failed
    assert {row["status"] for row in rows.values()} <= {"match", "no_match", "failed"}
    assert all(rows[name]["reason"] for name in failed)
    return failed


def check_what_failed(job: Job, failed: set[str], holding: set[str]) -> None:
    """The ledger counts just the failed ones, and the bounds hold the gold's figure between them."""
    result = result_of(job)
    assert result["ledger"]["failed"] == len(failed)
    assert result["bounds"] == {
        "low": len(holding - failed),
        "high": len(holding - failed) + len(failed),
    }
    assert job["status"] == ("partial" if failed else "completed")


def test_contracts_that_restrict_assignment_are_counted_by_year_as_the_gold_has_it(
    replay: Replay, by_year: Job
) -> None:
    job = by_year
    holding = set(replay.brain.gold.holding("Anti-Assignment"))
    failed = check_against_gold(replay.rows(job), holding)
    check_ledger(job, 60)
    check_what_failed(job, failed, holding)
    years = Counter(replay.brain.gold.rows[name].year or "unknown" for name in holding - failed)
    table = result_of(job)["table"]
    assert table is not None
    assert dict(table["rows"]) == years
    assert check_quotes(replay.person, job, replay.person.texts()) >= len(holding - failed)


def test_two_clauses_in_different_windows_of_a_contract_are_joined(replay: Replay) -> None:
    job = replay.person.answer(BOTH)
    holding = set(replay.brain.gold.holding("Audit Rights", "Cap on Liability"))
    failed = check_against_gold(replay.rows(job), holding)
    check_ledger(job, 60)
    check_what_failed(job, failed, holding)
    assert result_of(job)["table"] == {"columns": ["documents"], "rows": [[len(holding - failed)]]}
    assert check_quotes(replay.person, job, replay.person.texts()) >= len(holding - failed)


def test_every_kind_of_fault_was_met_on_the_way(replay: Replay) -> None:
    met = {call.fault for call in replay.server.map_calls if call.fault}
    assert met == {fault.value for fault in FAULTS.kinds}


def test_a_retry_asks_again_only_what_was_never_answered_and_ends_at_the_gold_figure(
    replay: Replay, by_year: Job
) -> None:
    assert by_year["status"] == "partial"
    before = replay.server.map_calls
    job = by_year
    while job["status"] == "partial":
        assert replay.person.call("POST", f"/jobs/{job['id']}/retry").status == 202
        job = replay.person.wait(job["id"])
    first = replay.server.map_calls[len(before) :][:1]
    again = [call for call in replay.server.map_calls[len(before) :] if call.criteria == first[0].criteria]
    asked = {window for call in again for window in call.windows}
    assert asked
    assert not asked & answered(call for call in before if call.criteria == first[0].criteria)
    assert job["status"] == "completed"
    assert result_of(job)["ledger"]["match"] == len(replay.brain.gold.holding("Anti-Assignment"))


def answered(calls: Iterable[RecordedCall]) -> set[str]:
    """The windows that a call without a fault answered, or one that left out only the window before them."""
    found: set[str] = set()
    for call in calls:
        if call.fault is None:
            found.update(call.windows)
        elif call.fault == Fault.MISSING_IDS.value:
            found.update(call.windows[1:])
    return found
