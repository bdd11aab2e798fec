"""Which documents a job asks, and what becomes of those it cannot read."""

import datetime as dt

import pytest

from census.domain.plan import Filters
from tests.engine.going_on import retry
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.fakes.scripted_model import ScriptedLanguageModel, invalid

NOW = dt.datetime.now(dt.UTC)


def test_an_unreadable_file_stands_in_the_ledger_and_does_not_make_the_job_partial(
    house: EngineHouse,
) -> None:
    house.add("good", "We may audit you.")
    house.set_file(house.announce("bad"), status="failed", received_at=NOW)
    job = house.answer(count("audit"))
    assert job["status"] == "completed"
    assert job["result"]["ledger"] == {
        "total": 2, "match": 1, "no_match": 0, "unclear": 0, "unverified": 0, "failed": 1, "skipped": 0,
    }  # fmt: skip
    assert job["aggregation_details"]["failed"] == {"unreadable": 1}
    assert job["result"]["bounds"] == {"low": 1, "high": 2}
    assert job["error_message"] is None


def test_a_file_still_being_read_is_skipped_and_a_retry_takes_it(house: EngineHouse) -> None:
    house.add("good", "We may audit you.")
    late = house.announce("late")
    house.set_file(late, status="processing", received_at=NOW)
    job_id = house.ask(count("audit"))
    job = house.finish(job_id)
    assert job["status"] == "partial"
    assert job["aggregation_details"]["skipped"] == {"not_ready": 1}
    assert "not_ready" in job["error_message"]
    ready = house.add("ready", "They may audit us.")
    text_id = house.scalar("SELECT text_id FROM knowledge_files WHERE id = :id", id=ready)
    house.set_file(late, status="completed", text_id=text_id)
    house.model = model = ScriptedLanguageModel()
    retry(house, job_id)
    job = house.finish(job_id)
    assert (job["status"], job["result"]["ledger"]["match"], model.calls) == ("completed", 2, 1)


@pytest.mark.parametrize("at_first", ["processing", "failed"])
def test_an_archive_pinned_before_it_was_unpacked_is_no_document_of_a_retry_either(
    house: EngineHouse, at_first: str
) -> None:
    house.add("good", "We may audit you.")
    late, other = house.announce("late.zip"), house.announce("late")
    house.set_file(late, status=at_first, received_at=NOW, content_type="application/zip")
    house.set_file(other, status="processing", received_at=NOW)
    job_id = house.ask(count("audit"))
    house.finish(job_id)
    contents = house.add("contents", "Unpacked: audit.txt, where they may audit us.")
    text_id = house.scalar("SELECT text_id FROM knowledge_files WHERE id = :id", id=contents)
    for file_id in (late, other):
        house.set_file(file_id, status="completed", text_id=text_id)
    retry(house, job_id)
    job = house.finish(job_id)
    assert job["status"] == "completed"
    assert house.classes(job_id)["late.zip"] == ("skipped", "unpacked")
    assert job["result"]["bounds"] == {"low": 2, "high": 2}


def test_a_file_whose_upload_never_came_is_not_counted(house: EngineHouse) -> None:
    house.add("good", "We may audit you.")
    house.announce("never uploaded")
    assert house.answer(count("audit"))["result"]["ledger"]["total"] == 1


def test_a_document_deleted_in_mid_job_is_skipped_and_its_words_are_not_kept(house: EngineHouse) -> None:
    house.add("stays", "We may audit you.")
    gone = house.add("goes", "We may audit them.")
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    token = house.dispatch(job_id)
    house.delete(gone)
    house.map_all()
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert house.classes(job_id)["goes"] == ("skipped", "deleted")
    assert job["aggregation_details"]["skipped"] == {"deleted": 1}
    assert job["result"]["bounds"] == {"low": 1, "high": 1}
    assert job["status"] == "completed"


def test_what_was_read_of_a_document_deleted_meanwhile_is_not_cached(house: EngineHouse) -> None:
    gone = house.add("goes", "We may audit them.")

    def delete_while_it_is_read(_request: object) -> None:
        house.delete(gone)

    house.model = ScriptedLanguageModel([delete_while_it_is_read])
    house.answer(count("audit"))
    assert house.scalar("SELECT count(*) FROM map_results") == 0


def test_a_copy_whose_original_was_deleted_in_mid_job_is_read_by_a_retry(house: EngineHouse) -> None:
    first = house.add("original", "We may audit you.", source="original bytes")
    house.add("copy", "We may audit you.", source="other bytes")
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    house.delete(first)
    token = house.dispatch(job_id)
    house.map_all()
    house.follow(job_id, token)
    retry(house, job_id)
    job = house.finish(job_id)
    assert house.classes(job_id) == {"original": ("skipped", "deleted"), "copy": ("match", None)}
    assert job["status"] == "completed"


def test_documents_added_while_the_job_runs_are_not_in_it(house: EngineHouse) -> None:
    house.add("early", "We may audit you.")
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    house.add("late", "We may audit them.")
    token = house.dispatch(job_id)
    house.map_all()
    house.follow(job_id, token)
    assert house.shown(job_id)["result"]["ledger"]["total"] == 1


def test_filters_choose_the_documents(house: EngineHouse) -> None:
    wanted = house.add("contract.txt", "We may audit you.")
    house.add("ticket.txt", "We may audit them.")
    plan = count("audit")
    for filters in (
        Filters(name="CONTRACT"),
        Filters(ids=(str(wanted),)),
        Filters(
            name="tract", source_kinds=("file",), added_after="2020-01-01", added_before="2999-01-01T00:00Z"
        ),
    ):
        job = house.answer(type(plan)(plan.kind, plan.predicate, plan.atoms, plan.where, filters=filters))
        assert job["result"]["ledger"]["total"] == 1
    none = Filters(source_kinds=("page",))
    job = house.answer(type(plan)(plan.kind, plan.predicate, plan.atoms, plan.where, filters=none))
    assert job["result"]["ledger"]["total"] == 0


def test_a_retry_reads_only_what_is_not_done(house: EngineHouse) -> None:
    long = "Nothing of note is said in this sentence. " * 30
    house.add("good", f"We may audit you. {long}", window_tokens=100)
    house.add("bad", f"BAD {long}", window_tokens=5000)
    house.model = ScriptedLanguageModel([lambda r: invalid(r) if "BAD" in r.windows[0].text else None])
    job_id = house.ask(count("audit"))
    job = house.finish(job_id)
    assert (job["status"], house.classes(job_id)["bad"][0]) == ("partial", "failed")
    spent = job["cost"]["spent_usd"]
    house.model = model = ScriptedLanguageModel()
    retry(house, job_id)
    job = house.finish(job_id)
    assert (job["status"], model.calls) == ("completed", 1)
    assert job["cost"]["spent_usd"] > spent
    batches = house.scalar("SELECT count(*) FROM job_batches")
    assert job["processed_batches"] == job["total_batches"] == batches
    assert job["failed_batches"] == 0
