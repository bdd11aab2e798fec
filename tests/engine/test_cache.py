"""What was read once is not read again."""

from census.domain.plan import AllOf, AtomRef, Kind, Plan
from tests.engine.house import EngineHouse
from tests.engine.plans import by_year, count, listing, mention
from tests.fakes.scripted_model import ScriptedLanguageModel, invalid


def calls_of(house: EngineHouse, plan: Plan) -> int:
    house.model = model = ScriptedLanguageModel()
    job = house.answer(plan)
    assert job["status"] == "completed"
    return model.calls


def test_the_same_question_again_makes_no_call(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    assert calls_of(house, count("audit")) == 1
    assert calls_of(house, count("audit")) == 0


def test_another_use_of_the_same_atoms_makes_no_call(house: EngineHouse) -> None:
    house.add("a", "Signed: 2020-01-01\nWe may audit you.")
    assert calls_of(house, by_year("audit")) == 1
    assert calls_of(house, listing("audit")) == 0


def test_only_the_atoms_that_are_missing_are_asked(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    calls_of(house, count("audit"))
    house.model = model = ScriptedLanguageModel()
    house.answer(count("audit", "liability"))
    assert [[atom.name for atom in request.atoms] for request in model.requests] == [["liability"]]


def test_only_new_documents_are_read(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    calls_of(house, count("audit"))
    house.add("b", "New words.")
    house.model = model = ScriptedLanguageModel()
    job = house.answer(count("audit"))
    assert [[w.text for w in request.windows] for request in model.requests] == [["New words."]]
    assert job["result"]["ledger"]["total"] == 2


def test_the_same_content_twice_is_read_once_and_counts_twice(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    house.add("copy of a", "We may audit you.")
    house.model = model = ScriptedLanguageModel()
    job = house.answer(count("audit"))
    assert sum(len(request.windows) for request in model.requests) == 1
    assert job["result"]["ledger"]["match"] == 2
    assert job["processed_items"] == 2


def test_the_same_words_cut_otherwise_are_read_as_well(house: EngineHouse) -> None:
    content = "Nothing of note is said in this sentence. " * 30 + "We may audit you."
    house.add("short windows", content, source="as text", window_tokens=100)
    house.add("one window", content, source="as markdown")
    job = house.answer(count("audit"))
    assert job["result"]["ledger"]["match"] == 2


def test_failures_are_not_kept(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    house.model = ScriptedLanguageModel([invalid])
    assert house.answer(count("audit"))["status"] == "failed"
    assert calls_of(house, count("audit")) == 1


def test_another_model_reads_for_itself(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    calls_of(house, count("audit"))
    house.model = other = ScriptedLanguageModel(contract_version="2")
    house.answer(count("audit"))
    assert other.calls == 1


def test_two_tenants_share_nothing(house: EngineHouse) -> None:
    neighbour = EngineHouse(house.database)
    for tenant in (house, neighbour):
        tenant.add("a", "We may audit you.")
        assert calls_of(tenant, count("audit")) == 1


def test_what_is_cached_for_a_part_of_a_long_document_is_used(house: EngineHouse) -> None:
    content = "Nothing of note is said in this sentence. " * 30
    house.add("long", content, window_tokens=100)
    first = calls_of(house, count("audit"))
    one_result = "SELECT min(window_key) FROM map_results"
    house.run(f"DELETE FROM map_results WHERE window_key = ({one_result})")
    assert first > 2
    assert calls_of(house, count("audit")) == 1


def test_a_renamed_atom_with_the_same_meaning_needs_no_call(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    calls_of(house, count("audit"))
    atom = mention("audit")
    renamed = type(atom)("other name", atom.statement, term=atom.term)
    plan = Plan(Kind.COUNT, "audits", (renamed,), AllOf((AtomRef("other name"),)))
    assert calls_of(house, plan) == 0


def test_one_new_document_in_a_hundred_costs_one_call(house: EngineHouse) -> None:
    for number in range(100):
        house.add(f"{number:03}", f"We may audit {number}.")
    calls_of(house, count("audit"))
    house.add("new", "We may audit what is new.")
    assert calls_of(house, count("audit")) == 1
