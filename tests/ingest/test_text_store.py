"""Searching words, and who is named as the source."""

import pytest
from sqlalchemy import event, text

from census.ports.vector_index import PassageId
from tests.ingest.house import House


def test_passages_with_more_of_the_asked_words_come_first(house: House) -> None:
    house.add(b"The lease covers parking.", "a.txt")
    house.add(b"The lease covers parking, parking, parking and termination.", "b.txt")
    house.add(b"Termination of the lease needs notice.", "c.txt")

    found = house.find("notice of lease termination")
    assert found[0] == "Termination of the lease needs notice."
    assert len(found) == 3


def test_word_forms_are_found(house: House) -> None:
    house.add(b"Assignments are restricted.")

    assert len(house.find("Which contracts restrict assignment?")) == 1


@pytest.mark.parametrize(
    "query", ["", "the of and", "'", "\\", "a & | ! ( :*", "<-> 'x''y' \\'", "\x00notice"]
)
def test_no_query_breaks_the_search(house: House, query: str) -> None:
    house.add(b"Notice period.")

    assert house.find(query) in ([], ["Notice period."])


def test_another_tenants_passages_are_not_found(house: House, database_url: str) -> None:
    other = House(database_url)
    file_id = other.add(b"Their secret clause.")
    theirs = PassageId(other.row(file_id)["text_id"], 0)

    assert house.find("secret clause") == []
    with house.database.tenant(house.tenant_id) as work:
        assert work.texts.passages([theirs]) == []
        assert work.texts.text(theirs.text_id) is None
    other.database.engine.dispose()


def test_passages_come_in_the_order_asked_for_and_unknown_ones_are_left_out(house: House) -> None:
    first, second = (
        PassageId(house.row(house.add(data))["text_id"], 0) for data in (b"First words.", b"Second words.")
    )
    with house.database.tenant(house.tenant_id) as work:
        found = work.texts.passages([second, PassageId(first.text_id, 99), first])
        assert work.texts.passages([]) == []

    assert [one.text for one in found] == ["Second words.", "First words."]


def test_a_page_that_shows_the_text_is_its_source_too(house: House) -> None:
    file_id = house.add(b"Words of a page.")
    passage = PassageId(house.row(file_id)["text_id"], 0)
    page = text(
        "INSERT INTO scraped_contents (user_id, url, title, status, text_id) "
        "VALUES (:user, 'https://example.com/', '', 'completed', :text_id)"
    )
    with house.database.tenant(house.tenant_id) as work:
        work.session.execute(page, {"user": house.tenant_id, "text_id": passage.text_id})
    house.change(file_id, "status = 'processing', claimed_until = now()")

    with house.database.tenant(house.tenant_id) as work:
        (found,) = work.texts.passages([passage])
    assert (found.source_kind, found.source_name) == ("page", "https://example.com/")


def test_a_row_without_a_status_reads_as_completed(house: House) -> None:
    file_id = house.add(b"Old words.")
    house.change(file_id, "status = NULL")

    assert house.find("words") == ["Old words."]


def test_ten_thousand_passages_take_few_statements(house: House) -> None:
    statements: list[str] = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    data = "\n\n".join(f"# Part {n}\n\n" + f"Clause {n} holds words. " * 80 for n in range(3000)).encode()
    file_id = house.add(data, "long.md")

    assert house.row(file_id)["status"] == "completed"
    passages = house.count("passages")
    assert passages >= 3000
    assert len(statements) <= 40 + passages / 100
