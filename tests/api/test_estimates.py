from tests.api.conftest import ApiClient
from tests.api.documents import add_document, rows_of
from tests.api.work import answer_job

QUESTION = {"content": "How many documents mention indemnification?"}


def test_an_estimate_says_what_a_question_would_cost_and_makes_no_job(api: ApiClient) -> None:
    for number in range(7):
        add_document(f"{number}.txt", f"Indemnification in contract number {number}.")

    answer = api.post("/estimates", QUESTION)

    assert answer.status == 200
    assert answer.json["items"] == 7
    assert answer.json["cached"] == 0
    assert answer.json["calls"] == 2
    assert answer.json["cost_usd"] == {"low": 0.0, "high": 0.0}
    assert answer.json["seconds"]["p50"] <= answer.json["seconds"]["p90"]
    assert answer.json["plan"]["kind"] == "count"
    assert rows_of("processing_jobs", "job_items") == [0, 0]


def test_what_is_known_costs_nothing_and_the_same_content_is_read_once(
    api: ApiClient,
) -> None:
    add_document("a.txt", "We promise indemnification.")
    conversation = api.conversation()
    answer_job(api.post(f"/conversations/{conversation}/messages", QUESTION).json["job"]["id"])
    add_document("copy of a.txt", "We promise indemnification.")
    add_document("b.txt", "Nothing of the kind.")
    add_document("copy of b.txt", "Nothing of the kind.")

    estimate = api.post("/estimates", QUESTION).json

    assert (estimate["items"], estimate["cached"], estimate["calls"]) == (4, 2, 1)


def test_filters_narrow_an_estimate(api: ApiClient) -> None:
    add_document("lease.txt", "A lease.")
    add_document("loan.txt", "A loan.")

    assert api.post("/estimates", {**QUESTION, "filters": {"name": "LEASE"}}).json["items"] == 1
    assert api.post("/estimates", {**QUESTION, "filters": {"tags": ["none"]}}).json["items"] == 0


def test_a_corrected_plan_is_priced_as_it_stands(api: ApiClient) -> None:
    add_document("a.txt", "Anything.")
    plan = api.post("/estimates", QUESTION).json["plan"]
    plan["atoms"][0]["term"] = {"text": "anything", "exact": False}

    assert api.post("/estimates", {**QUESTION, "plan": plan}).json["plan"] == plan


def test_a_question_that_cannot_be_planned_is_asked_back(api: ApiClient) -> None:
    answer = api.post("/estimates", {"content": "?"})

    assert answer.status == 422
    assert answer.bad_paths == ["content"]
