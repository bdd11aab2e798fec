"""Whether a message of the ingest queue gets to work on its file. Pure: the store locks the row and acts.

pending, never received ──────────▶ failed          the upload was not made in time
pending ──────────────────────────▶ processing      a claim, for as long as the worker may live
processing, claim expired ────────▶ processing      the worker died
failed, on request or new bytes ──▶ processing
any state, later bytes ───────────▶ processing      the worker of the earlier bytes is fenced out
processing ───────────────────────▶ pending         a service was down: later again
processing ───────────────────────▶ completed | failed
"""

from dataclasses import dataclass
from enum import StrEnum

from census.domain.extraction_errors import ExtractionCode
from census.domain.processing_error import ProcessingError
from census.domain.upload_events import IngestRequest, is_later

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_ATTEMPTS = 8
FIRST_DELAY_SECONDS = 30
LONGEST_DELAY_SECONDS = 900  # SQS delays a message no longer


class FileStatus(StrEnum):
    """The states of a file; a null in the table reads as completed."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class FileState:
    """A file's row as a claim looks at it; `claim_seconds` is how long its claim still holds, 0 for none."""

    status: FileStatus
    attempts: int
    claim_seconds: float
    message_id: str | None
    sequencer: str | None
    received: bool


@dataclass(frozen=True)
class Take:
    """Process the file: as attempt number `attempt`, and with the event's bytes if `new_bytes`."""

    attempt: int
    new_bytes: bool


@dataclass(frozen=True)
class Wait:
    """This very message is at work elsewhere, or its worker died: look again after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Leave:
    """Nothing to do; `reason` for the log."""

    reason: str


@dataclass(frozen=True)
class GiveUp:
    """Too many workers died over this file."""

    attempts: int


@dataclass(frozen=True)
class AwaitUpload:
    """No bytes came yet: end the file if its time is over."""


ClaimDecision = Take | Wait | Leave | GiveUp | AwaitUpload


def decide_claim(state: FileState, request: IngestRequest, message_id: str) -> ClaimDecision:
    """What a message may do with a file in this state."""
    if request.uploaded is not None and is_later(request.uploaded.sequencer, state.sequencer):
        return Take(1, new_bytes=True)
    if state.status is FileStatus.COMPLETED:
        return Leave("it is completed")
    if state.status is FileStatus.FAILED:
        return Leave("it failed with these bytes") if request.uploaded else Take(1, new_bytes=False)
    if state.status is FileStatus.PROCESSING and state.claim_seconds > 0:
        same = state.message_id == message_id
        return Wait(state.claim_seconds) if same else Leave("another worker has it")
    if not state.received:
        return AwaitUpload()
    if state.attempts >= MAX_ATTEMPTS:
        return GiveUp(state.attempts)
    return Take(state.attempts + 1, new_bytes=False)


def delay_after(attempt: int, asked: float | None = None) -> int:
    """Seconds until the next attempt: 30, 60, 120 … 900, or as long as the service asked for."""
    backoff = FIRST_DELAY_SECONDS * 2 ** min(attempt - 1, 10)
    return int(min(LONGEST_DELAY_SECONDS, max(backoff, asked or 0)))


def refuse_size(size: int, declared: int | None) -> ProcessingError | None:
    """Why an upload of `size` bytes is not read; None if it is."""
    if size == 0:
        return ProcessingError(
            ExtractionCode.EMPTY_FILE,
            "receive",
            "The uploaded file is empty (0 bytes). Check the file and upload it again with POST /files.",
            retryable=False,
        )
    limit = MAX_UPLOAD_BYTES if declared is None else min(declared, MAX_UPLOAD_BYTES)
    if size <= limit:
        return None
    what = "were declared" if limit == declared else "are allowed"
    return ProcessingError(
        ExtractionCode.TOO_LARGE,
        "receive",
        f"The uploaded file has {size:,} bytes, but only {limit:,} {what}. Upload it again with POST /files"
        + (", declaring its size." if limit == declared else ", split into smaller files."),
        retryable=False,
    )
