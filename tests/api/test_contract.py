"""The written interface, to the letter: what bodies hold, whether filled or not, and what is refused."""

from typing import Any

from census.domain.plan_codec import plan_from_json, plan_to_json
from tests.api.conftest import ApiClient
from tests.api.documents import add_document
from tests.api.work import answer_job

QUESTION = {"content": "How many documents mention login?", "route": "collection"}
JOB = {
    *("id", "conversation_id", "message_id", "job_type", "user_query", "status", "current_phase", "progress"),
    *("total_items", "processed_items", "total_batches", "processed_batches", "failed_batches"),
    *("intent_data", "cost", "eta", "result", "aggregation_details", "intermediate_results"),
    *("error_message", "error_details", "created_at", "started_at", "completed_at"),
    "actual_duration_seconds",
}
LEDGER = {"total", "match", "no_match", "unclear", "unverified", "failed", "skipped"}
CITATION = {"source_kind", "source_id", "source_name", "page", "char_start", "char_end", "quote", "check"}
PLAN: dict[str, Any] = {
    "kind": "group_count",
    "predicate": "login",
    "atoms": [
        {
            "name": "login",
            "statement": "The text mentions login.",
            "term": {"text": "login", "exact": False},
            "fields": [{"name": "priority", "type": "text", "label": "priority"}],
        }
    ],
    "where": {"atom": "login"},
    "group_by": {"atom": "login", "field": "priority", "transform": "value"},
}


def _asked(api: ApiClient, **more: Any) -> Any:
    return api.post(f"/conversations/{api.conversation()}/messages", {**QUESTION, **more})


def test_a_job_has_the_same_parts_before_and_after_its_answer(api: ApiClient) -> None:
    add_document("a.txt", "The login fails.")
    waiting = _asked(api).json["job"]
    answer_job(waiting["id"])
    done = api.get(f"/jobs/{waiting['id']}").json

    for job in (waiting, done):
        assert set(job) == JOB
        assert set(job["cost"]) == {"estimated_usd", "spent_usd", "cap_usd"}
        assert set(job["cost"]["estimated_usd"]) == {"low", "high"}
        assert set(job["eta"]) == {"p50_seconds", "p90_seconds"}
    assert waiting["eta"]["p50_seconds"] is None
    assert done["eta"] == {"p50_seconds": 0, "p90_seconds": 0}


def test_an_answer_has_its_parts(api: ApiClient) -> None:
    add_document("a.txt", "The login fails.")
    job = _asked(api).json["job"]["id"]
    answer_job(job)
    result = api.get(f"/jobs/{job}").json["result"]

    assert set(result) == {"answer", "table", "ledger", "bounds", "citations", "model"}
    assert set(result["table"]) == {"columns", "rows"}
    assert set(result["ledger"]) == LEDGER
    assert [set(citation) for citation in result["citations"]] == [CITATION]
    assert result["model"] == "lexical"


def test_a_row_names_its_item_and_columns_of_a_file_are_those_of_a_row(api: ApiClient) -> None:
    add_document("a.txt", "The login fails.")
    add_document("b.txt", "Nothing.")
    job = _asked(api).json["job"]["id"]
    answer_job(job)
    rows = api.get(f"/jobs/{job}/rows").json["items"]
    file = api.call("GET", f"/jobs/{job}/rows", headers={"Accept": "text/csv"})

    assert [(row["item"], row["status"]) for row in rows] == [(1, "match"), (2, "no_match")]
    assert file.text.splitlines()[0].split(",") == list(rows[0])
    assert file.text.splitlines()[1].startswith("1,file,")


ACCEPTED = (
    ("text/csv", "text/csv; charset=utf-8"),
    ("TEXT/CSV; charset=utf-8", "text/csv; charset=utf-8"),
    ("text/csv, application/json;q=0.5", "text/csv; charset=utf-8"),
    ("application/json, text/csv;q=0.5", "application/json"),
    ("text/csv;q=0", "application/json"),
    ("text/csvx", "application/json"),
    ("*/*", "application/json"),
    ("text/csv;q=often", "text/csv; charset=utf-8"),
)


def test_rows_come_as_what_is_preferred(api: ApiClient) -> None:
    job = _asked(api).json["job"]["id"]

    for accept, media_type in ACCEPTED:
        answer = api.call("GET", f"/jobs/{job}/rows", headers={"Accept": accept})
        assert answer.headers["content-type"] == media_type, accept


