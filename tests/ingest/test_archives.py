"""An uploaded zip becomes files of its own, each ingested as if it had been uploaded."""

import json
import uuid

import pytest

from census.domain.errors import UnavailableError
from census.domain.identity import unpacked_id
from tests.extraction.bomb_parts import declaring, locked, nested_zip
from tests.extraction.files import pdf
from tests.extraction.packages import word, zipped
from tests.ingest.house import House, WorkerDiedError

TWO = {"leases/a.txt": b"The rent is ten.", "leases/b.txt": b"The rent is twenty."}


def add_archive(house: House, data: bytes, name: str = "deals.zip", **announced: uuid.UUID) -> uuid.UUID:
    """An archive uploaded and unpacked, and each file of it reported by S3."""
    archive = house.add(data, name, **announced)
    house.report_objects(archive)
    return archive


def table_of_contents(house: House, file_id: uuid.UUID) -> str:
    with house.database.tenant(house.tenant_id) as work:
        found = work.files.text(file_id)
    return found.text if found else ""


def test_its_files_are_listed_and_found_like_any_other(house: House) -> None:
    archive = add_archive(house, zipped({**TWO, "c.pdf": pdf([["A lease."]]), "d.docx": word("<w:p/>")}))
    files = house.files_of(archive)

    assert {path: row["status"] for path, row in files.items()} == {
        "c.pdf": "completed",
        "d.docx": "failed",
        "leases/a.txt": "completed",
        "leases/b.txt": "completed",
    }
    assert files["d.docx"]["error"]["code"] == "no_text"
    assert files["c.pdf"]["content_type"] == "application/pdf"
    assert files["leases/a.txt"]["id"] == unpacked_id(archive, "leases/a.txt")
    assert "The rent is ten." in house.find("rent")


def test_the_archive_completes_with_its_table_of_contents(house: House) -> None:
    archive = add_archive(house, zipped(TWO))

    assert (house.row(archive)["status"], house.row(archive)["content_type"]) == (
        "completed",
        "application/zip",
    )
    assert table_of_contents(house, archive).splitlines() == [
        "Archive deals.zip: 2 files unpacked, 0 refused.",
        "",
        "Unpacked, each a file of its own:",
        "leases/a.txt",
        "leases/b.txt",
    ]


def test_a_refused_file_is_listed_as_failed_with_its_reason(house: House) -> None:
    data = locked(zipped({"secret.txt": b"x", "open.txt": b"The rent is ten.", "../up.txt": b"y"}))
    archive = add_archive(house, data)
    files = house.files_of(archive)

    assert {path: row["error"] and row["error"]["code"] for path, row in files.items()} == {
        "../up.txt": "corrupt",
        "open.txt": None,
        "secret.txt": "encrypted",
    }
    assert files["secret.txt"]["error"]["stage"] == "unpack"
    assert "1 file unpacked, 2 refused" in table_of_contents(house, archive)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"folder/": b""}), "no_text"),
        (zipped({str(number): b"" for number in range(1_001)}), "too_large"),
        (declaring(zipped({"a.txt": b"x"}), 600 * 1024 * 1024), "too_large"),
        (zipped({"zeros": bytes(20_000_000)}), "too_large"),
        (locked(zipped({"a.txt": b"x"})), "encrypted"),
        (zipped({"a.txt": b"x" * 500})[:90], "corrupt"),
    ],
    ids=["empty", "1,001 entries", "600 MB", "bomb", "password", "cut"],
)
def test_an_archive_that_gives_nothing_fails_with_its_code(house: House, data: bytes, code: str) -> None:
    archive = house.add(data, "a.zip")

    assert (house.row(archive)["status"], house.row(archive)["error"]["code"]) == ("failed", code)
    assert all(row["status"] == "failed" for row in house.files_of(archive).values())
    assert house.count("extracted_texts") == 0


def test_archives_in_archives_are_unpacked_two_deep_and_no_deeper(house: House) -> None:
    inner = zipped({"b.txt": b"Inner words.", "deeper.zip": zipped({"c.txt": b"x"})})
    archive = add_archive(house, zipped({"a.txt": b"Outer words.", "in.zip": inner}))
    files = house.files_of(archive)

    assert {path: row["status"] for path, row in files.items()} == {
        "a.txt": "completed",
        "in.zip/b.txt": "completed",
        "in.zip/deeper.zip": "failed",
    }
    assert files["in.zip/deeper.zip"]["error"]["code"] == "too_large"


def test_a_zip_of_zips_of_zips_is_bounded(house: House) -> None:
    archive = house.add(nested_zip(6), "a.zip")

    assert house.row(archive)["status"] == "failed"
    assert house.row(archive)["error"]["code"] == "too_large"


def test_two_files_of_one_path_are_both_kept(house: House) -> None:
    data = zipped({"a.txt": b"First.", "b.txt": b"Second."}).replace(b"b.txt", b"a.txt")
    archive = add_archive(house, data)

    assert set(house.files_of(archive)) == {"a.txt", "a.txt (2)"}
    assert len(house.find("first")) == len(house.find("second")) == 1


