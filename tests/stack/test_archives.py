"""An archive sent to the whole stack becomes the documents it holds."""

import io
import zipfile

import pytest

from tests.stack.person import Person
from tests.stack.processes import wait_for
from tests.stack.quotes import check_ledger, result_of

pytestmark = pytest.mark.stack


def zipped(**texts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"deals/{name}.txt", text)
    return packed.getvalue()


def wait_until_read(person: Person, names: set[str]) -> None:
    wait_for(
        lambda: names <= {row["filename"] for row in person.client.files("completed")},
        "the archive's documents",
        every=0.3,
    )


def test_the_documents_of_an_archive_are_read_and_counted_and_the_archive_is_not(person: Person) -> None:
    content = zipped(
        lease="This lease grants audit rights.", letter="Thank you for the flowers.", order="No words of it."
    )
    person.send_texts({"deals.zip": content})
    wait_until_read(person, {f"deals.zip/deals/{name}.txt" for name in ("lease", "letter", "order")})

    job = person.answer("Which documents mention audit rights?")

    check_ledger(job, total=3)
    table = result_of(job)["table"]
    assert table is not None
    assert table["rows"] == [["deals.zip/deals/lease.txt"]]
