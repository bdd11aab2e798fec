"""Names of groups that only a deleted document gave leave finished answers; the figures stay."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from census.domain.citations import DELETED_QUOTE
from census.domain.plan import FieldRef, GroupBy, JsonObject, Kind, Plan, Unit
from census.ports.folding import FoldReply, FoldRequest, FoldStep
from tests.engine.house import EngineHouse
from tests.engine.plans import by_year, causes, fees, laws
from tests.engine.test_deletion import SECRET, everything_kept
from tests.fakes.scripted_model import COST, ScriptedLanguageModel

BY_LAW = GroupBy(FieldRef("law", "name"))


def drafting(*themes: str) -> ScriptedLanguageModel:
    """A model that draws up these themes; all labels are of the first, but for those without a cable."""

    def fold(request: FoldRequest) -> FoldReply | None:
        if request.step is FoldStep.DRAFT:
            return FoldReply(themes, usage=COST)
        return FoldReply(places=tuple(place(label) for label in request.texts), usage=COST)

    def place(label: str) -> int:
        return 0 if "cable" in label else len(themes) - 1

    return ScriptedLanguageModel(folding=fold)


def shown_after_deletion(house: EngineHouse, plan: Plan, gone: UUID) -> JsonObject:
    """The answer to the plan as it is shown when the document is gone."""
    job = house.answer(plan)
    assert SECRET in str(job["result"]["table"])
    house.delete(gone)
    assert SECRET.lower() not in everything_kept(house).lower()
    return house.shown(UUID(job["id"]))


@pytest.mark.parametrize(
    ("plan", "rows"),
    [
        (laws(Kind.GROUP_COUNT, Unit.DOCUMENT), [["Ohio", 2], [DELETED_QUOTE, 1]]),
        (laws(Kind.TOP_K, Unit.MENTION), [["Ohio", 2, 2], [DELETED_QUOTE, 1, 1]]),
        (laws(Kind.LIST, Unit.ENTITY), [["Ohio", 2, 2], [DELETED_QUOTE, 1, 1]]),
        (laws(Kind.COMPARE, Unit.DOCUMENT), [["Ohio", 2, 2, "100.0"], [DELETED_QUOTE, 1, 1, "100.0"]]),
        (
            fees(Kind.SUM, BY_LAW),
            [[DELETED_QUOTE, "USD", "5", 1], ["Ohio", "USD", "7", 1], ["Ohio", "EUR", "7", 1]],
        ),
    ],
)
def test_a_group_that_only_the_deleted_document_named_keeps_its_figures_without_a_name(
    house: EngineHouse, plan: Plan, rows: Sequence[Sequence[Any]]
) -> None:
    gone = house.add("a", f"Law: {SECRET}\nFee: $5")
    house.add("b", "Law: Ohio\nFee: $7")
    house.add("c", "Law: Ohio\nFee: EUR 7")

    job = shown_after_deletion(house, plan, gone)

    assert sorted(job["result"]["table"]["rows"], key=str) == sorted(rows, key=str)
    assert f"{DELETED_QUOTE}: " in job["result"]["answer"]
    assert "Ohio: " in job["result"]["answer"]
    message = house.scalar("SELECT content FROM messages WHERE id = :id", id=job["message_id"])
    assert message == job["result"]["answer"]


def test_a_group_that_others_name_too_keeps_its_name_in_their_spelling(house: EngineHouse) -> None:
    gone = house.add("a", f"Law: State of {SECRET}.")
    house.add("b", "Law: Ohio")
    house.add("c", f"Law: {SECRET}")
    house.add("d", "Law: Texas")
    job = house.answer(laws(Kind.GROUP_COUNT, Unit.DOCUMENT))
    assert job["aggregation_details"]["merged"] == {SECRET: [SECRET, f"State of {SECRET}."]}
    house.delete(gone)
    shown = house.shown(UUID(job["id"]))
    assert shown["result"]["table"] == job["result"]["table"]
    assert shown["aggregation_details"]["merged"] == {}


def test_offers_to_merge_what_is_gone_are_gone(house: EngineHouse) -> None:
    house.add("a", "Law: Delaware")
    house.add("b", "Law: Delaware")
    gone = house.add("c", "Law: Delawere")
    job = house.answer(laws(Kind.GROUP_COUNT, Unit.DOCUMENT))
    assert job["aggregation_details"]["suggested_merges"]
    house.delete(gone)
    assert house.shown(UUID(job["id"]))["aggregation_details"]["suggested_merges"] == []


def test_a_theme_that_nobody_else_counts_for_is_masked(house: EngineHouse) -> None:
    house.model = drafting("Cables", f"{SECRET}s")
    gone = house.add("a", f"Cause: {SECRET}s")
    house.add("b", "Cause: broken cable")
    house.add("c", "Cause: loose cable")
    job = shown_after_deletion(house, causes(), gone)
    assert job["result"]["table"]["rows"] == [["Cables", 2, 2], [DELETED_QUOTE, 1, 1]]


def test_a_theme_that_uses_a_word_only_the_deleted_document_had_is_masked(house: EngineHouse) -> None:
    house.model = drafting(f"Cables of the {SECRET} kind")
    gone = house.add("a", f"Cause: the {SECRET} cable")
    house.add("b", "Cause: broken cable")
    job = shown_after_deletion(house, causes(), gone)
    assert job["result"]["table"]["rows"] == [[DELETED_QUOTE, 2, 2]]


def test_a_theme_in_words_of_the_others_keeps_its_name(house: EngineHouse) -> None:
    house.model = drafting("Cables")
    gone = house.add("a", f"Cause: {SECRET} cable")
    house.add("b", "Cause: broken cable")
    job = house.answer(causes())
    house.delete(gone)
    assert house.shown(UUID(job["id"]))["result"]["table"] == job["result"]["table"]


def test_years_are_figures_and_stay(house: EngineHouse) -> None:
    gone = house.add("a", "Signed: 2014-05-01\nWe may audit you.")
    job = house.answer(by_year("audit"))
    house.delete(gone)
    assert house.shown(UUID(job["id"]))["result"]["table"]["rows"] == [["2014", 1]]


def test_running_results_lose_the_name_at_once(house: EngineHouse) -> None:
    laws_of = [SECRET, *["Ohio"] * 19]
    files = [house.add(f"{n:02}", f"Paper {n}\nLaw: {law}") for n, law in enumerate(laws_of)]
    job_id = house.ask(laws(Kind.GROUP_COUNT, Unit.DOCUMENT))
    house.plan(job_id)
    house.dispatch(job_id)
    house.map(house.queue.receive(2))
    assert SECRET in str(house.shown(job_id)["intermediate_results"])
    house.delete(files[0])
    assert SECRET not in str(house.shown(job_id)["intermediate_results"])
