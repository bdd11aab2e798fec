"""Send files in parallel and follow them until each has been read or has failed."""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.api_shapes import ENDED_FILE, FileRow
from infra.local.client import CensusClient
from infra.local.client_errors import CensusError, StackUnreachableError
from infra.local.pacing import pause_after

PARALLEL_UPLOADS = 4
POLL_SECONDS = 1.0
STALLED_SECONDS = 300.0

Report = Callable[[int, int], None]


class IngestionStalledError(CensusError):
    """No document changed its status for a long time."""

    def __init__(self, waiting: Sequence[FileRow], seconds: float) -> None:
        names = ", ".join(row["filename"] for row in waiting[:3]) + (", …" if len(waiting) > 3 else "")
        super().__init__(
            f"No document moved for {seconds:.0f} s; {len(waiting)} still wait ({names}). "
            "Look at the output of `make up`."
        )


@dataclass
class Sent:
    """What became of the uploads: document ids by path, and what could not be sent, with the reason."""

    ids: dict[Path, str] = field(default_factory=dict)
    refused: dict[Path, CensusError] = field(default_factory=dict)


def find_files(folder: Path) -> list[Path]:
    """Every file below the folder in a stable order, hidden files and folders left out."""
    visible = (
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return sorted(path for path in visible if path.is_file())


def send_files(client: CensusClient, paths: Sequence[Path], report: Report) -> Sent:
    """Upload all, four at a time; one file's refusal stops no other.

    Raises StackUnreachableError at once when nothing answers any more: the rest would fail alike.
    """
    sent = Sent()
    with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
        running = {pool.submit(client.upload_file, path): path for path in paths}
        try:
            for count, done in enumerate(as_completed(running), 1):
                _note(sent, running[done], done)
                report(count, len(paths))
        except BaseException:  # Ctrl-C too: what has not begun must not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sent


def _note(sent: Sent, path: Path, done: Future[str]) -> None:
    try:
        sent.ids[path] = done.result()
    except StackUnreachableError:
        raise
    except CensusError as refusal:
        sent.refused[path] = refusal


def follow_ingestion(
    client: CensusClient,
    file_ids: Collection[str],
    report: Report,
    *,
    poll_seconds: float = POLL_SECONDS,
    stalled_seconds: float = STALLED_SECONDS,
) -> list[FileRow]:
    """Wait until each document is completed or failed and return their rows.

    A document deleted meanwhile is not waited for. Raises IngestionStalledError.
    """
    wanted = set(file_ids)
    began = moved_at = time.monotonic()
    before = -1
    while True:
        waiting = _still_open(client, wanted)
        report(len(wanted) - len(waiting), len(wanted))
        if not waiting:
            rows = [row for row in client.files() if row["id"] in wanted]
            if all(row["status"] in ENDED_FILE for row in rows):
                return rows
        elif len(waiting) != before:
            moved_at, before = time.monotonic(), len(waiting)
        elif time.monotonic() - moved_at > stalled_seconds:
            raise IngestionStalledError(waiting, stalled_seconds)
        time.sleep(pause_after(time.monotonic() - began, poll_seconds))


def _still_open(client: CensusClient, wanted: set[str]) -> list[FileRow]:
    """The wanted documents that have not ended; only these are fetched, as a collection may be large.

    `pending` is asked first: a document that moves on between the two calls is seen twice, not missed.
    """
    found = {row["id"]: row for status in ("pending", "processing") for row in client.files(status)}
    return [row for file_id, row in found.items() if file_id in wanted]
