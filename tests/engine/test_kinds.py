"""More kinds of questions: mentions and entities, sides compared, buckets, figures by group."""

import pytest

from census.domain.plan import FieldRef, GroupBy, Kind, Plan, Unit
from tests.engine.house import EngineHouse
from tests.engine.plans import but_not, compared, count, fee_buckets, fees, laws, listing, mention


def rows(house: EngineHouse, plan: Plan) -> list[list[object]]:
    """The table's rows of the answer to a plan."""
    job = house.answer(plan)
    assert job["status"] == "completed"
    found: list[list[object]] = job["result"]["table"]["rows"]
    return found


@pytest.fixture
def three(house: EngineHouse) -> EngineHouse:
    """Three contracts, one of them under two laws."""
    house.add("a", "Signed: 2013-05-01\nLaw: Delaware\nLaw: Texas\nFee: $ 50\nWe may audit you.")
    house.add("b", "Signed: 2013-06-01\nLaw: State of Delaware.\nFee: $ 150\nNothing more.")
    house.add("c", "Signed: 2014-06-01\nLaw: Delawere\nFee: EUR 150\nWe may audit you. You may audit us.")
    return house


def test_mentions_are_counted_one_by_one(three: EngineHouse) -> None:
    plan = count("audit")
    job = three.answer(Plan(plan.kind, plan.predicate, plan.atoms, plan.where, unit=Unit.MENTION))
    assert job["result"]["table"] == {"columns": ["mentions", "documents"], "rows": [[3, 2]]}
    assert job["result"]["ledger"]["match"] == 2
    assert job["result"]["bounds"] is None


def test_a_mention_in_the_overlap_of_two_windows_is_one(house: EngineHouse) -> None:
    filler = "The parties agree to agree on what they agreed. " * 3
    house.add("long.txt", f"{filler * 2}We may audit you. {filler * 2}", window_tokens=60)
    plan = count("audit")
    job = house.answer(Plan(plan.kind, plan.predicate, plan.atoms, plan.where, unit=Unit.MENTION))
    assert job["total_batches"] > 1
    assert job["result"]["table"]["rows"] == [[1, 1]]


def test_mentions_are_listed_by_document(three: EngineHouse) -> None:
    plan = listing("audit")
    found = rows(three, Plan(plan.kind, plan.predicate, plan.atoms, plan.where, unit=Unit.MENTION))
    assert found == [["a", 1], ["c", 2]]


def test_every_value_of_a_document_counts_where_mentions_are_grouped(three: EngineHouse) -> None:
    assert rows(three, laws(Kind.GROUP_COUNT, Unit.MENTION)) == [
        ["Delaware", 2, 2],
        ["Delawere", 1, 1],
        ["Texas", 1, 1],
    ]


def test_entities_are_the_distinct_values(three: EngineHouse) -> None:
    job = three.answer(laws(Kind.COUNT, Unit.ENTITY))
    assert job["result"]["table"] == {"columns": ["different name"], "rows": [[3]]}
    assert rows(three, laws(Kind.LIST, Unit.ENTITY, limit=1)) == [["Delaware", 2, 2]]


def test_two_years_stand_side_by_side(three: EngineHouse) -> None:
    job = three.answer(compared("audit", "2014", "2013", "2015"))
    assert job["result"]["table"] == {
        "columns": ["year", "documents", "of", "percent"],
        "rows": [["2014", 1, 1, "100.0"], ["2013", 1, 2, "50.0"], ["2015", 0, 0, None]],
    }
    assert "2013: 1 of 2 (50.0 %)" in job["result"]["answer"]
    assert job["result"]["bounds"] == {"low": 2, "high": 2}


def test_amounts_fall_into_buckets_each_currency_for_itself(three: EngineHouse) -> None:
    assert rows(three, fee_buckets(100, 1000)) == [
        ["100 to under 1000 EUR", 1],
        ["under 100 USD", 1],
        ["100 to under 1000 USD", 1],
    ]


def test_a_measure_is_summed_by_group_and_currency(three: EngineHouse) -> None:
    job = three.answer(fees(Kind.SUM, GroupBy(FieldRef("law", "name"))))
    assert job["result"]["table"] == {
        "columns": ["name", "unit", "sum", "documents"],
        "rows": [["Delaware", "USD", "200", 2], ["Delawere", "EUR", "150", 1]],
    }


def test_every_amount_counts_where_mentions_are_measured(house: EngineHouse) -> None:
    house.add("a", "Fee: $ 50\nFee: $ 70.50")
    assert rows(house, fees(Kind.SUM)) == [["USD", "50", 1]]
    assert rows(house, fees(Kind.SUM, unit=Unit.MENTION)) == [["USD", "120.50", 2]]


def test_spellings_count_as_one_and_likenesses_are_offered(three: EngineHouse) -> None:
    job = three.answer(laws(Kind.GROUP_COUNT, Unit.DOCUMENT))
    assert job["result"]["table"]["rows"] == [["Delaware", 2], ["Delawere", 1]]
    details = job["aggregation_details"]
    assert details["merged"] == {"Delaware": ["Delaware", "State of Delaware."]}
    assert details["suggested_merges"] == [{"value": "Delawere", "into": "Delaware", "documents": 1}]


def test_merging_follows_what_people_say_also_against_the_rules(three: EngineHouse) -> None:
    taken = laws(Kind.GROUP_COUNT, Unit.DOCUMENT, merge=(("delawere", "Delaware"),))
    assert rows(three, taken) == [["Delaware", 3]]
    apart = (("State of Delaware.", "State of Delaware."),)
    assert rows(three, laws(Kind.GROUP_COUNT, Unit.DOCUMENT, merge=apart)) == [
        ["Delaware", 1],
        ["Delawere", 1],
        ["State of Delaware.", 1],
    ]


def test_what_is_merged_into_unknown_joins_the_documents_without_a_value(three: EngineHouse) -> None:
    three.add("d", "None at all.\nLaw: n/a")
    plan = laws(Kind.GROUP_COUNT, Unit.DOCUMENT, merge=(("Delawere", "unknown"),))
    assert rows(three, plan) == [["Delaware", 2], ["unknown", 2]]


def test_documents_of_one_but_not_the_other_are_told_apart_by_mention_too(three: EngineHouse) -> None:
    assert rows(three, but_not("audit", "texas")) == [["c"]]
    assert mention("audit").key != mention("texas").key
