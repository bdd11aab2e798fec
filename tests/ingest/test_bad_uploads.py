"""Files that cannot be read end `failed`, with a reason somebody can act on."""

import json
import uuid

import pytest

from census.domain.identity import upload_key
from census.domain.upload_claims import MAX_UPLOAD_BYTES
from tests.extraction.files import pdf
from tests.ingest.house import House, s3_event

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


def failure(house: House, file_id: uuid.UUID) -> tuple[str, str, str]:
    row = house.row(file_id)
    return row["status"], row["error"]["code"], row["error"]["stage"]


def test_an_empty_file_says_so(house: House) -> None:
    file_id = house.add(b"")

    assert failure(house, file_id) == ("failed", "empty_file", "receive")
    assert "empty" in house.row(file_id)["error"]["message"]
    assert house.row(file_id)["error"]["retryable"] is False


def test_an_upload_larger_than_declared_is_not_read(house: House) -> None:
    file_id = house.add(b"more than five", size=5)

    assert failure(house, file_id) == ("failed", "too_large", "receive")
    assert "14 bytes" in house.row(file_id)["error"]["message"]
    assert "before download" not in house.doors.passed


def test_an_upload_above_the_limit_is_not_even_downloaded(house: House) -> None:
    file_id = house.announce()
    key = upload_key(house.tenant_id, file_id)
    house.deliver(s3_event(key, MAX_UPLOAD_BYTES + 1, "v1", "01"))

    assert failure(house, file_id) == ("failed", "too_large", "receive")
    assert "before download" not in house.doors.passed


def test_an_object_larger_than_its_event_said_is_not_read(house: House) -> None:
    file_id = house.announce(size=5)
    event = json.loads(house.upload(file_id, b"more than five"))
    event["Records"][0]["s3"]["object"]["size"] = 5
    house.deliver(json.dumps(event))

    assert failure(house, file_id) == ("failed", "too_large", "receive")


def test_a_pdf_named_txt_is_read_as_a_pdf(house: House) -> None:
    file_id = house.add(pdf([["Really a document."]]), "notes.txt")

    assert house.row(file_id)["content_type"] == "application/pdf"
    assert house.find("document") == ["Really a document."]


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (PNG, "notes.txt", "unsupported_type"),
        (pdf([["Secret."]], password="open sesame"), "a.pdf", "encrypted"),
        (b"%PDF-1.7\nnothing of a document follows", "a.pdf", "corrupt"),
        (b"   \n\n  \n", "blank.txt", "no_text"),
    ],
    ids=["png", "password", "broken", "blank"],
)
def test_an_unreadable_file_fails_with_its_code(house: House, data: bytes, filename: str, code: str) -> None:
    file_id = house.add(data, filename)

    assert failure(house, file_id) == ("failed", code, "extract")
    assert house.queue.sent == []
    assert house.count("extracted_texts") == 0


def test_an_object_that_is_gone_asks_for_a_new_upload(house: House) -> None:
    file_id = house.announce()
    house.deliver(s3_event(upload_key(house.tenant_id, file_id), 4, None, "01"))

    assert failure(house, file_id) == ("failed", "upload_missing", "download")


@pytest.mark.parametrize(
    "key",
    ["uploads/readme.txt", "uploads/not-a-uuid/either", "other/thing", "results/1/2/3"],
)
def test_a_foreign_key_is_acknowledged_and_logged(
    house: House, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    house.deliver(s3_event(key, 1, "v1", "01"))

    assert key in caplog.text
    assert house.queue.sent == []


NONSENSE = ["", "{", "[]", '"x"', "{}", '{"tenant_id": 1, "file_id": 2}']
NONSENSE += ['{"Records": [{}]}', '{"Records": 7}', '{"Records": [null]}']


@pytest.mark.parametrize("body", NONSENSE)
def test_a_message_without_sense_is_acknowledged_and_logged(
    house: House, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    house.deliver(body)

    assert "was ignored" in caplog.text


def test_s3s_test_event_is_acknowledged_in_silence(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.deliver('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}')

    assert "was ignored" not in caplog.text


def test_an_upload_for_a_deleted_file_does_nothing(house: House) -> None:
    house.deliver(s3_event(upload_key(house.tenant_id, uuid.uuid4()), 4, "v1", "01"))

    assert house.count("knowledge_files") == 0


def test_another_tenants_key_does_not_reach_this_tenants_file(house: House) -> None:
    file_id = house.announce()
    house.deliver(s3_event(upload_key(uuid.uuid4(), file_id), 4, "v1", "01"))

    assert house.row(file_id)["status"] == "pending"
