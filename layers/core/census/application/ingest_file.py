"""Takes an uploaded file from S3's event to `completed`, or to a state that says what is wrong.

Three transactions: claim; keep the text (in make_text, outside of any while it downloads, reads and embeds);
show it. Each can be repeated: a worker that dies anywhere leaves a claim that expires.
"""

import json
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from census.application.expire_upload import receive_or_expire
from census.application.ingest_failures import IngestStoppedError, crashed, during
from census.application.make_text import SourceBytes, TextMaking, make_text
from census.application.remove_leftovers import Stores, remove_leftovers
from census.application.unpack_archive import ARCHIVE_TYPE, unpack_archive
from census.domain.errors import UnavailableError
from census.domain.facts import DocumentProcessed
from census.domain.upload_claims import (
    MAX_ATTEMPTS,
    AwaitUpload,
    GiveUp,
    Leave,
    Take,
    Wait,
    decide_claim,
    delay_after,
    refuse_size,
)
from census.domain.upload_events import IngestRequest, read_ingest_message, reminder
from census.ports.archive_reader import ArchiveReader
from census.ports.ingest_store import Completion, FileClaim, ReadyFile
from census.ports.object_store import ObjectStore
from census.ports.queue import Queue

LOG = logging.getLogger(__name__)

LEAST_SECONDS = 30.0
"""What one file may take in the worst ordinary case: 20 s to extract, the rest to embed and store."""


@dataclass(frozen=True)
class Ingestion:
    """What ingestion takes."""

    making: TextMaking
    objects: ObjectStore
    queue: Queue
    archives: ArchiveReader


def ingest_message(
    ingestion: Ingestion, body: str, message_id: str, remaining_seconds: Callable[[], float]
) -> None:
    """Do what a message of the ingest queue asks. Returning means: the message is done with.

    `remaining_seconds` tells how long the worker may still live, which is how long it claims a file. What
    goes wrong with a file is on its row. An error that is raised means: deliver the message again.
    """
    message = read_ingest_message(body)
    for reason in message.ignored:
        LOG.warning("A message of the ingest queue was ignored: %s.", reason)
    for request in message.requests:
        ingest_file(ingestion, request, message_id, remaining_seconds())


def postpone_message(ingestion: Ingestion, body: str) -> None:
    """Give a message to another worker, as a new message: this one has not enough time left for it."""
    if read_ingest_message(body).requests:
        ingestion.queue.send(json.loads(body))


def ingest_file(ingestion: Ingestion, request: IngestRequest, message_id: str, seconds: float) -> None:
    """Ingest one file if nobody else does, claiming it for `seconds`."""
    deadline = time.monotonic() + seconds
    claim = _claim(ingestion, request, message_id, seconds)
    if claim is None:
        return
    try:
        completion = _process(ingestion, claim, deadline)
    except IngestStoppedError as stopped:
        _record_failure(ingestion, claim, stopped)
        return
    _clear_away(ingestion, claim, completion)


def _claim(ingestion: Ingestion, request: IngestRequest, message_id: str, seconds: float) -> FileClaim | None:
    with ingestion.making.database.tenant(request.tenant_id) as work:
        state = work.ingest.lock(request.file_id)
        decision = decide_claim(state, request, message_id) if state else Leave("there is no such file")
        if isinstance(decision, Take):
            return work.ingest.claim(request, decision, message_id, seconds)
        if isinstance(decision, GiveUp):
            work.ingest.abandon(request.file_id, crashed(f"{decision.attempts} attempts"))
            work.note(DocumentProcessed("file", "failed"))
    if isinstance(decision, Wait):
        ingestion.queue.send(reminder(request.tenant_id, request.file_id), _whole_delay(decision.seconds))
    if isinstance(decision, AwaitUpload) and receive_or_expire(
        ingestion.making.database, ingestion.objects, request.tenant_id, request.file_id
    ):
        return _claim(ingestion, request, message_id, seconds)
    LOG.info("The file %s is left alone: %s.", request.file_id, decision)
    return None


def _whole_delay(seconds: float) -> int:
    return min(900, int(seconds) + 1)


def _process(ingestion: Ingestion, claim: FileClaim, deadline: float) -> Completion:
    with tempfile.TemporaryDirectory(prefix="census-") as folder:
        path = Path(folder) / "upload"
        if claim.size is not None:
            _refuse_bad_size(claim, claim.size)
        with during("download"):
            ingestion.objects.download(claim.object_key, claim.object_version, path)
        size = path.stat().st_size
        _refuse_bad_size(claim, size)
        ready = _read(ingestion, claim, path, size, deadline)
    with during("store"):
        return _complete(ingestion, claim, ready)


def _read(ingestion: Ingestion, claim: FileClaim, path: Path, size: int, deadline: float) -> ReadyFile:
    source = SourceBytes(path, claim.filename, claim.content_type)
    try:
        saved = make_text(ingestion.making, claim.owner, source)
    except IngestStoppedError as stopped:
        if not stopped.is_archive:
            raise
    else:
        return ReadyFile(saved.text_id, size, saved.media_type)
    contents = unpack_archive(ingestion, claim, path, deadline)
    return ReadyFile(contents.text_id, size, ARCHIVE_TYPE)


def _complete(ingestion: Ingestion, claim: FileClaim, ready: ReadyFile) -> Completion:
    with ingestion.making.database.tenant(claim.tenant_id) as work:
        completion = work.ingest.complete(claim, ready)
        if not completion.text_gone:
            work.note(DocumentProcessed("file", "completed"))
    if completion.text_gone:
        raise UnavailableError("The text was deleted meanwhile, with the last file that showed it.")
    return completion


def _refuse_bad_size(claim: FileClaim, size: int) -> None:
    refusal = refuse_size(size, claim.declared_size)
    if refusal is not None:
        raise IngestStoppedError(refusal)


def _record_failure(ingestion: Ingestion, claim: FileClaim, stopped: IngestStoppedError) -> None:
    """To `pending`, and a new message for later; or to `failed` where trying again changes nothing."""
    again = stopped.again and claim.attempt < MAX_ATTEMPTS
    delay = delay_after(claim.attempt, stopped.after)
    with ingestion.making.database.tenant(claim.tenant_id) as work:
        if not again:
            held = work.ingest.fail(claim, stopped.error)
        else:
            held = work.ingest.release(claim, stopped.error, delay)
        if held:
            work.note(DocumentProcessed("file", "again" if again else "failed"))
    if again and held:
        ingestion.queue.send(reminder(claim.tenant_id, claim.file_id), delay)
    LOG.warning(
        "File %s, attempt %d: %s at %s%s.",
        claim.file_id,
        claim.attempt,
        stopped.error.code,
        stopped.error.stage,
        f"; again in {delay} s" if again else "",
    )


def _clear_away(ingestion: Ingestion, claim: FileClaim, completion: Completion) -> None:
    """Delete what the new version replaced; readers do not see it any more, so a rest does no harm."""
    if completion.dropped_texts or completion.replaced_keys:
        stores = Stores(ingestion.making.database, ingestion.making.vectors, ingestion.objects)
        remove_leftovers(stores, claim.tenant_id)
