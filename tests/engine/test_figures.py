"""Questions and the figures they get."""

import pytest

from census.domain.plan import Kind
from tests.engine.house import EngineHouse
from tests.engine.plans import but_not, by_year, count, fees, listing, top_laws
from tests.fakes.scripted_model import ScriptedLanguageModel


def test_a_count_counts_the_documents_that_hold_all_of_it(house: EngineHouse) -> None:
    house.add("both.txt", "We may audit you. Our liability is capped.")
    house.add("one.txt", "We may audit you.")
    house.add("none.txt", "Nothing of the sort.")
    job = house.answer(count("audit", "liability"))
    assert job["status"] == "completed"
    assert job["result"]["table"] == {"columns": ["documents"], "rows": [[1]]}
    assert job["result"]["ledger"]["match"] == 1
    assert job["result"]["ledger"]["no_match"] == 2
    assert job["result"]["bounds"] == {"low": 1, "high": 1}


def test_two_clauses_in_different_windows_are_both_in_the_document(house: EngineHouse) -> None:
    filler = "The parties agree to agree on what they agreed. " * 40
    house.add("long.txt", f"We may audit you. {filler} Our liability is capped.", window_tokens=120)
    job = house.answer(count("audit", "liability"))
    assert job["total_batches"] > 2
    assert job["result"]["ledger"]["match"] == 1


def test_one_but_not_the_other_names_the_documents(house: EngineHouse) -> None:
    house.add("b.txt", "We may audit you.")
    house.add("a.txt", "We may audit you. Our liability is capped.")
    job = house.answer(but_not("audit", "liability"))
    assert job["result"]["table"] == {"columns": ["document"], "rows": [["b.txt"]]}


def test_groups_by_year_stand_in_time_and_what_has_none_is_unknown(house: EngineHouse) -> None:
    for name, signed in {
        "a": "Signed: 1 June 2020",
        "b": "Signed: 2019-05-01",
        "c": "Signed: May 4, 2020",
    }.items():
        house.add(name, f"{signed}\nWe may audit {name}.")
    house.add("d", "We may audit d.")
    house.add("e", "Signed: 2018-01-01\nNothing.")
    job = house.answer(by_year("audit"))
    assert job["result"]["table"] == {
        "columns": ["year", "documents"],
        "rows": [["2019", 1], ["2020", 2], ["unknown", 1]],
    }


def test_the_commonest_values_come_first_whatever_their_case(house: EngineHouse) -> None:
    for number, law in enumerate(["Delaware", "delaware", "Delaware", "Texas", "Texas", "Ohio"]):
        house.add(str(number), f"Number {number}\nLaw: {law}")
    job = house.answer(top_laws(2))
    assert job["result"]["table"]["rows"] == [["Delaware", 3], ["Texas", 2]]


@pytest.mark.parametrize(
    ("kind", "dollars"),
    [(Kind.SUM, "1300.75"), (Kind.MIN, "100.25"), (Kind.MAX, "1200.50"), (Kind.AVG, "650.38")],
)
def test_amounts_are_aggregated_by_currency(house: EngineHouse, kind: Kind, dollars: str) -> None:
    house.add("a", "Fee: $1,200.50")
    house.add("b", "Fee: USD 100.25")
    house.add("c", "Fee: EUR 7")
    house.add("d", "No amount.")
    job = house.answer(fees(kind))
    assert job["result"]["table"] == {
        "columns": ["unit", kind.value, "documents"],
        "rows": [["USD", dollars, 2], ["EUR", "7", 1]],
    }
    assert job["result"]["bounds"] is None


def test_a_list_with_a_limit_says_how_many_more_there_are(house: EngineHouse) -> None:
    for number in range(4):
        house.add(f"{number}.txt", f"We may audit number {number}.")
    job = house.answer(listing("audit", limit=1))
    assert job["result"]["table"]["rows"] == [["0.txt"]]
    assert job["result"]["answer"].startswith(
        "4 of 4 documents match: mentions audit. They are: 0.txt and 3 more."
    )


def test_every_citation_is_the_texts_own_words_at_its_place(house: EngineHouse) -> None:
    content = "Preamble.\nWe may AUDIT your books.\nThe end."
    house.add("a.txt", content)
    job = house.answer(listing("audit"))
    (citation,) = job["result"]["citations"]
    assert content[citation["char_start"] : citation["char_end"]] == citation["quote"]
    assert citation["check"] == "exact"
    assert "AUDIT" in citation["quote"]


def test_the_answer_stands_in_the_conversation(house: EngineHouse) -> None:
    house.add("a.txt", "We may audit you.")
    job = house.answer(count("audit"))
    content = house.scalar("SELECT content FROM messages WHERE id = :id", id=job["message_id"])
    assert content == job["result"]["answer"]


def test_an_empty_collection_is_answered_without_a_call(house: EngineHouse) -> None:
    house.model = model = ScriptedLanguageModel()
    job = house.answer(count("audit"))
    assert (job["status"], model.calls) == ("completed", 0)
    assert job["result"]["answer"].startswith("The collection holds no documents")
    assert set(job["result"]["ledger"].values()) == {0}
