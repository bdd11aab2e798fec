"""`python -m infra.local upload --port 8080 DIR`: send a folder to a running stack.

Exit codes: 0 all documents read, 1 some failed, 2 nothing could be done (no stack, no folder, no files),
130 interrupted.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from infra.local.api_shapes import FileRow
from infra.local.client import CensusClient
from infra.local.client_errors import CensusError
from infra.local.progress_view import meter, open_console
from infra.local.send_folder import Sent, find_files, follow_ingestion, send_files

ALL_READ, SOME_FAILED, NOTHING_DONE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str]) -> int:
    """Send every file below a folder, show progress until each is read, list the failures."""
    arguments = _parse(argv)
    complaints = open_console(stderr=True)
    try:
        return _send(CensusClient(f"http://127.0.0.1:{arguments.port}", arguments.token), arguments.folder)
    except CensusError as error:
        complaints.print(str(error), markup=False, soft_wrap=True)
        return NOTHING_DONE
    except KeyboardInterrupt:
        complaints.print("Interrupted. What was sent goes on being read; send the folder's rest again.")
        return INTERRUPTED


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make upload", description=main.__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--port", type=int, default=8080, help="where the stack listens (8080)")
    parser.add_argument(
        "--token", help="bearer token, such as dev-alice@acme; none means user and tenant `local`"
    )
    return parser.parse_args(argv)


class NothingToSendError(CensusError):
    """The folder is missing, is no folder, or holds no file."""


def _send(client: CensusClient, folder: Path) -> int:
    paths = _files_of(folder)
    client.health()
    console = open_console()
    with meter(console, "uploaded") as bar:
        sent = send_files(client, paths, bar.show)
    with meter(console, "read") as bar:
        rows = follow_ingestion(client, sent.ids.values(), bar.show)
    return _summary(console, folder, sent, [row for row in rows if row["status"] == "failed"])


def _files_of(folder: Path) -> list[Path]:
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "does not exist"
        raise NothingToSendError(f"{folder} {found}. Name a folder of documents: make upload DIR=path")
    paths = find_files(folder)
    if not paths:
        raise NothingToSendError(f"{folder} holds no files to send.")
    return paths


def _summary(console: Console, folder: Path, sent: Sent, failed: Sequence[FileRow]) -> int:
    lines = [
        f"  {path.relative_to(folder)}: not sent. {error}" for path, error in sorted(sent.refused.items())
    ]
    lines += [f"  {row['filename']}: {failure_of(row)}" for row in failed]
    read = len(sent.ids) - len(failed)
    console.print(f"{read} of {len(sent.ids) + len(sent.refused)} documents read.", style="bold")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    return SOME_FAILED if lines else ALL_READ


def failure_of(row: FileRow) -> str:
    """Why a document failed, in the words of its row."""
    error = row.get("processing_error")
    return error["message"] if error else "failed without a reason"
