"""A document that is deleted while its words are on their way: they arrive nowhere."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

import pytest

from census.application.end_job import atom_keys
from census.application.fold_findings import ReduceUnfinishedError
from census.application.judge_items import Unread, judge_items
from census.application.reduce_job import reduce_job
from census.domain.plan import Kind, Plan
from census.ports.folding import FoldReply, FoldRequest, FoldStep
from census.ports.item_store import JudgedItem
from tests.engine.house import EngineHouse
from tests.engine.plans import causes
from tests.engine.test_deletion import SECRET, everything_kept
from tests.fakes.scripted_model import ScriptedLanguageModel


def read(house: EngineHouse, plan: Plan) -> tuple[UUID, str]:
    """A job of which every window is read and no document judged; the token its execution waits with."""
    job_id = house.ask(plan)
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map_all()
    return job_id, token


def during(step: FoldStep, happen: Callable[[], None]) -> ScriptedLanguageModel:
    """A model in whose first call of this step something happens."""
    left = [happen]

    def fold(request: FoldRequest) -> FoldReply | None:
        if request.step is step and left:
            left.pop()()
        return None

    return ScriptedLanguageModel(folding=fold)


def reduce(house: EngineHouse, job_id: UUID) -> None:
    reduce_job(house.fold_tools(), house.tenant_id, job_id, house.job(job_id).started_generation)


def test_findings_of_a_document_deleted_while_it_was_judged_do_not_come_back(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add("a", "Ticket\nCause: broken cable")
    gone = house.add("b", f"Ticket\nCause: {SECRET}")
    plan = causes()
    job_id, token = read(house, plan)

    with house.database.tenant(house.tenant_id) as work:
        settle = work.items.settle

        def too_late(job_id: UUID, judged: Iterable[JudgedItem]) -> None:
            house.delete(gone)
            settle(job_id, judged)

        monkeypatch.setattr(work.items, "settle", too_late)
        judge_items(work, job_id, plan, atom_keys(plan, house.model), Unread())
    assert house.scalar("SELECT count(*) FROM job_findings") == 1
    house.follow(job_id, token)

    assert SECRET.lower() not in everything_kept(house).lower()
    assert house.shown(job_id)["aggregation_details"]["skipped"] == {"deleted": 1}


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.SUMMARY, FoldStep.NOTE),
        (Kind.SUMMARY, FoldStep.TELL),
        (Kind.THEMES, FoldStep.DRAFT),
        (Kind.THEMES, FoldStep.ASSIGN),
    ],
)
def test_words_of_a_document_deleted_while_they_were_folded_are_folded_again_without(
    house: EngineHouse, kind: Kind, step: FoldStep
) -> None:
    house.add("a", "Ticket\nCause: broken cable")
    gone = house.add("b", f"Ticket\nCause: {SECRET}")
    job_id, token = read(house, replace(causes(kind), limit=1))
    house.model = during(step, lambda: house.delete(gone))

    with pytest.raises(ReduceUnfinishedError):
        reduce(house, job_id)
    assert SECRET.lower() not in everything_kept(house).lower()
    house.follow(job_id, token)

    job = house.shown(job_id)
    assert job["status"] == "completed"
    assert SECRET.lower() not in str(job).lower()
    assert house.scalar("SELECT count(*) FROM reduce_nodes") > 0


def test_a_document_without_findings_deleted_meanwhile_changes_the_prose_figures(house: EngineHouse) -> None:
    house.add("a", "Ticket\nCause: broken cable")
    gone = house.add("b", "A recipe for soup.")
    job_id, token = read(house, causes(Kind.SUMMARY))
    house.model = during(FoldStep.TELL, lambda: house.delete(gone))

    with pytest.raises(ReduceUnfinishedError):
        reduce(house, job_id)
    house.follow(job_id, token)

    assert house.shown(job_id)["result"]["ledger"]["skipped"] == 1
