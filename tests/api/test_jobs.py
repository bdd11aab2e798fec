from sqlalchemy import text

from census import bootstrap
from tests.api.conftest import ApiClient
from tests.api.documents import ALICE

COUNT = {"content": "How many contracts mention indemnification?"}


def _job(api: ApiClient) -> str:
    answer = api.post(f"/conversations/{api.conversation()}/messages", COUNT)
    return str(answer.json["job"]["id"])


def _add_items(job_id: str, count: int) -> None:
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        work.session.execute(
            text(
                "INSERT INTO job_items (job_id, ordinal, source_kind, source_id, source_name, status, quotes)"
                " SELECT CAST(:job AS uuid), n, 'file', gen_random_uuid(), '=cmd()|' || n, 'match', '[]'"
                " FROM generate_series(1, :count) AS n"
            ),
            {"job": job_id, "count": count},
        )


def test_a_job_is_its_users_own(api: ApiClient) -> None:
    job = _job(api)
    bob = api.another("bob", "acme")

    assert api.get(f"/jobs/{job}").status == 200
    assert bob.get(f"/jobs/{job}").status == bob.get(f"/jobs/{job}/rows").status == 404
    for action in ("cancel", "retry", "approve"):
        assert bob.post(f"/jobs/{job}/{action}").status == 404
    assert bob.get("/jobs").json["items"] == []


def test_jobs_come_newest_first_page_by_page_and_by_status(api: ApiClient) -> None:
    ids = [_job(api) for _ in range(3)]
    api.post(f"/jobs/{ids[0]}/cancel")

    first = api.get("/jobs", limit="2").json
    second = api.get("/jobs", limit="2", cursor=first["next_cursor"]).json

    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert [item["id"] for item in api.get("/jobs", status="cancelled").json["items"]] == [ids[0]]
    assert api.get("/jobs", status="lost").bad_paths == ["status"]


def test_a_job_is_cancelled_once(api: ApiClient) -> None:
    job = _job(api)

    cancelled, again = api.post(f"/jobs/{job}/cancel"), api.post(f"/jobs/{job}/cancel")

    assert cancelled.status == 202
    assert cancelled.json["status"] == "cancelled"
    assert again.status == 409
    assert again.json["state"] == "cancelled"


def test_only_a_waiting_job_is_approved_and_only_an_ended_one_retried(api: ApiClient) -> None:
    job = _job(api)

    approved, retried = api.post(f"/jobs/{job}/approve", {}), api.post(f"/jobs/{job}/retry")

    assert (approved.status, approved.json["state"]) == (409, "queued")
    assert (retried.status, retried.json["state"]) == (409, "queued")


def test_a_bad_cap_or_plan_is_named(api: ApiClient) -> None:
    job = _job(api)

    assert api.post(f"/jobs/{job}/retry", {"max_cost_usd": -1}).bad_paths == ["max_cost_usd"]
    assert "plan.kind" in api.post(f"/jobs/{job}/approve", {"plan": {}}).bad_paths


def test_rows_come_page_by_page(api: ApiClient) -> None:
    job = _job(api)
    _add_items(job, 5)

    first = api.get(f"/jobs/{job}/rows", limit="3").json
    second = api.get(f"/jobs/{job}/rows", limit="3", cursor=first["next_cursor"]).json

    names = [item["source_name"] for item in first["items"] + second["items"]]
    assert names == [f"=cmd()|{number}" for number in range(1, 6)]
    assert second["next_cursor"] is None
    assert api.get(f"/jobs/{job}/rows", cursor="x").bad_paths == ["cursor"]


def test_rows_come_as_a_file_in_which_no_cell_is_a_formula(api: ApiClient) -> None:
    job = _job(api)
    _add_items(job, 2)

    answer = api.call("GET", f"/jobs/{job}/rows", headers={"Accept": "text/csv"})

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=cmd()|1" in answer.text
    assert len(answer.text.splitlines()) == 3


def test_many_rows_are_downloaded(api: ApiClient) -> None:
    job = _job(api)
    _add_items(job, 5_001)

    answer = api.call("GET", f"/jobs/{job}/rows", headers={"Accept": "text/csv"})

    assert answer.status == 303
    assert f"exports/{ALICE.tenant_id}/jobs/{job}.csv" in answer.headers["location"]
