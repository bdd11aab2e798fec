"""The two commands of a newcomer, as processes: `make up` starts and ends cleanly, `make demo` runs twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.local.demo_stack import free_port
from tests.stack.person import Person, somebody
from tests.stack.processes import is_gone, processor_seconds, wait_for
from tests.stack.quotes import check_ledger, result_of
from tests.stack.running import ROOT, environment, running_stack, start_stack, stopping

pytestmark = pytest.mark.stack

SECOND_START_SECONDS = 15.0
"""Of the processors: what a start takes by the clock depends on what else the machine does."""
DEMO_SECONDS = 400
EXPECTED = json.loads((ROOT / "samples" / "expected.json").read_text())["questions"]


def make_up(data: Path, port: int) -> list[str]:
    """`make up`, but for the installation, which the tests themselves run in."""
    return [
        "make",
        "--no-print-directory",
        "--old-file=.venv/installed",
        "up",
        f"PORT={port}",
        f"DATA={data}",
    ]


def everything_below(pid: int) -> set[int]:
    return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}


def test_make_up_serves_on_its_port_and_leaves_nothing_behind_after_ctrl_c(folder: Path) -> None:
    port = free_port()
    with stopping(start_stack(make_up(folder, port), folder)) as running:
        assert running.url == f"http://127.0.0.1:{port}"
        assert somebody(running.url).call("GET", "/health").status == 200
        pids = running.look() | everything_below(running.process.pid)
        os.killpg(running.process.pid, signal.SIGINT)
        wait_for(lambda: all(map(is_gone, pids)), "the end of every process")


def test_a_sigterm_to_make_up_leaves_nothing_behind(folder: Path) -> None:
    with stopping(start_stack(make_up(folder, free_port()), folder)) as running:
        pids = running.look() | everything_below(running.process.pid)
        running.stop(signal.SIGTERM)
        wait_for(lambda: all(map(is_gone, pids)), "the end of every process")


def test_either_signal_ends_the_stack_with_0_and_the_next_start_is_quick_and_has_everything(
    folder: Path,
) -> None:
    with running_stack(folder) as first:
        person = somebody(first.url)
        (row,) = person.send_texts({"note.txt": "Thank you for the flowers."}).values()
        assert row["status"] == "completed"
        assert first.stop(signal.SIGTERM) == 0
    assert all(map(is_gone, first.seen))
    with running_stack(folder) as second:
        again = Person(second.url, person.name)
        assert again.client.files() == [row]
        assert list(again.texts().values()) == ["Thank you for the flowers."]
        assert processor_seconds(second.look()) < SECOND_START_SECONDS
        assert second.stop(signal.SIGINT) == 0
    assert all(map(is_gone, second.seen))


def demo(data: Path) -> str:
    """One run of the demo; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.local", "demo", "--data", str(data)],
        cwd=ROOT,
        env=environment(None),
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_demo_runs_twice_and_both_times_answers_what_the_samples_say(folder: Path) -> None:
    printed = [demo(folder), demo(folder)]
    assert "30 documents, 30 of them to send" in printed[0]
    assert "30 documents, 0 of them to send" in printed[1]
    for text in printed:
        for question in ("lookup", "count_by_year", "list"):
            assert EXPECTED[question]["question"] in " ".join(text.split())
    with running_stack(folder) as stack:
        check_answers(Person(stack.url, "local"))


def check_answers(person: Person) -> None:
    """Two jobs and a look-up from each run, all as the samples say."""
    jobs = [person.client.job(row["id"]) for row in person.call("GET", "/jobs").json["items"]]
    assert len(jobs) == 4
    for job in jobs:
        check_ledger(job, 30)
        table = result_of(job)["table"]
        assert table is not None
        if job["user_query"] == EXPECTED["list"]["question"]:
            assert sorted(row[0] for row in table["rows"]) == EXPECTED["list"]["documents"]
        else:
            assert job["user_query"] == EXPECTED["count_by_year"]["question"]
            assert dict(table["rows"]) == EXPECTED["count_by_year"]["groups"]
    conversations = person.call("GET", "/conversations").json["items"]
    assert len(conversations) == 2
    for conversation in conversations:
        check_lookup(person, conversation["id"])


def check_lookup(person: Person, conversation_id: str) -> None:
    _, answer, *_ = person.call("GET", f"/conversations/{conversation_id}/messages").json["items"]
    assert EXPECTED["lookup"]["words"] in answer["content"]
    assert EXPECTED["lookup"]["document"] in {c["source_name"] for c in answer["citations"]}
