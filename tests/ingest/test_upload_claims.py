"""The pure rules: which message gets to work, which event is later, what a row says."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.identity import upload_key
from census.domain.processing_error import ProcessingError
from census.domain.upload_claims import (
    LONGEST_DELAY_SECONDS,
    MAX_ATTEMPTS,
    MAX_UPLOAD_BYTES,
    AwaitUpload,
    FileState,
    FileStatus,
    GiveUp,
    Leave,
    Take,
    Wait,
    decide_claim,
    delay_after,
    refuse_size,
)
from census.domain.upload_events import IngestRequest, UploadedObject, is_later, read_ingest_message, reminder
from tests.ingest.house import s3_event

NAMES = st.sampled_from(["Records", "s3", "object", "key", "eventName", "tenant_id", "file_id"])
MESSAGES = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
).map(json.dumps)
TENANT, FILE = uuid.UUID(int=1), uuid.UUID(int=2)
SEQUENCERS = st.text("0123456789ABCDEF", min_size=1, max_size=20)
STATES = st.builds(
    FileState,
    st.sampled_from(FileStatus),
    st.integers(0, 20),
    st.floats(0, 900),
    st.sampled_from([None, "m1", "m2"]),
    st.none() | SEQUENCERS,
    st.booleans(),
)


def event(sequencer: str | None) -> IngestRequest:
    return IngestRequest(TENANT, FILE, UploadedObject(1, "v", sequencer, None))


def state(status: str, **known: object) -> FileState:
    fields = {"attempts": 1, "claim_seconds": 0.0, "message_id": "m1", "sequencer": "05", "received": True}
    return FileState(FileStatus(status), **{**fields, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "request_", "decision"),
    [
        (state("pending", sequencer=None, attempts=0), event("01"), Take(1, new_bytes=True)),
        (state("pending"), event("05"), Take(2, new_bytes=False)),
        (state("pending"), IngestRequest(TENANT, FILE), Take(2, new_bytes=False)),
        (state("pending", received=False), IngestRequest(TENANT, FILE), AwaitUpload()),
        (state("processing"), event("05"), Take(2, new_bytes=False)),
        (state("processing", claim_seconds=9.0), event("05"), Wait(9.0)),
        (state("processing", claim_seconds=9.0), event("06"), Take(1, new_bytes=True)),
        (state("processing", attempts=MAX_ATTEMPTS), event("05"), GiveUp(MAX_ATTEMPTS)),
        (state("failed"), IngestRequest(TENANT, FILE), Take(1, new_bytes=False)),
        (state("completed"), event("06"), Take(1, new_bytes=True)),
    ],
)
def test_a_message_gets_to_work_where_work_is_left(
    before: FileState, request_: IngestRequest, decision: object
) -> None:
    assert decide_claim(before, request_, "m1") == decision


@pytest.mark.parametrize(
    ("before", "request_"),
    [
        (state("completed"), event("05")),
        (state("completed"), event("04")),
        (state("completed"), IngestRequest(TENANT, FILE)),
        (state("failed"), event("05")),
        (state("processing", claim_seconds=9.0, message_id="m2"), event("05")),
    ],
)
def test_a_repeated_or_older_message_is_left(before: FileState, request_: IngestRequest) -> None:
    assert isinstance(decide_claim(before, request_, "m1"), Leave)


@given(STATES, st.none() | SEQUENCERS, st.sampled_from(["m1", "m2"]))
def test_bytes_are_only_ever_replaced_by_later_ones(
    before: FileState, sequencer: str | None, message_id: str
) -> None:
    decision = decide_claim(before, event(sequencer), message_id)
    assert not (isinstance(decision, Take) and decision.new_bytes) or is_later(sequencer, before.sequencer)


@given(STATES, st.sampled_from(["m1", "m2"]))
def test_no_reminder_takes_a_file_from_a_living_worker(before: FileState, message_id: str) -> None:
    decision = decide_claim(before, IngestRequest(TENANT, FILE), message_id)
    held = before.status is FileStatus.PROCESSING and before.claim_seconds > 0
    assert not (held and isinstance(decision, Take))


@given(SEQUENCERS, SEQUENCERS)
def test_of_two_events_at_most_one_is_later(first: str, second: str) -> None:
    assert not (is_later(first, second) and is_later(second, first))
    assert not is_later(first, first + "0")
    assert not is_later(first + "0", first)


def test_a_shorter_sequencer_is_padded_on_the_right() -> None:
    assert is_later("0055AED6DCD9028", than="0055AED6DCD90281E5"[:14])
    assert is_later("1", than="0FFFFFFF")


@given(st.integers(1, 1000), st.none() | st.floats(0, 1e6))
def test_delays_stay_within_what_a_queue_can_do(attempt: int, asked: float | None) -> None:
    assert 30 <= delay_after(attempt, asked) <= LONGEST_DELAY_SECONDS


@given(st.integers(0, 2 * MAX_UPLOAD_BYTES), st.none() | st.integers(1, 2 * MAX_UPLOAD_BYTES))
def test_a_size_is_refused_exactly_when_it_is_zero_or_above_a_limit(size: int, declared: int | None) -> None:
    allowed = 0 < size <= min(MAX_UPLOAD_BYTES, declared or MAX_UPLOAD_BYTES)
    assert (refuse_size(size, declared) is None) == allowed


@given(st.uuids(), st.uuids(), st.integers(0, 2**40), st.none() | SEQUENCERS)
def test_an_event_is_read_as_s3_writes_it(
    tenant: uuid.UUID, file: uuid.UUID, size: int, sequencer: str | None
) -> None:
    (request,) = read_ingest_message(s3_event(upload_key(tenant, file), size, "v1", sequencer)).requests
    assert (request.tenant_id, request.file_id) == (tenant, file)
    assert request.uploaded is not None
    assert (request.uploaded.size, request.uploaded.sequencer) == (size, sequencer)


def test_a_key_with_an_encoded_slash_is_understood() -> None:
    body = s3_event(upload_key(TENANT, FILE), 1, None, None).replace(
        f"uploads/{TENANT}/", f"uploads%2F{TENANT}%2F"
    )
    assert len(read_ingest_message(body).requests) == 1


def test_a_removal_is_no_upload() -> None:
    body = s3_event(upload_key(TENANT, FILE), 1, None, None, name="ObjectRemoved:Delete")
    assert read_ingest_message(body).requests == ()


@given(st.text() | MESSAGES)
def test_no_message_makes_the_reader_fail(body: str) -> None:
    assert all(isinstance(one, IngestRequest) for one in read_ingest_message(body).requests)


@given(st.uuids(), st.uuids())
def test_a_reminder_is_read_as_it_was_written(tenant: uuid.UUID, file: uuid.UUID) -> None:
    assert read_ingest_message(json.dumps(reminder(tenant, file))).requests == (IngestRequest(tenant, file),)


@given(st.builds(ProcessingError, st.text(), st.text(), st.text(), st.booleans()))
def test_a_processing_error_comes_back_from_its_text(error: ProcessingError) -> None:
    assert ProcessingError.from_text(error.to_text()) == error


def test_an_error_somebody_else_wrote_is_shown_as_it_is() -> None:
    assert ProcessingError.from_text("boom").message == "boom"
