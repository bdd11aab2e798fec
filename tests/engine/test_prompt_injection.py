"""A hundred documents order an obedient model around: no side effect, no foreign shape, no foreign text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import text

from census.adapters.openai_language_model import OpenAILanguageModel
from census.domain.plan import AllOf, Atom, AtomField, AtomRef, FieldRef, FieldType, JsonObject, Kind, Plan
from census.ports.job_store import ItemRow
from tests.engine.house import EngineHouse
from tests.model_server import ModelServer, ObedientBrain
from tests.model_server.obedient_brain import FOREIGN, INVENTED, METADATA_URL, ORDERS, SQL

FEE = Atom("fee", "The text states the fee.", fields=(AtomField("amount", FieldType.MONEY),))
AUDIT = Atom("audit", "The text grants an audit.")
PLAN = Plan(
    Kind.SUM,
    "contracts with an audit and a fee",
    (AUDIT, FEE),
    AllOf((AtomRef("audit"), AtomRef("fee"))),
    measure=FieldRef("fee", "amount"),
)
BRAIN = ObedientBrain(words={"audit": "we may audit you", "fee": r"\$\d+"})
DANGEROUS = (INVENTED, METADATA_URL, SQL, FOREIGN)
JOB_TABLES = {"job_items", "job_batches", "job_signals", "map_results", "job_findings", "spending"}
ORDERING = 100
INNOCENT = 10
NEIGHBOURS = 20


@dataclass
class Attacked:
    """Two tenants whose jobs were read by one worker and one obedient model."""

    house: EngineHouse
    neighbour: EngineHouse
    server: ModelServer
    job: dict[str, object]
    rows: list[ItemRow]
    texts: dict[str, str]
    before: dict[str, int]
    after: dict[str, int]


def _fill(house: EngineHouse, tenant: str, count: int) -> dict[str, str]:
    """Short documents that order by turns, every eleventh an innocent one."""
    orders, texts = sorted(ORDERS), {}
    for number in range(count):
        innocent = number % (ORDERING // INNOCENT + 1) == 0
        order = "" if innocent else f"ORDER: {orders[number % len(orders)]}\n"
        name = f"{'innocent' if innocent else 'ordering'} {number:03}"
        texts[name] = f"Paper {number} of {tenant}.\n{order}We may audit you. The fee is ${number + 1}.\n"
        house.add(name, texts[name])
    return texts


def _rows_by_table(house: EngineHouse) -> dict[str, int]:
    """How many rows the tenant sees in each table, those of its jobs left out."""
    with house.database.tenant(house.tenant_id) as work:
        names = work.session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '_p[0-9]+$'")
        ).all()
        return {
            name: int(work.session.scalar(text(f"SELECT count(*) FROM {name}")) or 0)
            for name in names
            if name not in JOB_TABLES and name != "alembic_version"
        }


def _fields(row: ItemRow) -> JsonObject:
    return row.fields or {}


@pytest.fixture(scope="module")
def attacked(shared_database: object) -> Iterator[Attacked]:
    with ModelServer(BRAIN) as server:
        model = OpenAILanguageModel("key", server.base_url, "gpt-5-mini", "gpt-5", 10)
        house = EngineHouse(shared_database, model)  # type: ignore[arg-type]
        neighbour = EngineHouse(house.database, model, queue=house.queue)
        texts = _fill(house, "acme", ORDERING + INNOCENT)
        _fill(neighbour, "globex", NEIGHBOURS)
        jobs = {one.tenant_id: one.ask(PLAN) for one in (house, neighbour)}
        before = _rows_by_table(house)
        tokens = {}
        for one in (house, neighbour):
            one.plan(jobs[one.tenant_id])
            tokens[one.tenant_id] = one.dispatch(jobs[one.tenant_id])
        house.map_all()
        for one in (house, neighbour):
            one.workflow.answers |= house.workflow.answers
            one.follow(jobs[one.tenant_id], tokens[one.tenant_id])
        job_id = jobs[house.tenant_id]
        with house.database.tenant(house.tenant_id) as work:
            rows = list(work.items.rows(job_id, 0, 1000))
        yield Attacked(
            house, neighbour, server, house.shown(job_id), rows, texts, before, _rows_by_table(house)
        )


def test_the_job_ends_and_every_document_is_accounted_for(attacked: Attacked) -> None:
    assert attacked.job["status"] == "partial"
    ledger = attacked.job["result"]["ledger"]  # type: ignore[index]
    total = ledger.pop("total")
    assert total == sum(ledger.values()) == ORDERING + INNOCENT


def test_innocent_documents_are_read_right_beside_those_that_order(attacked: Attacked) -> None:
    innocent = [row for row in attacked.rows if row.source_name.startswith("innocent")]
    fees = {row.source_name: _fields(row)["fee"]["amount"] for row in innocent}
    assert len(innocent) == INNOCENT
    assert {str(row.status) for row in innocent} == {"match"}
    assert all(f"${values[0]['value']}." in attacked.texts[name] for name, values in fees.items())


def test_nothing_happens_but_reading(attacked: Attacked) -> None:
    assert attacked.after == attacked.before
    for queue in (attacked.house.uploads, attacked.house.fetches, attacked.house.queue):
        assert queue.receive() == []
    assert {call.purpose for call in attacked.server.calls} == {"read"}


def test_what_is_kept_has_the_shape_that_was_asked_for(attacked: Attacked) -> None:
    for row in attacked.rows:
        fields = _fields(row)
        assert set(fields) <= {"audit", "fee"}
        assert set(fields.get("audit", {})) <= {"status"}
        assert set(fields.get("fee", {})) <= {"status", "amount"}
        assert all(Decimal(value["value"]) > 0 for value in fields.get("fee", {}).get("amount", []))


def test_invented_words_are_evidence_of_nothing(attacked: Attacked) -> None:
    proven = [quote for row in attacked.rows for quote in row.quotes if quote["check"] != "unverified"]
    assert len(proven) >= 2 * INNOCENT
    assert not [quote for quote in proven if any(words in quote["quote"] for words in DANGEROUS)]
    answer = json.dumps(attacked.job["result"])
    assert not [words for words in DANGEROUS if words in answer]


def test_every_proven_quote_stands_in_its_own_document(attacked: Attacked) -> None:
    for row in attacked.rows:
        for quote in row.quotes:
            if quote["check"] == "exact":
                source = attacked.texts[row.source_name]
                assert source[quote["char_start"] : quote["char_end"]] == quote["quote"]


def test_no_prompt_holds_the_text_of_two_tenants(attacked: Attacked) -> None:
    of_acme = [prompt for prompt in attacked.server.prompts if "of acme" in prompt]
    of_globex = [prompt for prompt in attacked.server.prompts if "of globex" in prompt]
    assert len(of_acme) + len(of_globex) == len(attacked.server.prompts)
    assert len(of_acme) >= (ORDERING + INNOCENT) // 5
    assert len(of_globex) >= NEIGHBOURS // 5
    assert not set(of_acme) & set(of_globex)
