from census.application.answer_metadata import metadata_sentence
from census.ports.file_store import DocumentCount


def test_an_empty_collection_says_how_to_fill_it() -> None:
    assert "POST /files" in metadata_sentence([])


def test_one_document_is_singular() -> None:
    counts = [DocumentCount("file", "completed", 1)]

    assert metadata_sentence(counts) == "The collection holds 1 document: 1 completed."


def test_pages_and_files_are_told_apart_and_statuses_in_order() -> None:
    counts = [
        DocumentCount("file", "failed", 2),
        DocumentCount("file", "completed", 1_200),
        DocumentCount("page", "completed", 1),
    ]

    assert metadata_sentence(counts) == (
        "The collection holds 1,203 documents (1,202 files, 1 web page): 1,201 completed, 2 failed."
    )
