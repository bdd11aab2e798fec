"""A new version replaces an old one, in either vector store. Workers die between any two steps: the end is
the same, neither store holds what the other lacks, and at no time do readers see half a document.
"""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from census.adapters.hashed_embedder import HashedEmbedder
from census.adapters.pinecone_vector_index import PineconeVectorIndex
from census.application.check_vectors import check_vectors
from census.application.remove_leftovers import Stores, remove_leftovers
from tests.ingest.house import DoorObjects, House, WorkerDiedError
from tests.pinecone_server import PineconeIndex, PineconeServer

STEPS = [
    "before extract",
    "after extract",
    "after commit 3",
    "before embed",
    "after embed",
    "before upsert",
    "after upsert",
    "after commit 5",
    "before wait",
    "before commit 6",
    "after commit 6",
    "before delete",
    "after delete",
]
OLD = b"The notice period is thirty days."
NEW = b"The notice period is ninety days."


@pytest.fixture(params=["pgvector", "pinecone"])
def house(request: pytest.FixtureRequest, cloud: str, database_url: str) -> Iterator[House]:
    """A house whose vectors are in either store; the bucket is served by `cloud`."""
    with PineconeServer(PineconeIndex(HashedEmbedder.dimensions)) as server:
        pinecone = PineconeVectorIndex(api_key=server.api_key, host=server.host)
        made = House(database_url, uuid.uuid4(), pinecone if request.param == "pinecone" else None)
        yield made
        made.database.engine.dispose()


def sweep_later(house: House) -> None:
    """What sweeps do once no worker of today can still be alive."""
    with house.database.tenant(house.tenant_id) as work:
        later = "UPDATE removals SET due_at = now(), created_at = now() - interval '1 hour'"
        work.session.execute(text(later))
    remove_leftovers(Stores(house.database, house.vectors, DoorObjects(house.doors)), house.tenant_id)


def assert_only_the_new_version(house: House, old: uuid.UUID, new: uuid.UUID) -> None:
    assert not house.exists(old)
    assert house.row(new)["status"] == "completed"
    assert house.find("notice period") == [NEW.decode()]
    assert check_vectors(house.database, house.vectors, house.tenant_id, HashedEmbedder.model).good
    assert len(list(house.vectors.stored(house.tenant_id))) == 1
    assert [house.count(table) for table in ("extracted_texts", "passages", "removals")] == [1, 1, 0]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_leaves_the_same_end_in_both_stores(house: House, step: str) -> None:
    old = house.add(OLD)
    new = house.announce(replaces=old)
    event = house.upload(new, NEW)
    house.doors.die_at(step)
    with pytest.raises(WorkerDiedError):
        house.deliver(event)
    assert house.find("notice period") in ([OLD.decode()], [NEW.decode()])
    house.let_claim_expire(new)
    house.deliver(event)
    for _ in range(2):  # one deletes, the next finds nothing any more
        sweep_later(house)

    assert_only_the_new_version(house, old, new)


def test_the_same_bytes_again_are_a_row_of_their_own_and_nothing_is_computed(house: House) -> None:
    first = house.add(OLD)
    house.doors.passed.clear()
    second = house.add(OLD, "copy.txt")

    assert house.row(first)["text_id"] == house.row(second)["text_id"]
    assert not {"before extract", "before embed", "before upsert"} & set(house.doors.passed)


def test_the_old_object_goes_with_the_old_version_even_if_the_worker_died(house: House) -> None:
    old = house.add(OLD)
    key = house.row(old)["object_key"]
    new = house.announce(replaces=old)
    house.doors.die_at("before delete")
    with pytest.raises(WorkerDiedError):
        house.deliver(house.upload(new, NEW))
    sweep_later(house)

    assert not DoorObjects(house.doors).is_there(key)
