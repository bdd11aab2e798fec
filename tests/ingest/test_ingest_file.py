"""From the event to `completed`, through real parts."""

import hashlib
import uuid
from email.message import EmailMessage

from census.domain.page_numbers import page_at
from census.ports.vector_index import PassageId
from tests.extraction.files import pdf
from tests.ingest.house import House


def test_an_uploaded_text_becomes_completed_and_can_be_found(house: House) -> None:
    data = b"The tenant shall not assign this lease.\n\nGoverning law: Bavaria.\n"
    file_id = house.add(data, "lease.txt")

    row = house.row(file_id)
    assert (row["status"], row["attempts"], row["size"], row["content_type"]) == (
        "completed",
        1,
        len(data),
        "text/plain",
    )
    assert row["processing_error"] is None
    assert row["processed_at"] is not None
    assert row["job_id"] == f"m-{file_id}"
    assert any("governing law" in passage.lower() for passage in house.find("governing laws"))


def test_passages_are_where_they_say_in_the_text(house: House) -> None:
    file_id = house.add(pdf([["Page one says apples."], ["Page two says pears."]]), "fruit.pdf")

    with house.database.tenant(house.tenant_id) as work:
        stored = work.texts.text(house.row(file_id)["text_id"])
        assert stored is not None
        found = work.texts.passages([PassageId(stored.text_id, n) for n in range(stored.passages)])
    assert found
    for passage in found:
        assert stored.text[passage.char_start : passage.char_end] == passage.text
        assert (passage.source_kind, passage.source_id, passage.source_name) == ("file", file_id, "fruit.pdf")
        assert len(passage.page_starts) == 2
        first = page_at(passage.page_starts, passage.char_start + passage.text.index("Page"))
        assert first == (1 if "one" in passage.text else 2)


def warnings_of(house: House, file_id: uuid.UUID) -> list[str]:
    with house.database.tenant(house.tenant_id) as work:
        return work.files.get(file_id).warnings


def test_what_of_a_file_was_not_read_is_told_beside_it(house: House) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Two files"
    mail.set_content("The lease is attached.")
    mail.add_attachment(b"\x78\x9f\x3e\x22" + bytes(99), "application", "ms-tnef", filename="winmail.dat")
    (left_out,) = warnings_of(house, house.add(mail.as_bytes(), "a.eml"))

    assert left_out.startswith("'winmail.dat' was not read: The file is ")
    assert warnings_of(house, house.add(b"Nothing odd.", "a.txt")) == []


def test_what_is_not_what_it_was_declared_to_be_says_so(house: House) -> None:
    file_id = house.add(b"Only words.", "a.pdf")

    assert warnings_of(house, file_id) == [
        "'a.pdf' was declared to be PDF but holds plain text; it was read as that."
    ]


def test_a_file_that_warns_of_everything_is_cut_short(house: House) -> None:
    pages = [["Words."], *[[]] * 3]
    names = [f"{'n' * 900}{number}.png" for number in range(60)]
    mail = EmailMessage()
    mail.set_content("Words.")
    for name in names:
        mail.add_attachment(b"\x89PNG\r\n\x1a\n", "application", "x", filename=name)
    told = warnings_of(house, house.add(mail.as_bytes(), "a.eml"))

    assert len(told) == 20
    assert max(map(len, told)) <= 500
    assert warnings_of(house, house.add(pdf(pages), "a.pdf")) == [
        "3 of 4 pages hold no text (images? OCR is not included)."
    ]


def test_every_passage_has_a_vector_under_the_embedders_name(house: House) -> None:
    house.add(b"One.\n\nTwo words here.\n")

    assert house.count("passages") == house.count("passage_vectors") > 0


def test_the_same_bytes_again_share_the_text_and_compute_nothing(house: House) -> None:
    first = house.add(b"Same words.", "a.txt")
    house.doors.passed.clear()
    second = house.add(b"Same words.", "b.txt")

    assert house.row(first)["text_id"] == house.row(second)["text_id"]
    assert house.row(second)["status"] == "completed"
    assert not {"before extract", "before embed", "before upsert"} & set(house.doors.passed)
    assert house.count("extracted_texts") == 1


def test_a_shared_passage_names_the_oldest_file(house: House) -> None:
    first = house.add(b"Shared words.", "a.txt")
    house.add(b"Shared words.", "b.txt")

    with house.database.tenant(house.tenant_id) as work:
        (passage,) = work.texts.passages([PassageId(house.row(first)["text_id"], 0)])
    assert passage.source_name == "a.txt"


def test_a_new_version_takes_the_place_of_the_old_one(house: House) -> None:
    old = house.add(b"The price is ten euros.", "price.txt")
    house.add(b"The price is twenty euros.", "price.txt", replaces=old)

    assert not house.exists(old)
    assert house.find("price") == ["The price is twenty euros."]
    assert house.count("extracted_texts") == 1


def test_a_new_version_with_the_same_bytes_keeps_the_text(house: House) -> None:
    old = house.add(b"Nothing changed.", "a.txt")
    new = house.add(b"Nothing changed.", "a.txt", replaces=old)

    assert not house.exists(old)
    assert house.row(new)["status"] == "completed"
    assert house.find("changed") == ["Nothing changed."]


def test_a_version_that_fails_leaves_the_old_one_in_place(house: House) -> None:
    old = house.add(b"Still valid.", "a.txt")
    house.add(b"", "a.txt", replaces=old)

    assert house.find("valid") == ["Still valid."]


def test_a_version_between_that_was_never_made_is_skipped(house: House) -> None:
    first = house.add(b"Version one.", "a.txt")
    second = house.announce("a.txt", replaces=first)
    house.add(b"Version three.", "a.txt", replaces=second)

    assert not house.exists(first)
    assert not house.exists(second)
    assert house.find("version") == ["Version three."]


def test_later_bytes_under_the_same_key_replace_the_earlier(house: House) -> None:
    file_id = house.add(b"First bytes.")
    house.deliver(house.upload(file_id, b"Second bytes."), "m2")

    assert house.find("bytes") == ["Second bytes."]
    assert house.count("extracted_texts") == 1


def test_the_events_version_is_what_is_read(house: House) -> None:
    file_id = house.announce()
    first = house.upload(file_id, b"Version one.")
    house.upload(file_id, b"Version two.")
    house.deliver(first)

    assert house.find("version") == ["Version one."]


def test_a_long_document_keeps_all_its_passages_and_a_stable_hash(house: House) -> None:
    sentences = [f"Clause {n} says that party {n % 7} pays {n} euros a year.\n\n" for n in range(6000)]
    data = "".join(sentences).encode()
    file_id = house.add(data, "long.txt")

    with house.database.tenant(house.tenant_id) as work:
        stored = work.texts.text(house.row(file_id)["text_id"])
    assert stored is not None
    assert stored.text.encode().strip() == data.strip()
    assert house.count("passages") == stored.passages > 100
    assert len(hashlib.sha256(data).hexdigest()) == 64
