"""Ten questions of different kinds about the contracts, and what the lawyers' labels say is right."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from census.adapters.openai_language_model import OpenAILanguageModel
from census.adapters.postgres.database import PostgresDatabase
from census.domain.extracted_text import clean_text
from census.domain.plan import JsonObject
from tests.engine.going_on import retry
from tests.engine.house import EngineHouse
from tests.model_server import Fault, FaultPlan, GoldBrain, Latency, ModelServer
from tests.model_server.gold_rows import Gold
from tests.model_server.gold_themes import theme_of

Rows = list[list[object]]
AUDIT, CAP, ASSIGNMENT = "Audit Rights", "Cap on Liability", "Anti-Assignment"
PASSING = (Fault.MISSING_IDS, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.BAD_JSON, Fault.DROPPED)
INVOCATIONS = 4
TRIES = 4


def ten_percent(seed: int) -> FaultPlan:
    """A tenth of the readings fail, by faults that another attempt can mend."""
    return FaultPlan(rate=0.1, seed=seed, kinds=PASSING, retry_after_seconds=0.01)


def add_contracts(house: EngineHouse, folder: Path) -> None:
    """The sixty contracts, as text."""
    for path in sorted((folder / "txt").glob("*.txt")):
        house.add(path.stem, clean_text(path.read_text(encoding="utf-8")))


def answer(house: EngineHouse, question: str) -> JsonObject:
    """Ask, read by several invocations at once, and retry the job as long as documents lack a verdict."""
    job_id = house.ask(None, question)
    for _ in range(TRIES):
        if house.plan(job_id).next == "dispatch":
            token = house.dispatch(job_id)
            while house.queue.delays():
                house.queue.advance(max(house.queue.delays()))
                with ThreadPoolExecutor(INVOCATIONS) as pool:
                    list(pool.map(lambda _: house.map(), range(INVOCATIONS)))
            house.follow(job_id, token)
        job = house.shown(job_id)
        if job["status"] != "partial":
            return job
        retry(house, job_id)
    return house.shown(job_id)


def figures(job: JsonObject) -> Rows:
    """The table's rows; of themes the documents only, for a contract may name its law more than once."""
    table = job["result"]["table"]
    wanted = [place for place, name in enumerate(table["columns"]) if name != "mentions"]
    return [[row[place] for place in wanted] for row in table["rows"]]


def check_seed(database: PostgresDatabase, folder: Path, seed: int) -> int:
    """Ask all ten, as a tenant of its own, of a model that fails by this seed; how many calls read."""
    brain = GoldBrain.load(folder)
    with ModelServer(brain, ten_percent(seed), Latency(0.01)) as server:
        house = EngineHouse(database, OpenAILanguageModel("key", server.base_url, "gpt-5-mini", "gpt-5", 30))
        add_contracts(house, folder)
        for question, right in QUESTIONS.items():
            job = answer(house, question)
            assert job["status"] == "completed", (question, job["error_message"])
            assert sum(job["result"]["ledger"].values()) == 2 * len(brain.gold.rows), question
            assert sorted(figures(job), key=str) == sorted(right(brain.gold), key=str), question
        return len(server.map_calls)


def _rows(counts: Mapping[str, int]) -> Rows:
    return [[name, number] for name, number in counts.items()]


def _by_year(gold: Gold) -> Rows:
    years = Counter(gold.rows[name].year or "unknown" for name in gold.holding(ASSIGNMENT))
    return _rows(dict(sorted(years.items())))


def _laws(gold: Gold) -> Counter[str]:
    return Counter(row.governing_law for row in gold.rows.values() if row.governing_law)


def _compared(gold: Gold) -> Rows:
    audited = Counter(gold.rows[name].year for name in gold.holding(AUDIT))
    every = Counter(row.year for row in gold.rows.values())
    return [[year, audited[year], every[year], f"{100 * audited[year] / every[year]:.1f}"] for year in YEARS]


def _themes(gold: Gold) -> Rows:
    found: Counter[str] = Counter()
    for law, number in _laws(gold).items():
        found[theme_of(law)] += number
    return _rows(found)


def _named(names: Iterable[str]) -> Rows:
    return [[name] for name in sorted(names)]


YEARS = ("2019", "2000")
Right = Callable[[Gold], Rows]
QUESTIONS: Mapping[str, Right] = {
    "How many contracts restrict assignment?": lambda gold: [[len(gold.holding(ASSIGNMENT))]],
    "How many contracts restrict assignment, by year?": _by_year,
    "Which contracts are governed by New York law?": lambda gold: _named(
        name for name, row in gold.rows.items() if row.governing_law == "New York"
    ),
    "How many contracts grant audit rights and also cap liability?": lambda gold: [
        [len(gold.holding(AUDIT, CAP))]
    ],
    "Which contracts have audit rights but no cap on liability?": lambda gold: _named(
        set(gold.holding(AUDIT)) - set(gold.holding(CAP))
    ),
    "How many contracts have exclusivity or a non-compete clause?": lambda gold: [
        [len({*gold.holding("Exclusivity"), *gold.holding("Non-Compete")})]
    ],
    f"Compare {YEARS[0]} and {YEARS[1]}: how many contracts grant audit rights?": _compared,
    "What are the most common governing laws of all contracts?": lambda gold: _rows(_laws(gold)),
    "How many different governing laws do the contracts name?": lambda gold: [[len(_laws(gold))]],
    "What are the main themes of the governing laws of all contracts?": _themes,
}
"""The question, and the rows of the answer's table by the labels; their order is not part of it."""
