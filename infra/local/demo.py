"""`python -m infra.local demo`: start a stack, load the samples, ask three questions, stop.

The data stays under `.census/demo`, so a second run reads nothing twice. Exit codes: 0 every question was
answered, 1 one was not or a document could not be read, 2 the demo could not run, 130 interrupted.
"""

import argparse
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from infra.local.answer_view import show_job, show_message, show_question, show_route
from infra.local.client import CensusClient
from infra.local.client_errors import CensusError
from infra.local.demo_stack import free_port, running_stack, stack_command
from infra.local.follow_job import follow_job
from infra.local.progress_view import meter, open_console
from infra.local.send_folder import Sent, find_files, follow_ingestion, send_files
from infra.local.upload import failure_of

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "collection"
QUESTIONS = (
    "What is the notice period for leaving the Halden Quay warehouse?",
    "How many documents mention indemnification, by year?",
    'Which documents mention "audit rights" and not "limitation of liability"?',
)
ANSWERED, NOT_ALL, NOT_RUN, INTERRUPTED = 0, 1, 2, 130
NEXT = """
Next:
  make up                        the same stack, left running at http://127.0.0.1:8080 (docs at /docs)
  make upload DIR=your/folder    send it documents of your own
  README.md                      how to ask"""


def main(argv: Sequence[str]) -> int:
    """Start a stack, load the sample collection, ask three questions, show the answers, stop."""
    arguments = _parse(argv)
    console, complaints = open_console(), open_console(stderr=True)
    try:
        with _stopping_on_sigterm():
            good = _run(console, arguments.data, arguments.port or free_port())
    except CensusError as error:
        complaints.print(str(error), markup=False, soft_wrap=True)
        return NOT_RUN
    except KeyboardInterrupt:
        complaints.print("Interrupted; the stack was stopped.")
        return INTERRUPTED
    console.print(NEXT, markup=False, soft_wrap=True)
    return ANSWERED if good else NOT_ALL


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path(".census/demo"), help="where the data lives")
    parser.add_argument("--port", type=int, help="where the stack listens; any free port by default")
    return parser.parse_args(argv)


def _run(console: Console, data: Path, port: int) -> bool:
    console.print("Starting the local stack …")
    began = time.monotonic()
    with running_stack(stack_command(port, data), data / "stack.log") as base_url:
        console.print(f"Ready at {base_url} after {time.monotonic() - began:.1f} s.", markup=False)
        good = tour(CensusClient(base_url), console, SAMPLES, QUESTIONS)
        console.print("\nStopping the stack …")
    console.print("Stopped.")
    return good


def tour(client: CensusClient, console: Console, samples: Path, questions: Sequence[str]) -> bool:
    """Load the samples and ask the questions; True when all were read and answered."""
    all_read = load_samples(client, console, samples)
    conversation = client.start_conversation("Demo")["id"]
    answered = [ask(client, console, conversation, number, text) for number, text in enumerate(questions, 1)]
    return all_read and all(answered)


def load_samples(client: CensusClient, console: Console, samples: Path) -> bool:
    """Bring the collection up to date by file name and wait until it has been read.

    What failed, or never arrived because a demo was cut off, is removed and sent again.
    """
    paths = find_files(samples)
    names = {path.name for path in paths}
    there = [row for row in client.files() if row["filename"] in names]
    kept = {row["filename"]: row["id"] for row in there if row["status"] in ("completed", "processing")}
    for row in there:
        if row["id"] not in kept.values():
            client.delete_file(row["id"])
    missing = [path for path in paths if path.name not in kept]
    console.print(f"Sample collection: {len(paths)} documents, {len(missing)} of them to send.")
    return _send_and_read(client, console, missing, list(kept.values()))


def _send_and_read(
    client: CensusClient, console: Console, missing: Sequence[Path], kept_ids: Sequence[str]
) -> bool:
    sent = Sent()
    if missing:
        with meter(console, "uploaded") as bar:
            sent = send_files(client, missing, bar.show)
    with meter(console, "read") as bar:
        rows = follow_ingestion(client, [*kept_ids, *sent.ids.values()], bar.show)
    failed = [row for row in rows if row["status"] == "failed"]
    complaints = [str(error) for error in sent.refused.values()]
    complaints += [f"{row['filename']}: {failure_of(row)}" for row in failed]
    for complaint in complaints:
        console.print(f"  {complaint}", markup=False, soft_wrap=True)
    return not complaints


def ask(client: CensusClient, console: Console, conversation_id: str, number: int, question: str) -> bool:
    """Ask one question and show its answer; True when it was answered in full."""
    show_question(console, number, question)
    asked = client.ask(conversation_id, question)
    show_route(console, asked)
    job = asked.get("job")
    if job is None:
        show_message(console, asked)
        return asked["route"]["kind"] != "clarification"
    with meter(console, "documents") as bar:
        job = follow_job(client, job, bar)
    show_job(console, job)
    return job["status"] == "completed"


@contextmanager
def _stopping_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into the interruption that stops the stack on the way out."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
