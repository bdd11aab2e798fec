"""The gold brain knows a contract by its text, and its answers joined over the windows are the gold."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from census.adapters.openai_language_model import OpenAILanguageModel
from census.domain.extracted_text import ExtractedText, clean_text
from census.domain.plan import Atom, Plan
from census.domain.windows import cut_windows
from census.ports.language_model import PlanRequest, ReadAtom, ReadRequest, ReadStatus, WindowText
from tests.model_server import GoldBrain, ModelServer
from tests.model_server.brains import AskedWindow, Json
from tests.model_server.canned_plans import AUDIT, DATE, NEW_YORK
from tests.model_server.gold_rows import Gold, GoldRow, partial_date

CUAD = Path(__file__).parents[3] / "shared" / "cuad"
ASSIGNMENT_BY_YEAR = "How many contracts restrict assignment, by year of the agreement date?"
BOTH = "How many have both audit rights and a cap on liability?"
NEW_YORK_LIST = "Which contracts are governed by New York law?"

FILLER = " ".join(
    f"Clause {n} says that party {n * n} shall deliver item {n * 7} promptly." for n in range(300)
)
AUDIT_CLAUSE = "Either party may audit the books of the other party once a year."
TEXTS = {
    "one": f"This Agreement is made on June 1, 2020. {FILLER} {AUDIT_CLAUSE} The end of one.",
    "two": f"A lease. {FILLER.replace('deliver', 'store')} New York law governs. The end of two.",
}
ROWS = {
    "one": GoldRow(
        "one",
        "6/1/2020",
        "Texas",
        {"Audit Rights": True},
        {"Audit Rights": (AUDIT_CLAUSE,), "Agreement Date": ("June 1, 2020",)},
    ),
    "two": GoldRow(
        "two", None, "New York", {"Audit Rights": False}, {"Governing Law": ("New York law governs.",)}
    ),
}


@pytest.fixture(scope="module")
def brain() -> GoldBrain:
    return GoldBrain(Gold(ROWS), TEXTS)


def read(brain: GoldBrain, criterion: Json, text: str) -> Json:
    return brain.read([criterion], AskedWindow("w", "", text))[criterion["name"]]


def test_a_window_is_recognised_although_its_white_space_and_hyphens_differ(brain: GoldBrain) -> None:
    mangled = "\n".join(textwrap.wrap(TEXTS["two"][4000:6000], 37)).replace("promptly", "prompt-\nly")
    assert brain.contract_of(f"Page 7 of 9\n{mangled}") == "two"


def test_a_text_of_no_contract_matches_nothing(brain: GoldBrain) -> None:
    assert brain.contract_of("A text about audit rights in general.") is None
    assert read(brain, AUDIT, "A text about audit rights in general.")["status"] == "no_match"


def test_a_window_with_the_gold_quote_matches_and_quotes_its_own_words(brain: GoldBrain) -> None:
    window = TEXTS["one"][-800:].replace("books of", "books\n  of")
    reading = read(brain, AUDIT, window)
    assert reading["status"] == "match"
    assert reading["quotes"][0] in window
    assert "books\n  of" in reading["quotes"][0]


def test_a_window_without_it_does_not_match(brain: GoldBrain) -> None:
    assert read(brain, AUDIT, TEXTS["one"][:3000])["status"] == "no_match"
    assert read(brain, AUDIT, TEXTS["two"])["status"] == "no_match"


@pytest.mark.parametrize("cut", range(-90, -15, 5))
def test_a_clause_cut_in_two_still_matches_in_a_window(brain: GoldBrain, cut: int) -> None:
    parts = TEXTS["one"][:cut], TEXTS["one"][cut:]
    statuses = [read(brain, AUDIT, part)["status"] for part in parts]
    assert "match" in statuses


def test_a_quote_that_the_text_spells_otherwise_still_matches_once(brain: GoldBrain) -> None:
    window = TEXTS["one"][-800:].replace("audit the books", "audlt tbe bo0ks")
    reading = read(brain, AUDIT, window)
    assert reading["status"] == "match"
    assert reading["quotes"][0] in window


def test_the_agreement_date_is_a_value_with_its_words(brain: GoldBrain) -> None:
    reading = read(brain, DATE, TEXTS["one"][:2000])
    assert [(v["value"], v["quote"]) for v in reading["values"]] == [("2020-06-01", "June 1, 2020.")]


def test_a_blank_date_gives_no_value(brain: GoldBrain) -> None:
    assert read(brain, DATE, TEXTS["two"]) == {"status": "no_match", "quotes": [], "values": []}


def test_a_statement_about_one_law_matches_that_law_only(brain: GoldBrain) -> None:
    assert read(brain, NEW_YORK, TEXTS["two"])["values"][0]["value"] == "New York"
    assert read(brain, NEW_YORK, TEXTS["one"])["status"] == "no_match"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("6/1/2020", "2020-06-01"),
        ("04/[]/2013", "2013-04"),
        ("[]/[]/2013", "2013"),
        ("07/31/2000; 07/[]/2000", "2000-07-31"),
        ("04/30/[]", None),
        ("[]/[]/20[]", None),
        ("[]/[]/[]", None),
        (None, None),
    ],
)
def test_a_date_is_as_precise_as_the_contract(text: str | None, date: str | None) -> None:
    assert partial_date(text) == date


# ── the sixty contracts ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def contracts() -> Iterator[tuple[OpenAILanguageModel, Gold]]:
    brain = GoldBrain.load(CUAD)
    with ModelServer(brain) as server:
        yield OpenAILanguageModel("k", server.base_url, "gpt-5-mini", "gpt-5", 30), brain.gold


Joined = Mapping[str, Mapping[str, list[ReadAtom]]]


def read_all(model: OpenAILanguageModel, atoms: tuple[Atom, ...], max_tokens: int) -> Joined:
    """The matching readings by contract and atom; every quote must stand in its window."""
    found: dict[str, dict[str, list[ReadAtom]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted((CUAD / "txt").glob("*.txt")):
        text = clean_text(path.read_text(encoding="utf-8"))
        whole = ExtractedText(text, None, (), (), "text/plain")
        for window in cut_windows(whole, max_tokens=max_tokens, overlap_tokens=300):
            words = WindowText("w", window.heading, text[window.char_start : window.char_end])
            readings = model.read_windows(ReadRequest(atoms, (words,))).readings["w"]
            for name, reading in readings.items():
                assert all(quote in words.text for quote in reading.quotes)
                if reading.status is ReadStatus.MATCH:
                    found[path.stem][name].append(reading)
    return found


def planned(model: OpenAILanguageModel, question: str) -> Plan:
    plan = model.plan_question(PlanRequest(question)).plan
    assert plan is not None
    return plan


@pytest.mark.cuad
@pytest.mark.skipif(not CUAD.exists(), reason="the contracts of ../shared/cuad are not here")
@pytest.mark.parametrize("max_tokens", [5000, 1500])
def test_windows_joined_give_the_gold(contracts: tuple[OpenAILanguageModel, Gold], max_tokens: int) -> None:
    model, gold = contracts
    questions = (ASSIGNMENT_BY_YEAR, BOTH, NEW_YORK_LIST)
    atoms = tuple(atom for question in questions for atom in planned(model, question).atoms)
    found = read_all(model, atoms, max_tokens)
    for atom, category in (
        ("anti_assignment", "Anti-Assignment"),
        ("audit_rights", "Audit Rights"),
        ("cap_on_liability", "Cap on Liability"),
    ):
        assert {f for f in gold.rows if found[f][atom]} == set(gold.holding(category))
    in_new_york = {f for f, row in gold.rows.items() if row.governing_law == "New York"}
    assert {f for f in gold.rows if found[f]["new_york_law"]} == in_new_york
    for file, row in gold.rows.items():
        dates = {value.value for reading in found[file]["agreement_date"] for value in reading.values}
        assert dates == ({row.date} if row.date else set())
