"""The figures of an answer: those of a plain reference, whatever order, batches and repeats they came in."""

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census.adapters.postgres.database import PostgresDatabase
from census.domain.extracted_text import ExtractedText
from census.domain.identity import sha256
from census.domain.plan import JsonObject, Plan
from census.domain.windows import Window
from census.ports.folding import FoldReply, FoldRequest, FoldStep
from census.ports.language_model import ModelRefusalError, ReadReply, ReadRequest
from census.ports.text_store import NewText
from tests.engine import dense_world
from tests.engine.house import EngineHouse
from tests.engine.reduce_reference import NORMS
from tests.engine.reduce_tables import THEME_OF, Expected, expected
from tests.engine.reduce_worlds import Paper, any_question, collections, every_question
from tests.fakes.scripted_model import COST, ScriptedLanguageModel

LARGEST_BATCH = 6_000


@dataclass(frozen=True)
class Way:
    """How readings come in: a seed for order, invocations and repeats; tokens of each document's windows."""

    seed: int
    tokens: tuple[int, ...]
    earlier: bool
    """Whether an earlier question read some of the documents."""


ways = st.builds(
    Way,
    st.integers(0, 2**32),
    st.tuples(*[st.integers(0, LARGEST_BATCH)] * 7),
    st.booleans(),
)
IN_LINE = Way(0, (0,) * 7, earlier=False)


def model_of(papers: list[Paper]) -> ScriptedLanguageModel:
    """A model that says of windows what is drawn, refuses those it shall, and knows three themes."""
    windows = [(paper, number) for paper in papers for number in range(len(paper.windows))]
    replies = {paper.window_text(number): paper.reply(number) for paper, number in windows}
    refused = {paper.window_text(number) for paper in papers for number in paper.refused}

    def read(request: ReadRequest) -> ReadReply:
        if any(window.text in refused for window in request.windows):
            raise ModelRefusalError("The model declined to read this.", COST)
        return ReadReply({w.id: replies[w.text] for w in request.windows}, COST, "scripted")

    return ScriptedLanguageModel(faults=[read], folding=fold)


def fold(request: FoldRequest) -> FoldReply | None:
    if request.step is FoldStep.DRAFT:
        return FoldReply(tuple(sorted({_theme(text) for text in request.texts})), usage=COST)
    if request.step is FoldStep.ASSIGN:
        places = {theme: place for place, theme in enumerate(request.themes)}
        return FoldReply(places=tuple(places.get(_theme(text)) for text in request.texts), usage=COST)
    return None


def _theme(label: str) -> str:
    return THEME_OF[NORMS[label] or ""]


def fill(house: EngineHouse, papers: list[Paper], way: Way) -> None:
    """The documents, each as long as the way says: so batches differ."""
    for paper, tokens in zip(papers, [*way.tokens, 0, 0], strict=False):
        file_id = house.announce(paper.name)
        windows = [
            Window(number, *paper.window_span(number), tokens, "") for number in range(len(paper.windows))
        ]
        extracted = ExtractedText(paper.text, None, (), (), "text/plain")
        with house.database.tenant(house.tenant_id) as work:
            saved = work.texts.save(NewText(sha256(paper.text), extracted, tokens, windows, []))
        read = {"text_id": saved.text_id} if paper.state == "completed" else {}
        house.set_file(file_id, status=paper.state, received_at=dt.datetime.now(dt.UTC), **read)


def answered(house: EngineHouse, plan: Plan, way: Way) -> JsonObject:
    """The job, its messages in any order and number an invocation, some of them twice."""
    chance = random.Random(way.seed)
    if way.earlier:
        names = [f"{letter}.txt" for letter in "caebd" if chance.random() < 0.5]
        house.answer(replace(plan, filters=replace(plan.filters, name=chance.choice([*names, "none"]))))
    job_id = house.ask(plan)
    if house.plan(job_id).next == "dispatch":
        token = house.dispatch(job_id)
        messages = house.queue.receive(100)
        messages += [one for one in messages if chance.random() < 0.3]
        chance.shuffle(messages)
        while messages:
            taken = chance.randint(1, 4)
            house.map(messages[:taken])
            messages = messages[taken:]
        house.map_all()
        house.follow(job_id, token)
    return house.shown(job_id)


def seen(house: EngineHouse, job: JsonObject) -> JsonObject:
    """All that people see of the answer, but for ids, and calls, of which another way may need more."""
    with house.database.tenant(house.tenant_id) as work:
        rows = work.items.rows(uuid.UUID(job["id"]), 0, 100)
    details = {name: value for name, value in job["aggregation_details"].items() if name != "calls"}
    result = job["result"]
    citations = [{k: v for k, v in one.items() if k != "source_id"} for one in result["citations"]]
    return {
        "status": job["status"],
        "result": {**result, "citations": citations},
        "details": details,
        "rows": [(r.ordinal, r.source_name, r.status, r.reason, r.fields, r.quotes) for r in rows],
    }


def shown(job: JsonObject) -> Expected:
    """The figures of a job as the reference gives them."""
    result, details = job["result"], job["aggregation_details"]
    citations = [
        (c["source_name"], (c["char_start"], c["char_end"], c["quote"], c["check"]))
        for c in result["citations"]
    ]
    reasons = {"failed": details["failed"], "skipped": details["skipped"]}
    return Expected(result["ledger"], reasons, result["table"]["rows"], citations)


def check_any_order(database: PostgresDatabase, papers: list[Paper], plan: Plan, way: Way) -> None:
    """Read in line and read this way, the answers are the same to the last letter."""
    answers = []
    for one in (IN_LINE, way):
        house = EngineHouse(database, model_of(papers))
        fill(house, papers, one)
        answers.append(seen(house, answered(house, plan, one)))
    assert answers[0] == answers[1]


def check_figures(database: PostgresDatabase, papers: list[Paper], plans: Sequence[Plan], way: Way) -> None:
    """All answers are what the reference says."""
    house = EngineHouse(database, model_of(papers))
    fill(house, papers, way)
    for plan in plans:
        assert shown(answered(house, plan, way)) == expected(plan, papers), plan
        way = replace(way, earlier=False)


any_order = given(papers=collections(), plan=any_question, way=ways)(check_any_order)
any_figures = given(papers=collections(), plans=every_question, way=ways)(check_figures)
few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


def test_any_order_partition_and_repeat_gives_the_same_answer(shared_database: PostgresDatabase) -> None:
    few(any_order)(shared_database)


def test_the_figures_are_those_of_a_reference_in_plain_python(shared_database: PostgresDatabase) -> None:
    few(any_figures)(shared_database)


def test_the_figures_of_a_collection_full_of_traps_are_those_of_the_reference(
    shared_database: PostgresDatabase,
) -> None:
    check_figures(shared_database, dense_world.PAPERS, dense_world.plans(), IN_LINE)
