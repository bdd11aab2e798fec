"""The body of a presigned POST: its order, its length, its bytes, its memory."""

import tracemalloc
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.client_errors import UnsendableFileError
from infra.local.multipart import UploadForm

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
values = st.text('abcXYZ019+/=-_.:;{}" é', max_size=60)
field_names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)


def form_of(path: Path, fields: dict[str, str], filename: str = "a.txt") -> UploadForm:
    return UploadForm(fields, path, filename, "text/plain", path.stat().st_size)


@given(st.dictionaries(field_names, values, max_size=6), st.binary(max_size=2_000), names)
def test_another_parser_finds_every_field_in_order_and_the_file_last(
    fields: dict[str, str], content: bytes, filename: str
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        path.write_bytes(content)
        form = form_of(path, fields, filename)
        body = b"".join(form)
    head, *parts, tail = body.split(f"--{form.boundary}".encode())
    parsed = [
        (part.split(b"\r\n\r\n", 1)[0], part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")) for part in parts
    ]
    assert (head, tail) == (b"", b"--\r\n")
    assert [value.decode() for _, value in parsed[:-1]] == list(fields.values())
    assert parsed[-1][1] == content
    assert len(body) == form.length


def test_a_standard_parser_reads_names_and_types(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("hello")
    form = form_of(path, {"key": "u/1", "policy": "e30="}, 'say "hi".txt')
    head = f"Content-Type: {form.mime}\r\n\r\n".encode()
    parts = list(BytesParser(policy=HTTP).parsebytes(head + b"".join(form)).iter_parts())
    found = [part.get_param("name", header="content-disposition") for part in parts]
    assert found == ["key", "policy", "file"]
    assert parts[-1].get_filename() == "say %22hi%22.txt"
    assert parts[-1].get_content_type() == "text/plain"


def test_a_file_name_cannot_end_its_header(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("hello")
    body = b"".join(form_of(path, {}, 'a"\r\nX-Evil: 1'))
    assert b"\r\nX-Evil" not in body


@pytest.mark.parametrize("now", ["shorter", "much longer than it was before"])
def test_a_file_that_changed_after_it_was_measured_is_not_sent_as_if_it_were_whole(
    tmp_path: Path, now: str
) -> None:
    path = tmp_path / "x"
    path.write_text("as it was before")
    form = form_of(path, {})
    path.write_text(now)
    with pytest.raises(UnsendableFileError, match=r"a\.txt: the file changed while it was being sent"):
        b"".join(form)


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as sparse:
        sparse.truncate(200 * 1024 * 1024)
    form = form_of(path, {"key": "k"})
    tracemalloc.start()
    sent = sum(len(block) for block in form)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent == form.length
    assert peak < 2 * 1024 * 1024
