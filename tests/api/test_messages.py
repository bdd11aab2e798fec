import uuid

from tests.api.conftest import ApiClient, Cloud
from tests.api.documents import add_document

COUNT = "How many contracts mention indemnification?"


def test_a_question_over_the_collection_becomes_a_job(api: ApiClient, cloud: Cloud) -> None:
    conversation = api.conversation()

    answer = api.post(f"/conversations/{conversation}/messages", {"content": COUNT})

    assert answer.status == 202
    job = answer.json["job"]
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert answer.json["route"]["kind"] == "collection"
    assert answer.json["message"] == {
        "id": job["message_id"],
        "role": "assistant",
        "content": None,
        "citations": None,
        "job_id": job["id"],
    }
    assert job["status"] == "queued"
    assert job["user_query"] == COUNT
    assert job["intent_data"]["kind"] == "count"
    executions = cloud.client("stepfunctions").list_executions(
        stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:answer-job"
    )["executions"]
    assert [execution["name"] for execution in executions] == [f"{job['id']}-1"]


def test_a_look_up_is_answered_at_once_with_checked_citations(api: ApiClient) -> None:
    text = "Preamble.\n\nThe term of the Acme agreement is five years from the effective date.\n"
    document = add_document("acme.txt", text)

    answer = api.post(
        f"/conversations/{api.conversation()}/messages",
        {"content": "What is the term of the Acme agreement?", "route": "lookup"},
    )

    assert answer.status == 201
    assert answer.json["route"]["kind"] == "lookup"
    assert "five years" in answer.json["message"]["content"]
    assert "rule-based" in answer.json["message"]["content"]
    citation = answer.json["message"]["citations"][0]
    assert citation["source_id"] == document
    assert citation["source_name"] == "acme.txt"
    assert citation["check"] == "exact"
    assert text[citation["char_start"] : citation["char_end"]] == citation["quote"]


def test_a_look_up_that_finds_nothing_says_so(api: ApiClient) -> None:
    answer = api.post(
        f"/conversations/{api.conversation()}/messages",
        {"content": "What is the term of the Acme agreement?", "route": "lookup"},
    )

    assert answer.status == 201
    assert "hold no passage that answers this" in answer.json["message"]["content"]
    assert answer.json["message"]["citations"] == []


def test_a_question_about_the_files_is_answered_by_counting_rows(api: ApiClient) -> None:
    add_document("one.txt", "One.")
    api.post("/files", {"filename": "two.txt"})

    answer = api.post(
        f"/conversations/{api.conversation()}/messages", {"content": "How many documents are there?"}
    )

    assert answer.status == 201
    assert answer.json["route"]["kind"] == "metadata"
    assert answer.json["message"]["content"] == "The collection holds 2 documents: 1 completed, 1 pending."


def test_messages_come_oldest_first_the_question_before_its_answer(api: ApiClient) -> None:
    conversation = api.conversation()
    for question in ("How many documents are there?", COUNT):
        api.post(f"/conversations/{conversation}/messages", {"content": question})

    items = api.get(f"/conversations/{conversation}/messages").json["items"]

    assert [item["role"] for item in items] == ["user", "assistant", "user", "assistant"]
    assert items[2]["content"] == COUNT
    assert items[3]["content"] is None
    assert items[3]["job_id"] is not None


def test_messages_come_page_by_page(api: ApiClient) -> None:
    conversation = api.conversation()
    for _ in range(3):
        api.post(f"/conversations/{conversation}/messages", {"content": "How many documents are there?"})
    path = f"/conversations/{conversation}/messages"

    first = api.get(path, limit="4").json
    second = api.get(path, limit="4", cursor=first["next_cursor"]).json

    whole = api.get(path).json["items"]
    assert first["items"] + second["items"] == whole
    assert second["next_cursor"] is None


def test_citations_are_kept_with_the_message(api: ApiClient) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    conversation = api.conversation()
    body = {"content": "What is the term of the Acme agreement?", "route": "lookup"}
    answered = api.post(f"/conversations/{conversation}/messages", body).json["message"]

    kept = api.get(f"/conversations/{conversation}/messages").json["items"][1]

    assert kept["citations"] == answered["citations"] != []
    assert kept["content"] == answered["content"]


def test_another_tenants_documents_answer_nothing(api: ApiClient) -> None:
    add_document("acme.txt", "The term of the Acme agreement is five years.")
    stranger = api.another("mallory", "globex")

    answer = stranger.post(
        f"/conversations/{stranger.conversation()}/messages",
        {"content": "What is the term of the Acme agreement?", "route": "lookup"},
    )

    assert answer.json["message"]["citations"] == []


def test_the_caller_can_force_the_collection(api: ApiClient) -> None:
    body = {"content": "Which contracts mention arbitration?", "route": "collection"}

    answer = api.post(f"/conversations/{api.conversation()}/messages", body)

    assert answer.status == 202
    assert answer.json["route"] == {"kind": "collection", "reason": "Whole collection: you chose it."}


def test_a_given_plan_is_taken_as_it_is_with_the_filters_of_the_request(api: ApiClient) -> None:
    conversation = api.conversation()
    planned = api.post(f"/conversations/{conversation}/messages", {"content": COUNT}).json["job"]
    plan = {**planned["intent_data"], "predicate": "mentions indemnity, as corrected"}

    answer = api.post(
        f"/conversations/{conversation}/messages",
        {"content": "As corrected.", "plan": plan, "filters": {"tags": ["2024"]}, "max_cost_usd": 1.5},
    )

    assert answer.status == 202
    assert answer.json["job"]["intent_data"] == {**plan, "filters": {"tags": ["2024"]}}
    assert answer.json["job"]["cost"]["cap_usd"] == 1.5


def test_every_fault_of_a_plan_is_named_by_its_path(api: ApiClient) -> None:
    answer = api.post(
        f"/conversations/{api.conversation()}/messages",
        {"content": "x", "plan": {"kind": "guess", "predicate": "p", "atoms": [{"name": "a"}]}},
    )

    assert answer.status == 422
    assert {"plan.kind", "plan.atoms.0.statement"} <= set(answer.bad_paths)


def test_filters_on_a_look_up_are_refused_rather_than_ignored(api: ApiClient) -> None:
    answer = api.post(
        f"/conversations/{api.conversation()}/messages",
        {"content": "What is the fee?", "route": "lookup", "filters": {"tags": ["x"]}},
    )

    assert answer.status == 422
    assert answer.bad_paths == ["filters"]


def test_an_unknown_conversation_is_not_found(api: ApiClient) -> None:
    answer = api.post(f"/conversations/{uuid.uuid4()}/messages", {"content": COUNT})

    assert answer.status == 404
    assert answer.json["title"] == "Not found"
