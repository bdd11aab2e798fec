"""Planning and reducing as the collection grows: time of each, memory of the process, size of the nodes."""

import resource
import time
import uuid
from multiprocessing import get_context
from typing import Any

from census.adapters.postgres.database import PostgresDatabase
from census.application.fold_findings import FoldTools
from census.application.reduce_job import reduce_job
from census.domain.folding import FINDINGS_A_NODE, LABELS_A_NODE, NOTES_A_NODE
from census.domain.identity import Caller
from census.domain.plan import Kind
from infra.local.postgres import DATABASE
from tests.database.servers import running
from tests.engine.house import EngineHouse, price
from tests.engine.plans import CAUSE, causes
from tests.fakes.scripted_model import ScriptedLanguageModel

SIZES = (500, 5_000, 20_000)
FLAT_MEGABYTES = 60
"""What reducing 20,000 documents may take above reducing 500: buffers, no collection."""
SECONDS_A_THOUSAND = 2.0


def run() -> list[str]:
    """Fully cached jobs of three sizes, each in a process of its own."""
    missed, megabytes = [], {}
    with running(18) as server:
        for size in SIZES:
            found = _measured(server.url(DATABASE), size)
            megabytes[size] = found["megabytes"]
            print(
                f"   {size:>6,} documents: planned in {found['plan']:.2f} s ({found['batches']} batches),"
                f" reduced in {found['reduce']:.2f} s, +{found['megabytes']:.0f} MB;"
                f" {found['nodes']} nodes of at most {found['largest']} texts"
            )
            if found["plan"] + found["reduce"] > SECONDS_A_THOUSAND * max(1, size / 1000) + 3:
                missed.append(f"{size:,} documents took {found['plan'] + found['reduce']:.1f} s")
            if found["largest"] > max(LABELS_A_NODE, FINDINGS_A_NODE, NOTES_A_NODE):
                missed.append(f"a node held {found['largest']} texts")
    if megabytes[SIZES[-1]] - megabytes[SIZES[0]] > FLAT_MEGABYTES:
        missed.append(f"memory grew from {megabytes[SIZES[0]]:.0f} to {megabytes[SIZES[-1]]:.0f} MB")
    return missed


def _measured(url: str, size: int) -> dict[str, Any]:
    """The figures of one size."""
    context = get_context("spawn")
    results = context.Queue()
    caller = Caller(uuid.uuid4(), uuid.uuid4())
    for step in (_fill, _reduce):
        process = context.Process(target=step, args=(url, caller, size, results))
        process.start()
        found: dict[str, Any] = results.get(timeout=600)
        process.join(30)
    return found


def _fill(url: str, caller: Caller, size: int, results: Any) -> None:
    """Documents whose readings are all kept: one label in ten is new."""
    house = EngineHouse(PostgresDatabase(url), caller=caller)
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
    key = _key(house)
    house.run(_DOCUMENTS, size=size, user=caller.user_id)
    house.run(_READINGS, size=size, key=key)
    results.put({})


def _key(house: EngineHouse) -> str:
    from census.domain.readings import cache_key

    return cache_key(CAUSE, house.model.name, house.model.contract_version)


def _reduce(url: str, caller: Caller, size: int, results: Any) -> None:
    house = EngineHouse(PostgresDatabase(url), caller=caller)
    model = ScriptedLanguageModel()
    house.model = model
    job_id = house.ask(causes(Kind.THEMES))
    begun = time.monotonic()
    house.plan(job_id)
    planned = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    house.dispatch(job_id)
    tools = FoldTools(house.database, model, price)
    reduce_job(tools, house.tenant_id, job_id, house.job(job_id).started_generation)
    job = house.shown(job_id)
    assert job["status"] == "completed", job["error_message"]
    assert sum(row[2] for row in job["result"]["table"]["rows"]) == size
    results.put(
        {
            "plan": planned - begun,
            "reduce": time.monotonic() - planned,
            "batches": job["total_batches"],
            "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
            "nodes": len(model.folds),
            "largest": max(len(request.texts) for request in model.folds),
        }
    )


_DOCUMENTS = """
    WITH texts AS (
        INSERT INTO extracted_texts (source_hash, content_hash, media_type, text, tokens, passages, windows)
        SELECT lpad(n::text, 64, 'a'), lpad(n::text, 64, 'a'), 'text/plain', 'Cause: broken part', 5, 1,
               '[[0, 0, 18, 5, ""]]'
        FROM generate_series(1, :size) AS n RETURNING id, content_hash
    )
    INSERT INTO knowledge_files (user_id, filename, status, text_id, received_at)
    SELECT CAST(:user AS uuid), content_hash, 'completed', id, now() FROM texts
"""
_READINGS = """
    INSERT INTO map_results (content_hash, window_key, atom_key, reading)
    SELECT lpad(n::text, 64, 'a'), '0-18', :key, jsonb_build_object(
        'status', 'match',
        'quotes', jsonb_build_array(jsonb_build_array(0, 18, 'Cause: broken part', 'exact')),
        'values', jsonb_build_array(jsonb_build_object(
            'field', 'name',
            'value', 'broken part ' || translate(mod(n, :size / 10)::text, '0123456789', 'abcdefghij'),
            'unit', NULL, 'quote', jsonb_build_array(7, 18, 'broken part', 'exact'))))
    FROM generate_series(1, :size) AS n
"""
