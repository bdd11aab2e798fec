"""The whole stack with its vectors in Pinecone, over HTTP to a server that speaks its protocol."""

from collections.abc import Iterator

import pytest

from tests.data_folder import data_folder
from tests.pinecone_server import PineconeIndex, PineconeServer
from tests.stack.person import Person, somebody
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import start_stack, stopping, up_command

pytestmark = pytest.mark.stack
KEY = "test-key"
DIMENSIONS = 256
LAG_SECONDS = 0.5
LEASE = "The notice period for leaving the warehouse is nine months.\n"
LICENCE = "The licensor may exercise audit rights once a year.\n"


@pytest.fixture(scope="module")
def index() -> PineconeIndex:
    return PineconeIndex(DIMENSIONS, lag=LAG_SECONDS)


@pytest.fixture(scope="module")
def reader(index: PineconeIndex) -> Iterator[Person]:
    """Somebody whose two documents were read."""
    with PineconeServer(index, api_key=KEY) as server, data_folder() as folder:
        store = {"VECTOR_STORE": "pinecone", "PINECONE_HOST": server.host, "PINECONE_API_KEY": KEY}
        with stopping(start_stack(up_command(folder), folder, services=store)) as stack:
            person = somebody(stack.url)
            rows = person.send_texts({"lease.txt": LEASE, "licence.txt": LICENCE})
            assert [row["status"] for row in rows.values()] == ["completed"] * 2
            yield person


def test_every_passage_has_a_vector_in_a_namespace_of_its_tenant(
    reader: Person, index: PineconeIndex
) -> None:
    (namespace,) = index.namespaces()
    assert len(index.truth(namespace)) == 2


def test_a_lookup_finds_its_passage_there(reader: Person) -> None:
    message = reader.ask("What is the notice period for leaving the warehouse?")["message"]
    assert [citation["quote"] for citation in message["citations"] or []][:1] == [LEASE.strip()]


def test_a_question_about_the_whole_collection_is_answered(reader: Person) -> None:
    job = reader.answer("How many documents mention audit rights?")
    check_ledger(job, total=2)
    assert result_of(job)["ledger"]["match"] == 1


def test_a_deleted_document_leaves_no_vector(reader: Person, index: PineconeIndex) -> None:
    (lease,) = [row for row in reader.client.files() if row["filename"] == "lease.txt"]
    reader.client.delete_file(lease["id"])
    (namespace,) = index.namespaces()
    assert len(index.truth(namespace)) == 1
