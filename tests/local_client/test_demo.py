"""The tour of the demo against a server that speaks the interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import demo
from infra.local.follow_job import JobStalledError, follow_job
from infra.local.progress_view import meter
from tests.local_client.canned import result
from tests.local_client.fake_census import FakeCensus, Fault
from tests.local_client.serving import log_console, patient_client, serving, terminal_console

LOOKUP, COUNT, LIST = demo.QUESTIONS


@pytest.fixture
def census() -> Iterator[FakeCensus]:
    answers = {COUNT: result(), LIST: result(table={"columns": ["document"], "rows": [["a.txt"]]})}
    with serving(FakeCensus(polls_to_read=1, answers=answers)) as server:
        yield server


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.md", "c.html"):
        (tmp_path / name).write_text(name)
    return tmp_path


def tour(census: FakeCensus, samples: Path) -> tuple[bool, str]:
    console, printed = log_console()
    good = demo.tour(patient_client(census), console, samples, demo.QUESTIONS)
    return good, printed.getvalue()


def test_the_tour_loads_the_samples_and_answers_three_questions(census: FakeCensus, samples: Path) -> None:
    good, printed = tour(census, samples)
    assert good
    assert sorted(census.stored.values()) == [b"a.txt", b"b.md", b"c.html"]
    for question in demo.QUESTIONS:
        assert question in printed
    assert "one fact is asked for" in printed
    assert "Nine months." in printed
    assert printed.count("ledger  ") == 2


def test_the_tour_shows_how_a_job_proceeds(census: FakeCensus, samples: Path) -> None:
    _, printed = tour(census, samples)
    assert "documents: 0 of 30 (mapping, 50%, about 3 s left)" in printed
    assert "documents: 30 of 30 (completed)" in printed


def test_the_tour_prints_no_control_codes_into_a_log(census: FakeCensus, samples: Path) -> None:
    assert not {"\x1b", "\r"} & set(tour(census, samples)[1])


def test_the_tour_draws_bars_at_a_terminal(census: FakeCensus, samples: Path) -> None:
    console, printed = terminal_console()
    assert demo.tour(patient_client(census), console, samples, demo.QUESTIONS)
    assert "━" in printed.getvalue()


def test_a_second_tour_sends_nothing_twice(census: FakeCensus, samples: Path) -> None:
    tour(census, samples)
    good, printed = tour(census, samples)
    assert good
    assert "3 documents, 0 of them to send" in printed
    assert len(census.files) == 3


def test_what_an_interrupted_tour_left_behind_is_sent_again(census: FakeCensus, samples: Path) -> None:
    for name, status in (("a.txt", "pending"), ("b.md", "failed"), ("c.html", "completed")):
        census.add_file(name, status)
    good, _ = tour(census, samples)
    assert good
    assert sorted(row["filename"] for row in census.files.values()) == ["a.txt", "b.md", "c.html"]
    assert {row["status"] for row in census.files.values()} == {"completed"}


def test_documents_that_are_no_samples_are_left_alone(census: FakeCensus, samples: Path) -> None:
    theirs = census.add_file("theirs.txt", "failed")
    tour(census, samples)
    assert theirs in census.files


def test_a_sample_that_cannot_be_read_is_named_and_the_tour_goes_on(
    census: FakeCensus, samples: Path
) -> None:
    census.unreadable = {"b.md": "The file is empty."}
    good, printed = tour(census, samples)
    assert not good
    assert "b.md: The file is empty." in printed
    assert "Nine months." in printed


def test_a_job_that_ends_partial_is_no_success(census: FakeCensus, samples: Path) -> None:
    census.final_status = "partial"
    good, printed = tour(census, samples)
    assert not good
    assert "The job is partial: two documents could not be read" in printed


def test_a_connection_lost_while_a_job_runs_does_not_end_the_tour(census: FakeCensus, samples: Path) -> None:
    client = patient_client(census)
    asked = client.ask("c", COUNT)
    assert asked["job"] is not None
    census.faults += [Fault(f"GET /jobs/{asked['job']['id']}")] * 2
    console, _ = log_console()
    with meter(console, "documents") as bar:
        assert follow_job(client, asked["job"], bar, poll_seconds=0)["status"] == "completed"


def test_waiting_for_a_job_that_never_moves_has_an_end(census: FakeCensus) -> None:
    census.final_status = "processing"
    client = patient_client(census)
    job = client.ask("c", COUNT)["job"]
    assert job is not None
    console, _ = log_console()
    with (
        meter(console, "documents") as bar,
        pytest.raises(JobStalledError, match="done at 30 of 30 documents"),
    ):
        follow_job(client, job, bar, poll_seconds=0, stalled_seconds=0.05)
