"""A document that is deleted: a running job skips it; in finished answers its words go, figures stay."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest

from census.domain.citations import DELETED_NOTE, DELETED_QUOTE, WITHDRAWN_ANSWER
from census.domain.plan import Kind, Unit
from tests.engine.house import EngineHouse
from tests.engine.plans import causes, count, laws, listing
from tests.engine.test_folding import scripted

SECRET = "Moonlight"


def everything_kept(house: EngineHouse) -> str:
    """All that the tenant's rows of jobs, answers and caches say."""
    tables = (
        "processing_jobs", "job_items", "job_findings", "reduce_nodes", "map_results", "messages",
        "extracted_texts", "idempotency_keys",
    )  # fmt: skip
    return json.dumps([house.scalar(f"SELECT json_agg(t)::text FROM {table} t") for table in tables])


def test_its_words_leave_items_findings_nodes_and_readings_and_the_figures_stay(house: EngineHouse) -> None:
    house.add("a.txt", "Ticket\nCause: broken cable")
    gone = house.add("b.txt", f"Ticket\nCause: {SECRET} in the {SECRET} room")
    for plan in (causes(limit=1), causes(Kind.COUNT, unit=Unit.MENTION), count("ticket"), listing("ticket")):
        house.answer(plan)
    assert SECRET.lower() in everything_kept(house).lower()
    ledgers = "SELECT json_agg(result -> 'ledger' ORDER BY created_at)::text FROM processing_jobs"
    figures = house.scalar(ledgers)
    house.delete(gone)
    kept = everything_kept(house)
    assert SECRET.lower() not in kept.replace("_", " ").lower()
    assert "broken cable" in kept
    assert figures == house.scalar(ledgers)


def _id(job: dict[str, str]) -> UUID:
    return UUID(job["id"])


def test_the_answer_says_so_once(house: EngineHouse) -> None:
    first, second = house.add("a", "We may audit a."), house.add("b", "We may audit b.")
    job = house.answer(count("audit"))
    house.delete(first)
    house.delete(second)
    shown = house.shown(_id(job))
    assert shown["result"]["answer"].count(DELETED_NOTE) == 1
    assert shown["result"]["ledger"] == job["result"]["ledger"]
    assert house.scalar("SELECT content FROM messages WHERE role = 'assistant'") == shown["result"]["answer"]


def test_prose_that_used_its_words_is_withdrawn(house: EngineHouse) -> None:
    gone = house.add("a", f"Ticket\nCause: {SECRET}")
    job = house.answer(causes(Kind.SUMMARY))
    assert SECRET in job["result"]["answer"]
    house.delete(gone)
    assert house.shown(_id(job))["result"]["answer"] == WITHDRAWN_ANSWER
    assert SECRET.lower() not in everything_kept(house).lower()


def test_a_look_up_that_quoted_it_is_withdrawn_also_where_it_is_kept_for_repeats(house: EngineHouse) -> None:
    gone = house.add("a", SECRET)
    citation = [{"source_id": str(gone), "quote": SECRET}]
    with house.database.tenant(house.tenant_id) as work:
        conversation = work.conversations.add(house.caller.user_id, None)
        work.conversations.add_answer(conversation.id, f"It is {SECRET}.", citation)
        work.conversations.claim_request(house.caller.user_id, "k", "0" * 64)
        body = {"message": {"content": f"It is {SECRET}.", "citations": citation}}
        work.conversations.keep_response(house.caller.user_id, "k", {"status": 201, "body": body})
    house.delete(gone)
    assert house.scalar("SELECT content FROM messages") == WITHDRAWN_ANSWER
    assert SECRET not in str(house.scalar("SELECT response::text FROM idempotency_keys"))


def test_a_look_up_written_after_a_document_it_quotes_was_deleted_is_withdrawn(house: EngineHouse) -> None:
    gone, stays = house.add("a", SECRET), house.add("b", "broken cable")
    citations = [{"source_id": str(gone), "quote": SECRET}, {"source_id": str(stays), "quote": "cable"}]
    house.delete(gone)
    with house.database.tenant(house.tenant_id) as work:
        work.conversations.ensure_profile(house.caller.user_id)
        conversation = work.conversations.add(house.caller.user_id, None)
        answer = work.conversations.add_answer(conversation.id, f"It is {SECRET}.", citations)
    assert answer.content == WITHDRAWN_ANSWER
    assert [one["quote"] for one in answer.citations or ()] == [DELETED_QUOTE, "cable"]


def test_a_deletion_waits_for_a_look_up_that_quotes_the_document_and_withdraws_it(house: EngineHouse) -> None:
    gone = house.add("a", SECRET)
    with ThreadPoolExecutor(1) as aside:
        with house.database.tenant(house.tenant_id) as work:
            conversation = work.conversations.add(house.caller.user_id, None)
            citation = [{"source_id": str(gone), "quote": SECRET}]
            work.conversations.add_answer(conversation.id, f"It is {SECRET}.", citation)
            deletion = aside.submit(house.delete, gone)
            with pytest.raises(TimeoutError):
                deletion.result(timeout=0.3)
        deletion.result(timeout=60)
    assert house.scalar("SELECT content FROM messages") == WITHDRAWN_ANSWER


def test_a_document_deleted_after_it_was_read_is_skipped_with_the_reason(house: EngineHouse) -> None:
    files = [house.add(f"{number:02}", f"We may audit {number}.") for number in range(20)]
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.map(house.queue.receive()[:2])
    assert house.shown(job_id)["intermediate_results"]["items_read"] == 10
    house.delete(files[0])
    house.delete(files[19])
    for ordinal in (3, 4):
        house.map([house.message(job_id, ordinal)])
    house.map_all()
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert job["result"]["ledger"]["match"] == 18
    assert job["aggregation_details"]["skipped"] == {"deleted": 2}
    assert job["status"] == "completed"


def test_documents_that_come_and_change_while_a_job_runs_are_not_in_it(house: EngineHouse) -> None:
    house.add("a", "We may audit a.")
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.add("b", "We may audit b.")
    house.map_all()
    house.follow(job_id, token)
    assert house.shown(job_id)["result"]["ledger"]["total"] == 1


def test_a_regrouped_answer_does_without_it(house: EngineHouse) -> None:
    gone = house.add("a", "Law: Texas")
    house.add("b", "Law: Ohio")
    plan = laws(Kind.TOP_K, Unit.DOCUMENT)
    house.answer(plan)
    house.delete(gone)
    before = scripted(house).calls
    assert house.answer(replace(plan, limit=5))["result"]["table"]["rows"] == [["Ohio", 1]]
    assert scripted(house).calls == before
