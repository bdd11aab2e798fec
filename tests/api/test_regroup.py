from typing import Any

from tests.api.conftest import ApiClient
from tests.api.documents import add_document
from tests.api.work import answer_job

TICKETS = {
    "a.txt": "Priority: High",
    "b.txt": "Priority: high",
    "c.txt": "Priority: urgent",
    "d.txt": "None.",
}
QUESTION = {"content": "How many documents are there by priority?", "route": "collection"}


def _answered(api: ApiClient) -> dict[str, Any]:
    for name, content in TICKETS.items():
        add_document(name, f"{content}\nTicket {name}.")
    job_id = api.post(f"/conversations/{api.conversation()}/messages", QUESTION).json["job"]["id"]
    answer_job(job_id)
    job: dict[str, Any] = api.get(f"/jobs/{job_id}").json
    return job


def _regrouped(api: ApiClient, job: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = api.post(f"/jobs/{job['id']}/regroup", changes)
    assert answer.status == 202, answer.json
    assert answer.headers["location"] == f"/jobs/{answer.json['id']}"
    answer_job(answer.json["id"])
    found: dict[str, Any] = api.get(f"/jobs/{answer.json['id']}").json
    return found


def test_values_that_differ_in_case_only_are_one_group(api: ApiClient) -> None:
    job = _answered(api)

    assert sorted(job["result"]["table"]["rows"]) == [["High", 2], ["unknown", 1], ["urgent", 1]]


def test_regrouping_makes_a_new_job_over_the_same_documents_without_a_call(api: ApiClient) -> None:
    job = _answered(api)
    add_document("new.txt", "Priority: low")

    merged = _regrouped(api, job, merge={"urgent": "High"})

    assert merged["id"] != job["id"]
    assert sorted(merged["result"]["table"]["rows"]) == [["High", 3], ["unknown", 1]]
    assert merged["total_items"] == 4
    assert merged["total_batches"] == 0
    assert merged["aggregation_details"]["calls"] == 0
    assert api.get(f"/jobs/{job['id']}").json["result"] == job["result"]


def test_the_kind_and_the_limit_can_change(api: ApiClient) -> None:
    job = _answered(api)

    top = _regrouped(api, job, kind="top_k", order="count", limit=1)
    listed = _regrouped(api, job, kind="list")

    assert top["result"]["table"]["rows"] == [["High", 2]]
    assert [row[0] for row in listed["result"]["table"]["rows"]] == sorted(TICKETS)


def test_a_change_that_does_not_fit_is_refused_by_its_path(api: ApiClient) -> None:
    job = _answered(api)

    answer = api.post(f"/jobs/{job['id']}/regroup", {"group_by": {"atom": "nothing", "field": "x"}})

    assert answer.status == 422
    assert answer.bad_paths == ["group_by"]
    assert api.post(f"/jobs/{job['id']}/regroup", {"atoms": []}).status == 422


def test_only_an_ended_job_of_ones_own_can_be_regrouped(api: ApiClient) -> None:
    running = api.post(f"/conversations/{api.conversation()}/messages", QUESTION).json["job"]["id"]

    assert api.post(f"/jobs/{running}/regroup", {"kind": "list"}).status == 409
    assert api.another("bob", "acme").post(f"/jobs/{running}/regroup", {"kind": "list"}).status == 404
