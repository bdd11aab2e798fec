"""What was uploaded is read, although the stack that took it is gone with its queues."""

from pathlib import Path

import pytest

from tests.stack.person import Person, somebody
from tests.stack.processes import wait_for
from tests.stack.running import running_stack

pytestmark = pytest.mark.stack

UPLOADS = 12
WORKERS = 8
"""Files that a killed stack may hold in hand: their claims keep others away until they expire."""


def test_uploads_whose_events_were_lost_in_a_kill_are_read_after_the_next_start(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "note.txt"
    with running_stack(folder) as stack:
        person = somebody(stack.url)
        for number in range(UPLOADS + WORKERS):
            path.write_text(f"Note {number}: thank you for the flowers.")
            person.client.upload_file(path)
        stack.kill()
    with running_stack(folder) as again:
        person = Person(again.url, person.name)
        wait_for(lambda: not person.client.files("pending"), "every upload to be read")
        rows = person.client.files()
        assert len(rows) == UPLOADS + WORKERS
        assert sum(row["status"] == "completed" for row in rows) >= UPLOADS
        assert {row["status"] for row in rows} <= {"completed", "processing"}
