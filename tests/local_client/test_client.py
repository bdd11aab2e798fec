"""The client against a server that speaks the interface, and fails like one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.client import CensusClient
from infra.local.client_errors import (
    ApiError,
    ConnectionLostError,
    StackUnreachableError,
    UnexpectedAnswerError,
    UnsendableFileError,
    UploadRefusedError,
)
from infra.local.demo_stack import free_port
from tests.local_client.canned import problem, result
from tests.local_client.fake_census import FakeCensus, Fault
from tests.local_client.serving import patient_client, serving


@pytest.fixture
def census() -> Iterator[FakeCensus]:
    with serving(FakeCensus()) as server:
        yield server


def test_a_file_arrives_byte_for_byte(census: FakeCensus, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5_000 + b"\r\n--\r\n"
    (tmp_path / "a.bin").write_bytes(content)
    file_id = patient_client(census).upload_file(tmp_path / "a.bin")
    assert census.stored[file_id] == content


def test_an_empty_file_arrives_too(census: FakeCensus, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert census.stored[patient_client(census).upload_file(tmp_path / "empty.txt")] == b""


def test_the_announcement_carries_name_type_and_size(census: FakeCensus, tmp_path: Path) -> None:
    (tmp_path / "Vertrag “Süd”.MD").write_text("# Vertrag")
    patient_client(census).upload_file(tmp_path / "Vertrag “Süd”.MD", tags=["demo"])
    sent = census.called("POST /files")[0].json()
    assert sent == {
        "filename": "Vertrag “Süd”.MD",
        "content_type": "text/markdown",
        "size": 9,
        "tags": ["demo"],
    }


def test_the_token_goes_to_the_interface_and_not_to_the_object_store(
    census: FakeCensus, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    CensusClient(census.url, "dev-alice@acme").upload_file(tmp_path / "a.txt")
    assert census.called("POST /files")[0].headers["authorization"] == "Bearer dev-alice@acme"
    assert "authorization" not in census.called("POST /store")[0].headers


def test_a_refused_upload_says_why(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"x" * 2_000)
    refused = r"big\.txt: the upload was refused \(EntityTooLarge: too large\)"
    with (
        serving(FakeCensus(largest_upload=1_000)) as census,
        pytest.raises(UploadRefusedError, match=refused),
    ):
        patient_client(census).upload_file(tmp_path / "big.txt")


def test_a_file_above_the_limit_is_not_even_announced(census: FakeCensus, tmp_path: Path) -> None:
    with (tmp_path / "huge.pdf").open("wb") as sparse:
        sparse.truncate(200 * 1024 * 1024 + 1)
    with pytest.raises(UnsendableFileError, match="at most 200 MB"):
        patient_client(census).upload_file(tmp_path / "huge.pdf")
    assert not census.requests


def test_a_file_that_is_gone_is_named(census: FakeCensus, tmp_path: Path) -> None:
    with pytest.raises(UnsendableFileError, match=r"gone\.txt: cannot be read"):
        patient_client(census).upload_file(tmp_path / "gone.txt")


def test_lists_are_read_to_their_last_page() -> None:
    with serving(FakeCensus(page_size=2)) as census:
        names = [f"{n}.txt" for n in range(5)]
        for name in names:
            census.add_file(name, "completed")
        assert [row["filename"] for row in patient_client(census).files()] == names


def test_rows_are_read_to_their_last_page() -> None:
    with serving(FakeCensus(page_size=2, rows=[{"item": n} for n in range(5)])) as census:
        assert [row["item"] for row in patient_client(census).rows("any")] == [0, 1, 2, 3, 4]


def test_deleting_what_is_already_gone_is_fine(census: FakeCensus) -> None:
    patient_client(census).delete_file("unknown")

    assert len(census.called("DELETE /files/unknown")) == 1


def test_a_conflict_shows_its_problem_details(census: FakeCensus) -> None:
    census.faults.append(
        Fault("POST /conversations", 409, body=problem(409, "Already finished", "The job is completed."))
    )
    with pytest.raises(
        ApiError, match=r"POST /conversations: 409 Already finished\. The job is completed"
    ) as caught:
        patient_client(census).start_conversation("t")
    assert caught.value.type.endswith("/409")


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "body.content", "message": "must not be empty"},
        {"loc": ["body", "content"], "msg": "must not be empty"},
    ],
)
def test_a_bad_body_names_each_bad_field(census: FakeCensus, entry: dict[str, object]) -> None:
    body = problem(422, "Bad body", "One field is wrong.", errors=[entry])
    census.faults.append(Fault("POST /conversations", 422, body=body))
    with pytest.raises(ApiError, match=r"body\.content: must not be empty") as caught:
        patient_client(census).start_conversation("")
    assert caught.value.fields == [("body.content", "must not be empty")]


def test_the_gateways_own_refusals_are_read_too(census: FakeCensus) -> None:
    census.faults.append(Fault("GET /health", 401, body={"message": "Unauthorized"}))
    with pytest.raises(ApiError, match="GET /health: 401 Unauthorized"):
        patient_client(census).health()


def test_a_server_error_without_json_is_still_an_api_error(census: FakeCensus) -> None:
    census.faults.append(Fault("GET /health", 500, body="<html>oops</html>"))
    with pytest.raises(ApiError, match="500 HTTP 500"):
        patient_client(census).health()


def test_another_program_on_the_port_is_recognised(census: FakeCensus) -> None:
    census.faults.append(Fault("GET /health", 200, body="hello"))
    with pytest.raises(UnexpectedAnswerError, match="Is it Census that listens there"):
        patient_client(census).health()


def test_a_lost_connection_is_tried_again_where_that_is_safe(census: FakeCensus) -> None:
    census.faults += [
        Fault("GET /health"),
        Fault("GET /health", 503, body={"message": "Service Unavailable"}),
    ]
    assert patient_client(census).health() == {"status": "ok"}
    assert len(census.called("GET /health")) == 3


def test_trying_again_has_an_end(census: FakeCensus) -> None:
    census.faults += [Fault("GET /health")] * 9
    with pytest.raises(ConnectionLostError, match="GET /health: the connection was lost"):
        patient_client(census).health()
    assert len(census.called("GET /health")) == 4


def test_a_new_file_is_announced_once_even_if_the_connection_is_lost(
    census: FakeCensus, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    census.faults.append(Fault("POST /files"))
    with pytest.raises(ConnectionLostError):
        patient_client(census).upload_file(tmp_path / "a.txt")
    assert len(census.called("POST /files")) == 1


def test_a_question_asked_again_after_a_lost_connection_keeps_its_key(census: FakeCensus) -> None:
    census.answers["How many?"] = result()
    call = "POST /conversations/c/messages"
    census.faults.append(Fault(call, acted=True))
    patient_client(census).ask("c", "How many?")
    first, second = census.called(call)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(census.jobs) == 1


def test_two_questions_have_two_keys(census: FakeCensus) -> None:
    client = patient_client(census)
    client.ask("c", "Who?")
    client.ask("c", "Who?")
    keys = {request.headers["idempotency-key"] for request in census.called("POST /conversations/c/messages")}
    assert len(keys) == 2


def test_nobody_listening_tells_what_to_start() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StackUnreachableError, match=f"Nothing answers at {url}. Start it with: make up"):
        CensusClient(url).health()


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(
    census: FakeCensus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert patient_client(census).health() == {"status": "ok"}


def test_a_store_that_closes_early_is_a_lost_connection(census: FakeCensus, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x" * 20_000_000)
    with closing_store() as port:
        upload = {"url": f"http://127.0.0.1:{port}/store", "fields": {}}
        census.faults.append(
            Fault("POST /files", 201, body={"id": "1", "status": "pending", "upload": upload})
        )
        with pytest.raises((ConnectionLostError, UploadRefusedError)):
            patient_client(census).upload_file(tmp_path / "a.bin")


@contextmanager
def closing_store() -> Iterator[int]:
    """A port whose owner reads a little of the first request and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1_000)

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)
