import base64
import datetime as dt
import json
import urllib.request
import uuid

import pytest
from sqlalchemy import text

from census import bootstrap
from census.domain.processing_error import ProcessingError
from tests.api.conftest import BUCKET, ApiClient, Cloud
from tests.api.documents import ALICE, add_document, cite_in_answers, quotes_in_answers, rows_of, set_file
from tests.api.forms import post_form

EXPIRED = ProcessingError("upload_expired", "upload", "The upload was never made.").to_text()


def test_an_announced_file_waits_for_its_bytes(api: ApiClient) -> None:
    made = api.post("/files", {"filename": "a b.txt", "content_type": "text/plain", "size": 3})

    assert made.status == 201
    assert made.json["status"] == "pending"
    shown = api.get(f"/files/{made.json['id']}").json
    assert shown == {
        "id": made.json["id"],
        "filename": "a b.txt",
        "content_type": "text/plain",
        "size": 3,
        "status": "pending",
        "job_id": None,
        "processing_error": None,
        "passages": None,
        "tokens": None,
        "uploaded_at": shown["uploaded_at"],
        "updated_at": shown["updated_at"],
    }
    assert shown["uploaded_at"].endswith("Z")


def test_the_form_uploads_to_the_key_of_tenant_and_file(api: ApiClient, cloud: Cloud) -> None:
    made = api.post("/files", {"filename": "a.txt", "content_type": "text/plain", "size": 5}).json

    post_form(made["upload"]["url"], made["upload"]["fields"], b"hello")

    stored = cloud.client("s3").get_object(Bucket=BUCKET, Key=f"uploads/{ALICE.tenant_id}/{made['id']}")
    assert stored["Body"].read() == b"hello"