def test_a_conversation_needs_no_body(api: ApiClient) -> None:
    made = api.call("POST", "/conversations")

    assert made.status == 201
    assert made.json["title"] is None


def test_times_are_iso_8601_and_without_an_offset_in_utc(api: ApiClient) -> None:
    add_document("a.txt", "The login fails.")

    for moment in ("2090-11-22", "2090-11-22T10:00:00", "2090-11-22T10:00:00Z", "2090-11-22T10:00:00+02:00"):
        wanted = {"added_after": "2001-01-01", "added_before": moment}
        assert (
            api.post("/estimates", {"content": "Which documents mention login?", "filters": wanted}).json[
                "items"
            ]
            == 1
        )


def test_what_is_no_time_is_refused(api: ApiClient) -> None:
    moments: tuple[object, ...] = (5, 1732269600, True, "5", "yesterday", "2026-13-01", "", [], "9" * 50)
    for moment in moments:
        answer = api.post("/estimates", {"content": "Which?", "filters": {"added_after": moment}})
        assert answer.bad_paths == ["filters.added_after"], moment


def test_a_plan_with_filters_can_be_sent_back_as_it_was_shown(api: ApiClient) -> None:
    content = "How many documents tagged legal, added since 2024-01-01, mention login?"
    shown = _asked(api, content=content).json["job"]["intent_data"]

    again = _asked(api, plan=shown)

    assert shown["filters"] == {"tags": ["legal"], "added_after": "2024-01-01"}
    assert again.status == 202, again.json
    assert again.json["job"]["intent_data"] == shown


UNKNOWN = (
    "model",
    "atoms.0.model",
    "atoms.0.term.model",
    "atoms.0.fields.0.model",
    "group_by.model",
    "filters.model",
)


def test_a_plan_that_names_unknown_fields_is_refused_by_their_path(api: ApiClient) -> None:
    conversation = api.conversation()

    for path in UNKNOWN:
        plan = _with(path, "gpt-9")
        asked = api.post(f"/conversations/{conversation}/messages", {**QUESTION, "plan": plan})
        priced = api.post("/estimates", {"content": QUESTION["content"], "plan": plan})
        assert asked.status == priced.status == 422
        assert asked.bad_paths == priced.bad_paths == [f"plan.{path}"]
    assert api.get("/jobs").json["items"] == []


def _with(path: str, value: str) -> Any:
    """The plan with one more field at this path."""
    place = plan = plan_to_json(plan_from_json(PLAN))
    *parents, name = path.split(".")
    for parent in parents:
        place = place[int(parent) if parent.isdigit() else parent]  # type: ignore[index]
    place[name] = value
    return plan


NOWHERE = (
    ({"where": {"atom": "nothing"}}, "plan.where"),
    ({"group_by": {"atom": "login", "field": "nothing"}}, "plan.group_by"),
    ({"measure": {"atom": "login", "field": "priority"}}, "plan.measure"),
    ({"kind": "guess"}, "plan.kind"),
    ({"unit": "page"}, "plan.unit"),
    ({"limit": 10**30}, "plan.limit"),
    ({"predicate": "a\0b"}, "plan.predicate"),
)


def test_a_plan_that_leads_nowhere_is_refused_by_its_path(api: ApiClient) -> None:
    conversation = api.conversation()

    for change, path in NOWHERE:
        body = {**QUESTION, "plan": {**PLAN, **change}}
        answer = api.post(f"/conversations/{conversation}/messages", body)
        assert (answer.status, answer.bad_paths) == (422, [path])


def test_money_may_have_any_places_and_is_kept_to_six_without_raising_a_cap(api: ApiClient) -> None:
    for sent, kept in ((0.1234567891, 0.123456), (1e-9, 0.0), ("0.5", 0.5), (0, 0.0), (1_000_000, 1e6)):
        job = _asked(api, max_cost_usd=sent).json["job"]
        assert job["cost"]["cap_usd"] == kept


def test_what_is_no_amount_of_money_is_refused(api: ApiClient) -> None:
    conversation = api.conversation()

    amounts: tuple[object, ...] = (-1, -1e-7, 1_000_001, "much", True, [], {}, "1e999", "NaN", "Infinity")
    for amount in amounts:
        for field in ("max_cost_usd", "approve_above_usd"):
            answer = api.post(f"/conversations/{conversation}/messages", {**QUESTION, field: amount})
            assert answer.bad_paths == [field], (field, amount)
