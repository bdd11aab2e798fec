"""Themes and summaries: bounded nodes that are kept, and prose without a figure of its own."""

import re
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from census.application.fold_findings import FoldTools, ReduceUnfinishedError
from census.application.reduce_job import reduce_job
from census.application.regroup_job import changed_plan
from census.domain.folding import FINDINGS_A_NODE, LABELS_A_NODE, NOTES_A_NODE
from census.domain.plan import Kind
from census.ports.folding import FoldReply, FoldRequest, FoldStep
from census.ports.language_model import ModelReplyInvalidError
from tests.engine.going_on import cancel
from tests.engine.house import EngineHouse, price
from tests.engine.plans import causes
from tests.fakes.scripted_model import COST, ScriptedLanguageModel


def add_tickets(house: EngineHouse, *labels: str) -> None:
    for number, cause in enumerate(labels):
        house.add(f"{number:05}", f"Ticket {number}\nCause: {cause}")


def scripted(house: EngineHouse) -> ScriptedLanguageModel:
    assert isinstance(house.model, ScriptedLanguageModel)
    return house.model


def telling(*proses: str) -> ScriptedLanguageModel:
    """A model that words answers like this, one after the other."""
    left = list(proses)

    def fold(request: FoldRequest) -> FoldReply | None:
        return FoldReply((left.pop(0),), usage=COST) if request.step is FoldStep.TELL else None

    return ScriptedLanguageModel(folding=fold)


def test_every_finding_counts_for_one_theme(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "full disk", "broken cable", "loose cable", "cable cut", "moonlight")
    job = house.answer(causes(limit=2))
    assert job["status"] == "completed"
    assert job["result"]["table"] == {
        "columns": ["theme", "mentions", "documents"],
        "rows": [["cable", 3, 3], ["disk", 2, 2], ["other", 1, 1]],
    }
    assert "cable: 3" in job["result"]["answer"]
    assert job["result"]["bounds"] is None