STEPS = [
    *("before commit 3", "after commit 3", "before put", "after put", "before commit 4", "after commit 4"),
    *("before commit 6", "before upsert", "before commit 8", "after commit 8"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_while_unpacking_leaves_the_same_end(house: House, step: str) -> None:
    archive = house.announce("deals.zip")
    event = house.upload(archive, zipped(TWO))
    house.doors.die_at(step)
    with pytest.raises(WorkerDiedError):
        house.deliver(event)
    house.let_claim_expire(archive)
    house.deliver(event)
    house.report_objects(archive)

    rows = [house.row(archive), *house.files_of(archive).values()]
    assert [row["status"] for row in rows] == ["completed"] * 3
    assert house.count("extracted_texts") == house.count("passages") == house.count("passage_vectors") == 3


def test_the_same_event_again_makes_nothing_twice(house: House) -> None:
    archive = house.announce("deals.zip")
    event = house.upload(archive, zipped(TWO))
    house.deliver(event)
    house.report_objects(archive)
    house.doors.passed.clear()
    house.deliver(event, "m2")

    assert "before put" not in house.doors.passed
    assert house.count("knowledge_files") == 3


def test_what_s3_has_reported_is_not_stored_again(house: House) -> None:
    archive = house.announce("deals.zip")
    event = house.upload(archive, zipped(TWO))
    house.doors.die_at("before commit 5")
    with pytest.raises(WorkerDiedError):
        house.deliver(event)
    house.report_objects(archive)
    house.doors.passed.clear()
    house.let_claim_expire(archive)
    house.deliver(event)

    assert house.row(archive)["status"] == "completed"
    assert "before put" not in house.doors.passed


def test_new_bytes_for_the_archive_bring_new_bytes_for_its_files(house: House) -> None:
    archive = house.announce("deals.zip")
    for rent in (b"The rent is ten.", b"The rent is thirty."):
        house.deliver(house.upload(archive, zipped({"a.txt": rent})))
        house.report_objects(archive)

    assert [found for found in house.find("rent") if "rent" in found] == ["The rent is thirty."]


def test_a_new_version_replaces_the_files_of_the_same_paths(house: House) -> None:
    first = add_archive(house, zipped({**TWO, "gone.txt": b"Only in the first."}))
    second = add_archive(house, zipped({"leases/a.txt": b"The rent is now eleven."}), replaces=first)

    assert not house.exists(first)
    assert not house.exists(unpacked_id(first, "leases/a.txt"))
    assert house.exists(unpacked_id(first, "gone.txt"))
    assert house.files_of(second)["leases/a.txt"]["status"] == "completed"
    assert "The rent is ten." not in house.find("rent")


def test_an_archive_that_is_deleted_meanwhile_makes_no_more_files(house: House) -> None:
    archive = house.announce("deals.zip")
    event = house.upload(archive, zipped(TWO))

    def delete() -> None:
        house.doors.at.clear()
        with house.database.tenant(house.tenant_id) as work:
            work.files.delete(archive)

    house.doors.at["before put"] = delete
    house.deliver(event)

    assert house.count("knowledge_files") == 1


def test_a_store_that_is_down_puts_the_archive_back_and_keeps_what_was_made(house: House) -> None:
    archive = house.announce("deals.zip")
    event = house.upload(archive, zipped(TWO))
    house.doors.raise_at("before put", UnavailableError("S3 is down."))
    house.deliver(event)
    assert (house.row(archive)["status"], house.row(archive)["error"]["code"]) == (
        "pending",
        "service_unavailable",
    )
    house.deliver_sent()
    house.report_objects(archive)

    assert {row["status"] for row in house.files_of(archive).values()} == {"completed"}


def test_without_time_enough_it_stops_and_goes_on_by_itself(house: House) -> None:
    archive = house.announce("deals.zip")
    house.deliver(house.upload(archive, zipped(TWO)), seconds=10)
    assert (house.row(archive)["status"], house.row(archive)["error"]["code"]) == (
        "pending",
        "unpacking_goes_on",
    )
    house.deliver_sent()

    assert house.row(archive)["status"] == "completed"


def test_files_whose_event_was_lost_are_found_by_the_sweep(house: House) -> None:
    archive = house.add(zipped(TWO), "deals.zip")
    for row in house.files_of(archive).values():
        assert row["status"] == "pending"
        house.change(row["id"], "claimed_until = now() - interval '2 minutes'")
        house.remind(row["id"])

    assert {row["status"] for row in house.files_of(archive).values()} == {"completed"}


def test_a_mail_carries_its_attachments_but_is_no_archive(house: House) -> None:
    mail = b"Subject: x\nContent-Type: text/plain\n\nWords of a mail."

    assert house.row(house.add(mail, "a.eml"))["content_type"] == "message/rfc822"


def test_other_archives_say_what_to_do(house: House) -> None:
    file_id = house.add(b"7z\xbc\xaf\x27\x1c" + bytes(90), "a.7z")

    assert house.row(file_id)["error"]["code"] == "unsupported_type"
    assert "unpack it" in json.dumps(house.row(file_id)["error"])
