"""What goes wrong at a user's end gets the clear error of the interface, or a row that says what to do."""

from pathlib import Path

import pytest

from infra.local.api_shapes import FileRow
from infra.local.client import CensusClient
from infra.local.client_errors import UploadRefusedError
from tests.extraction.files import pdf
from tests.stack.person import Answer, Person, somebody
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import RunningStack

pytestmark = pytest.mark.stack

TEXT = "The supplier shall deliver the castings within nine months of the order."
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
MEGABYTE = 1024 * 1024


def check_problem(answer: Answer, status: int, kind: str) -> None:
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == f"/problems/{kind}"
    assert answer.json["detail"]


def only_row(person: Person, name: str, content: bytes) -> FileRow:
    return person.send_texts({name: content})[name]


def check_failed(row: FileRow, code: str, *words: str) -> None:
    """The row says why, in words that a user can act on."""
    error = row["processing_error"]
    assert row["status"] == "failed"
    assert error is not None
    assert error["code"] == code
    assert error["stage"]
    assert any(word in error["message"].lower() for word in words), error["message"]


def test_an_empty_file_fails_with_its_reason(person: Person) -> None:
    check_failed(only_row(person, "empty.txt", b""), "empty_file", "empty")


def test_a_pdf_with_the_wrong_extension_is_read_as_what_it_is(person: Person) -> None:
    row = only_row(person, "contract.txt", pdf([[TEXT]]))
    assert row["status"] == "completed"
    assert "castings" in person.texts()[row["id"]]


def test_a_picture_that_calls_itself_a_pdf_fails_with_its_reason(person: Person) -> None:
    check_failed(only_row(person, "contract.pdf", PNG), "unsupported_type", "image", "picture", "png")


def test_a_pdf_with_a_password_fails_and_says_that_it_has_one(person: Person) -> None:
    check_failed(only_row(person, "secret.pdf", pdf([[TEXT]], password="open")), "encrypted", "password")


def test_a_failed_document_stands_in_the_ledger_and_stops_no_answer(person: Person) -> None:
    person.send_texts({"good.txt": TEXT, "bad.pdf": PNG})
    job = person.answer("How many documents mention castings?")
    check_ledger(job, 2)
    assert job["status"] == "completed"
    assert result_of(job)["ledger"]["match"] == 1
    assert result_of(job)["ledger"]["failed"] == 1
    assert result_of(job)["bounds"] == {"low": 1, "high": 2}


def test_a_question_to_an_empty_collection_is_answered_with_that(person: Person) -> None:
    job = person.answer("How many documents mention castings?")
    assert job["status"] == "completed"
    check_ledger(job, 0)
    assert "no documents" in result_of(job)["answer"]
    looked_up = person.ask("What is the notice period of the lease?")
    assert looked_up["message"]["content"]
    assert looked_up["message"]["citations"] in (None, [])


@pytest.mark.parametrize("content", ["", "   ", "\n"])
def test_an_empty_question_is_refused_by_its_field(person: Person, content: str) -> None:
    refused = person.call("POST", f"/conversations/{person.conversation}/messages", {"content": content})
    check_problem(refused, 422, "invalid-fields")
    assert [error["path"] for error in refused.json["errors"]] == ["content"]


@pytest.mark.parametrize("conversation", ["0b7f7c1e-6d53-4d59-9c8e-3a1f5f0e2b11", "no-uuid"])
def test_an_unknown_conversation_is_not_found(person: Person, conversation: str) -> None:
    check_problem(
        person.call("POST", f"/conversations/{conversation}/messages", {"content": "Hello?"}),
        404,
        "not-found",
    )


def test_malformed_json_is_refused(person: Person) -> None:
    path = f"/conversations/{person.conversation}/messages"
    check_problem(person.call("POST", path, raw=b'{"content": "How'), 400, "malformed-json")


def test_a_body_of_21_megabytes_is_refused_by_the_gateway(person: Person) -> None:
    refused = person.call("POST", "/files", raw=b'{"filename": "' + b"x" * 21 * MEGABYTE + b'"}')
    assert refused.status == 413
    assert set(refused.json) == {"message"}


@pytest.mark.parametrize("token", ["Bearer nonsense", "Basic YTpi", "Bearer dev-", "dev-alice"])
def test_a_bad_token_is_refused_by_the_gateway(person: Person, token: str) -> None:
    refused = person.call("GET", "/files", token=token)
    assert refused.status == 401
    assert set(refused.json) == {"message"}


def test_an_upload_larger_than_declared_is_refused_by_the_object_store(
    person: Person, tmp_path: Path
) -> None:
    path = tmp_path / "grown.txt"
    path.write_bytes(b"x" * 200)
    client = GrowingUpload(person.base_url, f"dev-{person.name}")
    with pytest.raises(UploadRefusedError) as refused:
        client.upload_file(path)
    assert refused.value.status == 400
    assert refused.value.code == "EntityTooLarge"
    assert [row["status"] for row in person.client.files()] == ["pending"]


class GrowingUpload(CensusClient):
    """Announces half of what it sends."""

    def _object(
        self, method: str, path: str, body: object = None, headers: object = None
    ) -> dict[str, object]:
        if path == "/files" and isinstance(body, dict):
            body = {**body, "size": body["size"] // 2}
        return super()._object(method, path, body)


def test_what_belongs_to_another_tenant_is_not_found(stack: RunningStack, person: Person) -> None:
    row = only_row(person, "mine.txt", TEXT.encode())
    job = person.answer("How many documents mention castings?")
    stranger = somebody(stack.url)
    mine = (
        ("GET", f"/files/{row['id']}"),
        ("GET", f"/files/{row['id']}/text"),
        ("DELETE", f"/files/{row['id']}"),
        ("POST", f"/files/{row['id']}/retry"),
        ("GET", f"/jobs/{job['id']}"),
        ("GET", f"/jobs/{job['id']}/rows"),
        ("POST", f"/jobs/{job['id']}/cancel"),
        ("POST", f"/jobs/{job['id']}/retry"),
        ("GET", f"/conversations/{person.conversation}"),
        ("GET", f"/conversations/{person.conversation}/messages"),
    )
    for method, path in mine:
        check_problem(stranger.call(method, path), 404, "not-found")
    assert stranger.call("GET", "/files").json["items"] == []
    assert stranger.call("GET", "/jobs").json["items"] == []
    found = stranger.answer("How many documents mention castings?")
    check_ledger(found, 0)


def test_a_colleague_shares_the_documents_and_not_the_jobs(stack: RunningStack, person: Person) -> None:
    row = only_row(person, "ours.txt", TEXT.encode())
    job = person.answer("How many documents mention castings?")
    colleague = Person(stack.url, f"bob@{person.name.partition('@')[2]}")
    assert colleague.call("GET", f"/files/{row['id']}").status == 200
    check_problem(colleague.call("GET", f"/jobs/{job['id']}"), 404, "not-found")
