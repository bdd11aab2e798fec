"""What is Pinecone's own: limits, faults, reads that lag, keys, and how long a call may take."""

import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.pinecone_vector_index import (
    MOST_BYTES,
    PineconeVectorIndex,
    batches,
    parse_id,
    vector_id,
)
from census.domain.errors import UnavailableError
from census.domain.vectors import VectorDimensionError
from census.ports.vector_index import PassageId, PassageVectorEntry, StoredVector, VectorIndexRejectedError
from tests.pinecone_server import PineconeIndex, PineconeServer

TENANT, TEXT = uuid.UUID(int=1), uuid.UUID(int=9)


class Clock:
    """The index's clock, which moves by what somebody sleeps and by nothing else."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[PineconeServer]:
    with PineconeServer(PineconeIndex(4, clock=clock)) as served:
        yield served


@pytest.fixture
def index(server: PineconeServer, clock: Clock) -> PineconeVectorIndex:
    return PineconeVectorIndex(api_key=server.api_key, host=server.host, sleep=clock.sleep)


def entries(count: int, dimension: int = 4) -> list[PassageVectorEntry]:
    return [PassageVectorEntry(PassageId(TEXT, n), [1.0, *[0.5] * (dimension - 1)]) for n in range(count)]


def test_ids_are_document_version_and_ordinal(server: PineconeServer, index: PineconeVectorIndex) -> None:
    index.upsert(TENANT, "text-embedding-3-small/4", entries(1))

    assert list(server.index.truth(str(TENANT))) == [f"{TEXT}#text-embedding-3-small%2F4#0"]


@given(st.text(max_size=60), st.integers(0, 10**6))
def test_an_id_says_what_it_was_made_of(embedder: str, ordinal: int) -> None:
    passage = PassageId(TEXT, ordinal)
    made = vector_id(embedder, passage)

    assert made.isascii()
    assert parse_id(made) == StoredVector(passage, embedder)


def test_2500_vectors_take_three_requests(server: PineconeServer, index: PineconeVectorIndex) -> None:
    index.upsert(TENANT, "m", entries(2500))

    assert server.count("POST /vectors/upsert") == 3
    assert len(server.index.truth(str(TENANT))) == 2500


def test_wide_vectors_stay_within_two_megabytes() -> None:
    with PineconeServer(PineconeIndex(1536)) as server:
        index = PineconeVectorIndex(api_key=server.api_key, host=server.host)
        wide = [PassageVectorEntry(PassageId(TEXT, n), [n / 7 + 0.1] * 1536) for n in range(300)]
        index.upsert(TENANT, "m", wide)

    assert len(server.index.truth(str(TENANT))) == 300
    assert server.count("POST /vectors/upsert") <= 4


@given(st.lists(st.integers(1, MOST_BYTES // 3), max_size=30))
def test_batches_lose_nothing_and_stay_small(sizes: list[int]) -> None:
    records = [{"id": "x" * size} for size in sizes]
    cut = list(batches(records))

    assert [record for batch in cut for record in batch] == records
    assert all(sum(len(record["id"]) for record in batch) < MOST_BYTES for batch in cut)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_index_is_asked_again(server: PineconeServer, index: PineconeVectorIndex, status: int) -> None:
    server.faults.answers = [(status, {}), (status, {})]
    index.upsert(TENANT, "m", entries(1))

    assert server.count("POST /vectors/upsert") == 3
    assert len(server.index.truth(str(TENANT))) == 1


def test_an_index_that_stays_busy_gives_the_work_back_soon(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.answers = [(429, {"Retry-After": "600"})] * 9
    with pytest.raises(UnavailableError, match="429"):
        index.upsert(TENANT, "m", entries(1))

    assert server.count("POST /vectors/upsert") == 3


def test_a_slow_index_is_not_waited_for(server: PineconeServer) -> None:
    server.faults.slow_seconds = 60
    index = PineconeVectorIndex(api_key=server.api_key, host=server.host, timeout_seconds=0.1)

    with pytest.raises(UnavailableError, match="cannot be reached"):
        index.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 5)


def test_an_index_that_is_not_there_is_unavailable() -> None:
    index = PineconeVectorIndex(api_key="k", host="http://127.0.0.1:1")
    with pytest.raises(UnavailableError, match="cannot be reached"):
        index.verify("m", 4)


def test_a_wrong_key_says_what_to_correct(server: PineconeServer) -> None:
    index = PineconeVectorIndex(api_key="wrong", host=server.host)
    with pytest.raises(VectorIndexRejectedError, match=r"HTTP 401.*Check the API key"):
        index.upsert(TENANT, "m", entries(1))
    assert server.count("POST /vectors/upsert") == 1


def test_an_index_of_another_dimension_is_named_before_the_first_document(
    index: PineconeVectorIndex,
) -> None:
    with pytest.raises(VectorDimensionError, match="of 1536 dimensions, but the index keeps vectors of 4"):
        index.verify("text-embedding-3-small/1536", 1536)


@pytest.mark.parametrize("hidden", [False, True], ids=["positions", "no positions"])
def test_a_document_is_awaited_until_searches_see_it(
    server: PineconeServer, index: PineconeVectorIndex, hidden: bool
) -> None:
    server.index.lag, server.faults.hide_positions = 0.6, hidden
    index.upsert(TENANT, "m", entries(3))
    assert index.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 5) == []
    index.await_searchable(TENANT, "m", PassageId(TEXT, 2))

    assert len(index.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 5)) == 3


def test_a_new_version_of_a_vector_is_awaited_too(server: PineconeServer, index: PineconeVectorIndex) -> None:
    index.upsert(TENANT, "m", entries(1))
    server.index.lag = 0.6
    index.upsert(TENANT, "m", [PassageVectorEntry(PassageId(TEXT, 0), [0.0, 0.0, 0.0, 1.0])])
    index.await_searchable(TENANT, "m", PassageId(TEXT, 0))

    (found,) = index.search(TENANT, "m", [0.0, 0.0, 0.0, 1.0], 5)
    assert found.score == pytest.approx(1)


def test_a_worker_that_did_not_write_it_awaits_it_as_well(server: PineconeServer, clock: Clock) -> None:
    server.index.lag = 0.4
    writer = PineconeVectorIndex(api_key=server.api_key, host=server.host)
    writer.upsert(TENANT, "m", entries(3))
    assert writer.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 5) == []
    other = PineconeVectorIndex(api_key=server.api_key, host=server.host, sleep=clock.sleep)
    other.await_searchable(TENANT, "m", PassageId(TEXT, 2))

    assert len(writer.search(TENANT, "m", [1.0, 0.0, 0.0, 0.0], 5)) == 3


def test_reads_that_lag_too_long_are_an_outage(server: PineconeServer) -> None:
    server.index.lag = 60
    index = PineconeVectorIndex(api_key=server.api_key, host=server.host, patience_seconds=0)
    index.upsert(TENANT, "m", entries(1))

    with pytest.raises(UnavailableError, match="behind its writes"):
        index.await_searchable(TENANT, "m", PassageId(TEXT, 0))


def test_a_lagging_listing_is_made_up_for_by_the_next_deletion(
    server: PineconeServer, index: PineconeVectorIndex, clock: Clock
) -> None:
    index.upsert(TENANT, "m", entries(1))
    server.index.lag = 0.3
    index.upsert(TENANT, "m", entries(150))
    index.delete_text(TENANT, TEXT)
    clock.sleep(0.4)
    assert index.delete_text(TENANT, TEXT) == 149
    clock.sleep(0.4)

    assert server.index.truth(str(TENANT)) == {}


def test_the_sdk_is_loaded_by_the_first_call_only() -> None:
    program = (
        "import sys; from census.adapters.pinecone_vector_index import PineconeVectorIndex;"
        " PineconeVectorIndex(api_key='k', host='h.example'); sys.exit('pinecone' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
