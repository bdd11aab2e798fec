from typing import Any

from tests.api.conftest import ApiClient
from tests.api.documents import ALICE, add_document
from tests.api.test_usage import limit
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


def _years(api: ApiClient) -> dict[str, Any]:
    for year, content in (
        ("2019", "Audited."),
        ("2019", "Nothing."),
        ("2020", "Audited. Insured."),
        ("2021", ""),
    ):
        add_document(f"{year} {content}.txt", f"Signed {year}-05-01. {content} Law: Texas")
    question = {"content": "Compare 2019 and 2020: how many documents mention audited?"}
    job_id = api.post(f"/conversations/{api.conversation()}/messages", question).json["job"]["id"]
    answer_job(job_id)
    job: dict[str, Any] = api.get(f"/jobs/{job_id}").json
    return job


def _rows(job: dict[str, Any]) -> list[list[Any]]:
    assert (job["status"], job["aggregation_details"]["calls"]) == ("completed", 0)
    rows: list[list[Any]] = job["result"]["table"]["rows"]
    return rows


def test_a_comparison_is_regrouped_by_whatever_the_kinds_need(api: ApiClient) -> None:
    job = _years(api)

    assert job["result"]["table"]["rows"] == [["2019", 1, 2, "50.0"], ["2020", 1, 1, "100.0"]]
    assert _rows(_regrouped(api, job, kind="group_count")) == [["2019", 1], ["2020", 1]]
    assert _rows(_regrouped(api, job, kind="count", group_by=None)) == [[2]]
    assert _rows(_regrouped(api, job, compare=["2020", "2021"])) == [
        ["2020", 1, 1, "100.0"],
        ["2021", 0, 1, "0.0"],
    ]
    assert len(_rows(_regrouped(api, job, compare=[]))) == 3


def test_units_and_the_atoms_can_be_combined_anew_without_a_call(api: ApiClient) -> None:
    job = _years(api)
    (atom,) = (name["name"] for name in job["intent_data"]["atoms"] if name["term"])

    apart = _regrouped(api, job, kind="list", where={"not": {"atom": atom}})
    mentions = _regrouped(api, job, kind="count", group_by=None, unit="mention")
    names = _regrouped(api, job, kind="count", unit="entity")
    compared = _regrouped(api, names, kind="compare")

    assert len(_rows(apart)) == 2
    assert _rows(mentions) == [[2, 2]]
    assert _rows(names) == [[2]]
    assert compared["intent_data"]["unit"] == "document"
    assert len(_rows(compared)) == 3


def test_nothing_to_change_is_the_same_table_again(api: ApiClient) -> None:
    job = _answered(api)

    assert _rows(_regrouped(api, job)) == job["result"]["table"]["rows"]
    assert _rows(_regrouped(api, job, kind=None, order=None, limit=None)) == job["result"]["table"]["rows"]
    assert api.call("POST", f"/jobs/{job['id']}/regroup").status == 202


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "guess"}, "kind"),
    ({"kind": 5}, "kind"),
    ({"unit": "page"}, "unit"),
    ({"kind": "sum"}, "measure"),
    ({"group_by": None}, "group_by"),
    ({"compare": ["High", "Low"]}, "compare"),
    ({"kind": "compare", "compare": ["High"]}, "compare"),
    ({"kind": "compare", "unit": "mention"}, "unit"),
    ({"where": {"atom": "nothing"}}, "where"),
    ({"limit": 0}, "limit"),
    ({"limit": "5"}, "limit"),
    ({"limit": 10**30}, "limit"),
    ({"order": "random"}, "order"),
    ({"merge": {"High": 5}}, "merge.High"),
    ({"merge": ["High"]}, "merge"),
    ({"group_by": {"atom": "x\0"}}, "group_by.atom"),
    ({"filters": {}}, "filters"),
)


def test_every_change_that_cannot_be_is_refused_by_its_path(api: ApiClient) -> None:
    job = _answered(api)

    for changes, path in IMPOSSIBLE:
        answer = api.post(f"/jobs/{job['id']}/regroup", changes)
        assert answer.status == 422, changes
        assert path in answer.bad_paths


def test_a_used_up_budget_forbids_no_regrouping_that_costs_nothing(api: ApiClient) -> None:
    job = _answered(api)
    limit(ALICE.user_id, daily_usd="0")

    assert api.post(f"/conversations/{api.conversation()}/messages", QUESTION).status == 409
    assert _rows(_regrouped(api, job, kind="top_k")) == [["High", 2], ["urgent", 1], ["unknown", 1]]
    assert api.post(f"/jobs/{job['id']}/regroup", {"kind": "themes"}).json["state"] == "budget_used_up"
