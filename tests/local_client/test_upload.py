"""`make upload`: what a person sees, and the exit code a script sees."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.local import upload
from infra.local.demo_stack import free_port
from infra.local.send_folder import IngestionStalledError, find_files, follow_ingestion, send_files
from tests.local_client.canned import problem
from tests.local_client.fake_census import FakeCensus, Fault
from tests.local_client.serving import patient_client, serving


def folder_of(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
    return tmp_path / "docs"


def run(census: FakeCensus, folder: Path) -> int:
    return upload.main(["--port", str(urlsplit(census.url).port), str(folder)])


def test_a_folder_is_sent_with_its_sub_folders_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, "a.txt", "b/c.md", "b/d/e.html")
    with serving(FakeCensus()) as census:
        assert run(census, folder) == upload.ALL_READ
    assert {row["filename"] for row in census.files.values()} == {"a.txt", "c.md", "e.html"}
    assert "3 of 3 documents read." in capsys.readouterr().out


def test_a_log_gets_plain_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeCensus()) as census:
        run(census, folder_of(tmp_path, *(f"{n}.txt" for n in range(20))))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\r" not in printed
    assert 3 <= len(printed.splitlines()) <= 14


def test_a_document_that_could_not_be_read_is_listed_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "The PDF is protected by a password. Remove the password and upload it again."
    with serving(FakeCensus(unreadable={"locked.pdf": reason})) as census:
        assert run(census, folder_of(tmp_path, "a.txt", "locked.pdf")) == upload.SOME_FAILED
    printed = capsys.readouterr().out
    assert "1 of 2 documents read." in printed
    assert f"locked.pdf: {reason}" in printed


def test_one_refused_file_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeCensus()) as census:
        refusal = problem(422, "File type", "Census does not read .exe files.")
        census.faults.append(Fault("POST /files", 422, body=refusal))
        assert run(census, folder_of(tmp_path, "a.txt", "b.txt")) == upload.SOME_FAILED
    printed = capsys.readouterr().out
    assert "1 of 2 documents read." in printed
    assert "not sent. POST /files: 422 File type. Census does not read .exe files" in printed


def test_without_a_stack_one_line_says_what_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    assert upload.main(["--port", str(port), str(folder_of(tmp_path, "a.txt"))]) == upload.NOTHING_DONE
    assert capsys.readouterr().err == f"Nothing answers at http://127.0.0.1:{port}. Start it with: make up\n"


def test_a_missing_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert upload.main([str(tmp_path / "nowhere")]) == upload.NOTHING_DONE
    assert f"{tmp_path / 'nowhere'} does not exist." in capsys.readouterr().err


def test_a_file_instead_of_a_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert upload.main([str(folder_of(tmp_path, "a.txt") / "a.txt")]) == upload.NOTHING_DONE
    assert "a.txt is not a folder." in capsys.readouterr().err


def test_an_empty_folder_is_an_error_and_hidden_files_do_not_fill_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, ".hidden", ".git/config")
    assert find_files(folder) == []
    assert upload.main([str(folder)]) == upload.NOTHING_DONE
    assert "holds no files to send." in capsys.readouterr().err


def test_progress_counts_what_was_sent_and_what_was_read(tmp_path: Path) -> None:
    shown: list[tuple[int, int]] = []
    with serving(FakeCensus(polls_to_read=3)) as census:
        client = patient_client(census)
        paths = find_files(folder_of(tmp_path, "a.txt", "b.txt", "c.txt"))
        sent = send_files(client, paths, lambda done, total: shown.append((done, total)))
        assert shown == [(1, 3), (2, 3), (3, 3)]
        shown.clear()
        follow_ingestion(client, sent.ids.values(), lambda *now: shown.append(now), poll_seconds=0)
    assert shown[-1] == (3, 3)
    assert sorted(shown) == shown


def test_documents_of_others_are_not_waited_for(tmp_path: Path) -> None:
    with serving(FakeCensus()) as census:
        mine = census.add_file("mine.txt", "completed")
        census.add_file("theirs.txt", "pending")
        rows = follow_ingestion(patient_client(census), [mine], lambda *_: None, poll_seconds=0)
    assert [row["filename"] for row in rows] == ["mine.txt"]


def test_waiting_for_a_document_that_never_moves_has_an_end() -> None:
    with serving(FakeCensus()) as census:
        stuck = census.add_file("stuck.txt", "pending")
        with pytest.raises(IngestionStalledError, match=r"1 still wait \(stuck\.txt\)"):
            follow_ingestion(
                patient_client(census), [stuck], lambda *_: None, poll_seconds=0, stalled_seconds=0.05
            )


def test_a_refusal_while_waiting_ends_with_its_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(FakeCensus()) as census:
        census.faults.append(
            Fault("GET /files", 500, body=problem(500, "Internal error", "Request 17 failed."))
        )
        assert run(census, folder_of(tmp_path, "a.txt")) == upload.NOTHING_DONE
    assert "GET /files: 500 Internal error. Request 17 failed" in capsys.readouterr().err