def test_an_upload_never_made_is_looked_at_when_it_expires(api: ApiClient, cloud: Cloud) -> None:
    api.post("/files", {"filename": "a.txt"})

    attributes = cloud.client("sqs").get_queue_attributes(
        QueueUrl=cloud.queues["reconcile"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]

    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "filename"),
        ({"filename": ""}, "filename"),
        ({"filename": "   "}, "filename"),
        ({"filename": "x" * 256}, "filename"),
        ({"filename": "../etc/passwd"}, "filename"),
        ({"filename": ".."}, "filename"),
        ({"filename": "a\nb.txt"}, "filename"),
        ({"filename": "a\\b.txt"}, "filename"),
        ({"filename": "nul\x00.txt"}, "filename"),
        ({"filename": "half\ud800.txt"}, "filename"),
        ({"filename": 7}, "filename"),
        ({"filename": "a.txt", "size": 200 * 1024 * 1024 + 1}, "size"),
        ({"filename": "a.txt", "size": -1}, "size"),
        ({"filename": "a.txt", "size": "3"}, "size"),
        ({"filename": "a.txt", "content_type": "no type"}, "content_type"),
        ({"filename": "a.txt", "replaces": "no id"}, "replaces"),
        ({"filename": "a.txt", "replaces": "6d2f1c52-9f0a-4c3e-8b1e-6a2f7c1d4e90"}, "replaces"),
        ({"filename": "a.txt", "tags": ["ok", ""]}, "tags.1"),
        ({"filename": "a.txt", "tags": ["x"] * 21}, "tags"),
        ({"filename": "a.txt", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_field_is_named_by_its_path(api: ApiClient, body: dict[str, object], path: str) -> None:
    answer = api.post("/files", body)

    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"] == "/problems/invalid-fields"
    assert answer.bad_paths == [path]


def test_a_new_version_names_a_file_of_the_same_tenant(api: ApiClient) -> None:
    old = api.post("/files", {"filename": "a.txt"}).json["id"]

    own = api.post("/files", {"filename": "a.txt", "replaces": old})
    foreign = api.another("mallory", "globex").post("/files", {"filename": "a.txt", "replaces": old})

    assert own.status == 201
    assert foreign.status == 422
    assert foreign.bad_paths == ["replaces"]


def test_a_second_file_of_the_same_name_keeps_both(api: ApiClient) -> None:
    ids = {api.post("/files", {"filename": "same.txt"}).json["id"] for _ in range(2)}

    assert {item["id"] for item in api.get("/files").json["items"]} == ids


def test_colleagues_share_documents_and_strangers_see_none(api: ApiClient) -> None:
    document = add_document("acme.txt", "Shared.")
    bob, mallory = api.another("bob", "acme"), api.another("mallory", "globex")

    assert bob.get(f"/files/{document}").status == 200
    assert [item["id"] for item in bob.get("/files").json["items"]] == [document]
    for method, path in (("GET", ""), ("GET", "/text"), ("POST", "/retry"), ("DELETE", "")):
        assert mallory.call(method, f"/files/{document}{path}").status == 404
    assert mallory.get("/files").json["items"] == []


def test_files_come_newest_first_page_by_page_and_by_status(api: ApiClient) -> None:
    ids = [api.post("/files", {"filename": f"{n}.txt"}).json["id"] for n in range(5)]
    done = add_document("done.txt", "Done.")

    first = api.get("/files", limit="2", status="pending").json
    second = api.get("/files", limit="3", status="pending", cursor=first["next_cursor"]).json

    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert [item["id"] for item in api.get("/files", status="completed").json["items"]] == [done]


def test_an_unknown_status_is_refused(api: ApiClient) -> None:
    answer = api.get("/files", status="lost")

    assert answer.status == 422
    assert answer.bad_paths == ["status"]


def test_a_file_without_a_status_reads_as_completed(api: ApiClient) -> None:
    document = add_document("old.txt", "From before there was a status.")
    set_file(document, status=None)

    assert api.get(f"/files/{document}").json["status"] == "completed"
    assert [item["id"] for item in api.get("/files", status="completed").json["items"]] == [document]
    assert api.get(f"/files/{document}/text").status == 200


def test_a_completed_file_shows_what_was_made_of_it(api: ApiClient) -> None:
    shown = api.get(f"/files/{add_document('a.txt', 'Some text.')}").json

    assert shown["passages"] == 1
    assert shown["tokens"] == 10
    assert shown["size"] == 10


def test_a_processing_error_is_shown_as_its_four_fields(api: ApiClient) -> None:
    failed = api.post("/files", {"filename": "a.pdf"}).json["id"]
    told = ProcessingError("encrypted", "extract", "The PDF has a password.").to_text()
    set_file(failed, status="failed", processing_error=told)

    assert api.get(f"/files/{failed}").json["processing_error"] == {
        "code": "encrypted",
        "stage": "extract",
        "message": "The PDF has a password.",
        "retryable": False,
    }


def test_an_error_from_before_codes_keeps_its_words(api: ApiClient) -> None:
    failed = api.post("/files", {"filename": "a.pdf"}).json["id"]
    set_file(failed, status="failed", processing_error="Connection reset")

    assert api.get(f"/files/{failed}").json["processing_error"] == {
        "code": "unknown",
        "stage": None,
        "message": "Connection reset",
        "retryable": True,
    }


def test_the_text_is_plain_text_to_the_last_character(api: ApiClient) -> None:
    content = "Zürich — 東京 \U0001f4c4\nsecond line\n"

    answer = api.get(f"/files/{add_document('u.txt', content)}/text")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == content


def test_a_text_above_a_megabyte_is_downloaded(api: ApiClient) -> None:
    content = "A line of a long document.\n" * 40_000
    answer = api.get(f"/files/{add_document('long.txt', content)}/text")

    assert answer.status == 303
    with urllib.request.urlopen(answer.headers["location"], timeout=60) as download:
        assert download.read().decode() == content


def test_a_file_that_is_not_completed_has_no_text(api: ApiClient) -> None:
    pending = api.post("/files", {"filename": "a.txt"}).json["id"]

    answer = api.get(f"/files/{pending}/text")

    assert answer.status == 409
    assert answer.json["state"] == "pending"


def test_what_of_a_file_was_not_read_is_told_beside_it(api: ApiClient) -> None:
    odd = "3 of 4 pages hold no text (images? OCR is not included)."
    scanned = add_document("partly-scanned.pdf", "The page with text.", warnings=(odd,))
    pending = api.post("/files", {"filename": "a.txt"}).json["id"]

    assert api.get(f"/files/{scanned}/warnings").json == {"items": [odd]}
    assert api.get(f"/files/{pending}/warnings").json == {"items": []}
    assert api.get(f"/files/{uuid.uuid4()}/warnings").status == 404


def test_a_failed_file_is_tried_again(api: ApiClient, cloud: Cloud) -> None:
    failed = add_document("a.txt", "Text.")
    set_file(failed, status="failed", processing_error=EXPIRED)

    answer = api.post(f"/files/{failed}/retry")

    assert answer.status == 202
    assert answer.json["status"] == "pending"
    assert answer.json["processing_error"] is None
    assert cloud.messages("ingest") == [f'{{"tenant_id":"{ALICE.tenant_id}","file_id":"{failed}"}}']


@pytest.mark.parametrize("status", ["pending", "processing", "completed"])
def test_only_a_failed_file_can_be_tried_again(api: ApiClient, status: str, cloud: Cloud) -> None:
    document = add_document("a.txt", "Text.")
    set_file(document, status=status)

    answer = api.post(f"/files/{document}/retry")

    assert answer.status == 409
    assert answer.json["state"] == status
    assert cloud.messages("ingest") == []


def test_an_upload_never_made_has_nothing_to_try_again(api: ApiClient) -> None:
    expired = api.post("/files", {"filename": "a.txt"}).json["id"]
    set_file(expired, status="failed", processing_error=EXPIRED)

    answer = api.post(f"/files/{expired}/retry")

    assert answer.status == 409
    assert "POST /files" in answer.json["detail"]


def test_a_deleted_file_leaves_nothing_behind(api: ApiClient, cloud: Cloud) -> None:
    document = add_document("a.txt", "The fee is $5.")
    key = f"uploads/{ALICE.tenant_id}/{document}"
    cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"The fee is $5.")

    assert api.delete(f"/files/{document}").status == 204

    assert api.get(f"/files/{document}").status == 404
    assert rows_of("extracted_texts", "passages", "passage_vectors", "map_results") == [0, 0, 0, 0]
    assert "Versions" not in cloud.client("s3").list_object_versions(Bucket=BUCKET, Prefix=key)
    assert api.delete(f"/files/{document}").status == 404


def test_a_text_that_another_file_shows_stays(api: ApiClient) -> None:
    first, second = add_document("a.txt", "The same."), add_document("b.txt", "The same.")

    api.delete(f"/files/{first}")

    assert api.get(f"/files/{second}/text").text == "The same."


def test_quotes_of_a_deleted_file_are_redacted_and_others_stay(api: ApiClient) -> None:
    gone, stays = add_document("gone.txt", "Secret words."), add_document("stays.txt", "Open words.")
    cite_in_answers(api.conversation(), {gone: "Secret words.", stays: "Open words."})

    api.delete(f"/files/{gone}")

    assert quotes_in_answers() == {"source deleted", "Open words."}


def test_a_store_that_does_not_answer_leaves_the_file(api: ApiClient, cloud: Cloud) -> None:
    document = add_document("a.txt", "Text.")
    cloud.client("s3").delete_bucket(Bucket=BUCKET)

    answer = api.delete(f"/files/{document}")

    assert answer.status == 503
    assert answer.headers["retry-after"].isdigit()
    assert api.get(f"/files/{document}").status == 200


def test_a_lost_hint_is_no_error(api: ApiClient, cloud: Cloud) -> None:
    cloud.client("sqs").delete_queue(QueueUrl=cloud.queues["reconcile"])

    made = api.post("/files", {"filename": "a.txt"})

    assert made.status == 201
    with bootstrap.database().tenant(ALICE.tenant_id) as work:
        expires = work.session.scalar(text("SELECT upload_expires_at - uploaded_at FROM knowledge_files"))
    assert expires.total_seconds() == 900


def test_the_form_is_bound_to_the_key_the_size_and_five_minutes(api: ApiClient) -> None:
    made = api.post("/files", {"filename": "a.txt", "size": 7}).json

    policy = json.loads(base64.b64decode(made["upload"]["fields"]["policy"]))

    key = f"uploads/{ALICE.tenant_id}/{made['id']}"
    assert {"key": key} in policy["conditions"]
    assert ["content-length-range", 7, 7] in policy["conditions"]
    left = dt.datetime.fromisoformat(policy["expiration"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=240) < left <= dt.timedelta(seconds=300)
