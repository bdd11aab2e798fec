"""S3's events are repeated and come out of order; our reminders too. The row decides."""

import json
import uuid

import pytest

from census.adapters.s3_object_store import S3ObjectStore
from census.application.expire_upload import fail_upload, receive_or_expire
from census.domain.errors import UnavailableError
from census.domain.identity import upload_key
from tests.ingest.house import BUCKET, House, s3_event


def test_a_repeated_event_does_nothing(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, b"Once.")
    house.deliver(event, "m1")
    house.doors.passed.clear()
    house.deliver(event, "m2")

    assert house.row(file_id)["attempts"] == 1
    assert "before download" not in house.doors.passed


def test_an_older_event_that_comes_late_does_nothing(house: House) -> None:
    file_id = house.announce()
    first = house.upload(file_id, b"Version one.")
    second = house.upload(file_id, b"Version two.")
    house.deliver(second, "m2")
    house.deliver(first, "m1")

    assert house.find("version") == ["Version two."]


def test_the_very_version_that_an_event_names_is_read(house: House) -> None:
    file_id = house.announce()
    first = house.upload(file_id, b"Version one.")
    second = house.upload(file_id, b"Version two.")
    house.deliver(first, "m1")
    assert house.find("version") == ["Version one."]
    house.deliver(second, "m2")

    assert house.find("version") == ["Version two."]


def test_a_repeated_event_does_not_read_a_bad_file_again(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
    house.deliver(event, "m1")
    house.doors.passed.clear()
    house.deliver(event, "m2")

    assert house.row(file_id)["status"] == "failed"
    assert "before download" not in house.doors.passed


def test_a_reminder_takes_up_a_failed_file(house: House) -> None:
    file_id = house.announce(size=3)
    house.deliver(house.upload(file_id, b"Four"))
    house.change(file_id, "declared_size = 4")
    house.remind(file_id)

    assert house.row(file_id)["status"] == "completed"


def test_a_reminder_of_a_completed_file_does_nothing(house: House) -> None:
    file_id = house.add(b"Done.")
    house.doors.passed.clear()
    house.remind(file_id)

    assert "before download" not in house.doors.passed


def test_a_reminder_before_the_upload_changes_nothing(house: House) -> None:
    file_id = house.announce()
    house.remind(file_id)

    assert (house.row(file_id)["status"], house.row(file_id)["attempts"]) == ("pending", 0)


def test_an_upload_never_made_fails_after_its_time_and_says_what_to_do(house: House) -> None:
    file_id = house.announce()
    house.remind(file_id)
    assert house.row(file_id)["status"] == "pending"
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")
    house.remind(file_id)

    row = house.row(file_id)
    assert (row["status"], row["error"]["code"]) == ("failed", "upload_expired")
    assert "POST /files" in row["error"]["message"]


def test_a_reminder_ends_an_upload_whose_time_is_over(house: House) -> None:
    file_id = house.announce()
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")
    house.remind(file_id)

    assert house.row(file_id)["error"]["code"] == "upload_expired"


def test_bytes_that_come_late_revive_an_expired_upload(house: House) -> None:
    file_id = house.announce()
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")
    house.remind(file_id)
    house.deliver(house.upload(file_id, b"Better late."))

    assert house.row(file_id)["status"] == "completed"
    assert house.row(file_id)["processing_error"] is None


def test_a_received_upload_does_not_expire(house: House) -> None:
    file_id = house.add(b"In time.")
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")

    house.remind(file_id)
    assert house.row(file_id)["status"] == "completed"


def test_an_upload_whose_event_was_lost_is_read_not_expired(house: House) -> None:
    file_id = house.announce()
    house.upload(file_id, b"Nobody told of these words.")
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")
    house.remind(file_id)

    assert house.row(file_id)["status"] == "completed"
    assert house.find("nobody") == ["Nobody told of these words."]


def test_a_lost_event_that_comes_at_last_changes_nothing_to_see(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, b"Nobody told of these words.")
    house.remind(file_id)
    house.deliver(event)

    assert house.row(file_id)["status"] == "completed"
    assert house.count("extracted_texts") == 1


def test_a_store_that_cannot_be_asked_expires_nothing(house: House) -> None:
    file_id = house.announce()
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")
    house.doors.raise_at("before look", UnavailableError("S3 does not answer."))
    with pytest.raises(UnavailableError):
        house.remind(file_id)

    assert house.row(file_id)["status"] == "pending"


def test_a_dead_letter_fails_the_file_with_its_cause(house: House) -> None:
    file_id = house.announce()
    assert fail_upload(house.database, house.tenant_id, file_id, "received 3 times")

    row = house.row(file_id)
    assert (row["status"], row["error"]["code"]) == ("failed", "ingest_crashed")
    assert row["error"]["retryable"] is True
    assert "received 3 times" in row["error"]["message"]


def test_a_dead_letter_of_a_completed_file_changes_nothing(house: House) -> None:
    file_id = house.add(b"Done.")

    assert not fail_upload(house.database, house.tenant_id, file_id, "received 3 times")
    assert house.row(file_id)["status"] == "completed"


def test_events_without_a_sequencer_are_taken_once(house: House) -> None:
    file_id = house.announce()
    house.upload(file_id, b"Words.")
    event = s3_event(upload_key(house.tenant_id, file_id), 6, None, None)
    house.deliver(event, "m1")
    house.change(file_id, "sequencer = '01'")
    house.doors.passed.clear()
    house.deliver(event, "m2")

    assert "before download" not in house.doors.passed
    assert house.row(file_id)["status"] == "completed"


def test_two_records_in_one_message_are_both_ingested(house: House) -> None:
    first, second = house.announce("a.txt"), house.announce("b.txt")
    events = [json.loads(house.upload(one, data)) for one, data in ((first, b"One."), (second, b"Two."))]
    house.deliver(json.dumps({"Records": [event["Records"][0] for event in events]}))

    assert {house.row(first)["status"], house.row(second)["status"]} == {"completed"}


def test_a_file_of_an_unknown_tenant_is_left_alone(house: House) -> None:
    file_id = house.announce()
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")

    assert not receive_or_expire(house.database, S3ObjectStore(BUCKET), uuid.uuid4(), file_id)
    assert house.row(file_id)["status"] == "pending"