def test_folding_is_charged_to_the_job(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable")
    job = house.answer(causes())
    assert [request.step for request in scripted(house).folds] == [FoldStep.DRAFT, FoldStep.ASSIGN]
    calls = scripted(house).calls + 2
    assert job["cost"]["spent_usd"] == float(price(COST) * calls)
    assert job["aggregation_details"]["calls"] == calls


def test_no_node_is_above_its_bound_and_all_are_kept_for_the_next_question(house: EngineHouse) -> None:
    add_tickets(house, *(f"cause w{number}x of item{number % 7}" for number in range(LABELS_A_NODE * 2 + 5)))
    first = house.answer(causes())
    sizes: dict[FoldStep, list[int]] = {step: [] for step in FoldStep}
    for request in scripted(house).folds:
        sizes[request.step].append(len(request.texts))
    assert len(sizes[FoldStep.DRAFT]) == 4
    assert max(sizes[FoldStep.DRAFT] + sizes[FoldStep.ASSIGN]) <= LABELS_A_NODE
    asked = len(scripted(house).folds)
    assert house.answer(causes())["result"]["table"] == first["result"]["table"]
    assert len(scripted(house).folds) == asked


def test_a_summary_is_told_from_a_tree_of_notes_with_figures_filled_in(house: EngineHouse) -> None:
    house.model = telling("Of {total} tickets, {match} name a cause in {findings} places.")
    documents = FINDINGS_A_NODE * (NOTES_A_NODE + 1)
    add_tickets(house, *(f"broken cable {letters(number)}" for number in range(documents)))
    job = house.answer(causes(Kind.SUMMARY))
    notes = [len(r.texts) for r in scripted(house).folds if r.step is FoldStep.NOTE]
    assert notes == [FINDINGS_A_NODE] * (NOTES_A_NODE + 1) + [NOTES_A_NODE, 1]
    assert (
        f"Of {documents} tickets, {documents} name a cause in {documents} places." in job["result"]["answer"]
    )


@pytest.mark.parametrize("prose", ["5 tickets.", "Seven of them.", "About {none}.", "Half.", "Ⅻ of {match}"])
def test_a_figure_of_the_models_own_is_sent_back_once(house: EngineHouse, prose: str) -> None:
    house.model = telling(prose, "All {match} name cables.")
    add_tickets(house, "broken cable", "loose cable")
    assert "All 2 name cables." in house.answer(causes(Kind.SUMMARY))["result"]["answer"]


def test_the_second_time_the_answer_does_without_prose(house: EngineHouse) -> None:
    house.model = telling("5 tickets.", "6 tickets.")
    add_tickets(house, "broken cable", "loose cable")
    job = house.answer(causes(Kind.SUMMARY))
    assert job["status"] == "completed"
    assert set(re.findall(r"\d+", job["result"]["answer"])) == {"2"}
    assert "No prose could be worded" in job["result"]["answer"]


def test_a_reduction_that_runs_out_of_time_goes_on_where_it_stopped(house: EngineHouse) -> None:
    add_tickets(house, *(f"cause w{number}x" for number in range(LABELS_A_NODE + 5)))
    job_id = house.ask(causes())
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map_all()
    left = [True, True]
    short = FoldTools(house.database, house.model, price, in_time=lambda: bool(left and left.pop()))
    with pytest.raises(ReduceUnfinishedError):
        reduce_job(short, house.tenant_id, job_id, house.job(job_id).started_generation)
    made = len(scripted(house).folds)
    assert made == 2
    house.follow(job_id, token)
    asked = [(r.step, r.texts) for r in scripted(house).folds]
    assert len(asked) == len(set(asked))
    assert house.shown(job_id)["status"] == "completed"


def test_at_the_cap_the_labels_stand_as_they_were_read(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable")
    job_id = house.ask(causes())
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map_all()
    house.set_job(job_id, cap_usd=Decimal("0.001"))
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert scripted(house).folds == []
    assert "Themes were not drawn up (the cap of 0.001" in job["result"]["answer"]
    assert job["result"]["table"]["rows"] == [["broken cable", 1, 1], ["disk full", 1, 1]]


def test_with_the_budget_used_up_nothing_more_is_folded(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable")
    job_id = house.ask(causes())
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map_all()
    house.run("INSERT INTO budgets (subject, daily_usd) VALUES (:user, 0)", user=house.caller.user_id)
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert scripted(house).folds == []
    assert job["status"] == "completed"
    assert "Themes were not drawn up (the budget is used up" in job["result"]["answer"]


def test_a_model_that_folds_nonsense_costs_its_calls_and_spoils_no_answer(house: EngineHouse) -> None:
    def nonsense(_request: FoldRequest) -> FoldReply:
        raise ModelReplyInvalidError("The model's reply is no folding.", COST)

    house.model = ScriptedLanguageModel(folding=nonsense)
    add_tickets(house, "disk full", "broken cable")
    job = house.answer(causes(Kind.SUMMARY))
    assert job["status"] == "completed"
    assert "No summary was written" in job["result"]["answer"]
    assert job["aggregation_details"]["calls"] == scripted(house).calls + 1


def test_a_cancelled_job_shows_the_labels_without_a_call(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable")
    job_id = house.ask(causes())
    house.plan(job_id)
    house.dispatch(job_id)
    house.map_all()
    cancel(house, job_id)
    assert scripted(house).folds == []
    assert house.shown(job_id)["result"]["table"]["rows"] == [["broken cable", 1, 1], ["disk full", 1, 1]]


def test_the_rules_fold_too(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable", "loose cable")
    plan = replace(causes(), limit=1)
    assert house.answer(plan)["result"]["table"]["rows"] == [["cable", 2, 2], ["other", 1, 1]]


def test_labels_can_be_regrouped_into_themes_and_back(house: EngineHouse) -> None:
    add_tickets(house, "disk full", "broken cable")
    job = house.answer(causes(Kind.GROUP_COUNT))
    before = scripted(house).calls
    plan = changed_plan(house.job(job_id_of(job)), {"kind": "themes"})
    assert house.answer(plan)["result"]["table"]["columns"] == ["theme", "mentions", "documents"]
    assert scripted(house).calls == before


def job_id_of(job: dict[str, str]) -> UUID:
    return UUID(job["id"])


def letters(number: int) -> str:
    """A number without a figure in it."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}")
