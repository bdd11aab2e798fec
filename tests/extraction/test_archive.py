"""Archives are checked before they are unpacked; one bad entry does not spoil the others."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.extraction.archive import (
    ArchiveLimits,
    RefusedFile,
    UnpackedFile,
    is_archive,
    unpack,
)
from census.adapters.extraction.zip_directory import ZipLimits, open_checked
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.packages import word, zipped


def unpacked(
    folder: Path, data: bytes, limits: ArchiveLimits | None = None
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files of an archive by their paths, and the codes of those refused."""
    path = folder / "upload.zip"
    path.write_bytes(data)
    found = list(unpack(path, limits))
    files = {each.path: each.data for each in found if isinstance(each, UnpackedFile)}
    return files, {each.path: each.error.code for each in found if isinstance(each, RefusedFile)}


def refusal(folder: Path, data: bytes, limits: ArchiveLimits | None = None) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        unpacked(folder, data, limits)
    return caught.value


def declaring(data: bytes, size: int) -> bytes:
    """A zip file whose directory says that its first entry unpacks to `size` bytes."""
    out = bytearray(data)
    struct.pack_into("<L", out, out.index(b"PK\x01\x02") + 24, size)
    return bytes(out)


def encrypted(data: bytes) -> bytes:
    """A zip file whose first entry says that it needs a password."""
    out = bytearray(data)
    out[out.index(b"PK\x01\x02") + 8] |= 1
    return bytes(out)


def test_files_keep_their_paths_and_bytes(tmp_path: Path) -> None:
    files, refused = unpacked(tmp_path, zipped({"a.txt": b"one", "deep/er/b.md": b"two", "deep/": b""}))
    assert (files, refused) == ({"a.txt": b"one", "deep/er/b.md": b"two"}, {})


def test_what_systems_leave_in_folders_is_left_out(tmp_path: Path) -> None:
    junk = {"__MACOSX/._a.txt": b"x", "b/.DS_Store": b"x", "Thumbs.db": b"x", "._c": b"x", "a.txt": b"1"}
    assert unpacked(tmp_path, zipped(junk)) == ({"a.txt": b"1"}, {})


def test_names_in_utf8_are_read_also_where_nothing_says_so(tmp_path: Path) -> None:
    data = zipped({"Verträge/é.txt": b"x"})
    unsaid = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", unsaid, unsaid.index(mark) + place, 0)
    assert unpacked(tmp_path, bytes(unsaid))[0] == {"Verträge/é.txt": b"x"}


def test_archives_inside_are_unpacked_below_their_own_names(tmp_path: Path) -> None:
    inner = zipped({"b.txt": b"two"})
    files, refused = unpacked(tmp_path, zipped({"a.txt": b"one", "in/inner.zip": inner}))
    assert (files, refused) == ({"a.txt": b"one", "in/inner.zip/b.txt": b"two"}, {})


def test_an_office_file_inside_is_a_file(tmp_path: Path) -> None:
    document = word("<w:p/>")
    assert unpacked(tmp_path, zipped({"a.docx": document}))[0] == {"a.docx": document}


def test_archives_too_deep_are_refused_by_themselves(tmp_path: Path) -> None:
    data = zipped({"z.zip": zipped({"y.zip": zipped({"x.txt": b"x"}), "ok.txt": b"ok"})})
    files, refused = unpacked(tmp_path, data)
    assert files == {"z.zip/ok.txt": b"ok"}
    assert refused == {"z.zip/y.zip": ExtractionCode.TOO_LARGE}


def test_archives_inside_share_the_limits_of_the_outer_one(tmp_path: Path) -> None:
    inner = zipped({f"{number}": b"" for number in range(4)})
    limits = ArchiveLimits(entries=9)
    files, refused = unpacked(tmp_path, zipped({"1.zip": inner, "2.zip": inner, "a": b""}), limits)
    assert len(files) == 5
    assert refused == {"2.zip": ExtractionCode.TOO_LARGE}


@pytest.mark.parametrize(
    "path", ["../a.txt", "a/../../b", "/etc/passwd", "C:/a.txt", "..\\a.txt", "x" * 500, "a\\..\\..\\b"]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    files, refused = unpacked(tmp_path, zipped({path: b"evil", "good.txt": b"good"}))
    assert files == {"good.txt": b"good"}
    assert set(refused.values()) == {ExtractionCode.CORRUPT}


def test_a_link_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert unpacked(tmp_path, out.getvalue()) == ({}, {"link": ExtractionCode.UNSUPPORTED_TYPE})


def test_an_entry_with_a_password_is_refused(tmp_path: Path) -> None:
    data = encrypted(zipped({"secret.txt": b"x", "open.txt": b"y"}))
    assert unpacked(tmp_path, data) == ({"open.txt": b"y"}, {"secret.txt": ExtractionCode.ENCRYPTED})


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"some words" * 9, "b.txt": b"y"}, method=zipfile.ZIP_STORED))
    data[40] ^= 0xFF
    assert unpacked(tmp_path, bytes(data)) == ({"b.txt": b"y"}, {"a.txt": ExtractionCode.CORRUPT})


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_is_not_read_is_named(tmp_path: Path, method: int) -> None:
    files, refused = unpacked(tmp_path, zipped({"a.txt": b"x" * 100}, method=method))
    assert (files, refused) == ({}, {"a.txt": ExtractionCode.UNSUPPORTED_TYPE})


def test_too_many_entries_are_refused_before_any_is_unpacked(tmp_path: Path) -> None:
    error = refusal(tmp_path, zipped({f"{number}.txt": b"" for number in range(1_001)}))
    assert error.code is ExtractionCode.TOO_LARGE
    assert "1,001 entries" in error.message


def test_a_directory_of_a_million_entries_is_not_even_read(tmp_path: Path) -> None:
    entry = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    directory = (entry + b"a") * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    path = tmp_path / "many.zip"
    path.write_bytes(directory + end)
    del directory
    tracemalloc.start()
    with pytest.raises(ExtractionError, match="entries"):
        list(unpack(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_too_much_data_is_refused_by_what_the_directory_declares(tmp_path: Path) -> None:
    error = refusal(tmp_path, declaring(zipped({"a.txt": b"x"}), 600 * 1024 * 1024))
    assert error.code is ExtractionCode.TOO_LARGE
    assert "600 MB" in error.message


def test_a_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    error = refusal(tmp_path, zipped({"zeros": bytes(20_000_000)}))
    assert error.code is ExtractionCode.TOO_LARGE


def test_an_entry_that_unpacks_to_more_than_it_declares_is_damaged(tmp_path: Path) -> None:
    data = declaring(zipped({"a.txt": b"many words " * 10_000}), 5)
    assert unpacked(tmp_path, data) == ({}, {"a.txt": ExtractionCode.CORRUPT})


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """As the bombs do that unpack one stream a thousand times."""
    data = bytearray(zipped({"a": b"x" * 50, "b": b"x" * 50}, method=zipfile.ZIP_STORED))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, second + 42, 0)
    assert refusal(tmp_path, bytes(data)).code is ExtractionCode.CORRUPT


def test_a_single_file_that_is_too_large_is_refused_alone(tmp_path: Path) -> None:
    limits = ArchiveLimits(file_bytes=10)
    files, refused = unpacked(tmp_path, zipped({"big": b"x" * 11, "small": b"x"}), limits)
    assert (files, refused) == ({"small": b"x"}, {"big": ExtractionCode.TOO_LARGE})


def test_a_document_is_no_archive() -> None:
    assert is_archive(io.BytesIO(zipped({"a.txt": b"x"})))
    assert not is_archive(io.BytesIO(word("<w:p/>")))
    assert not is_archive(io.BytesIO(zipped({"mimetype": b"application/epub+zip"})))


@given(st.binary(max_size=400), st.integers(0, 400), st.binary(max_size=8))
def test_whatever_the_bytes_a_zip_file_opens_or_is_refused(junk: bytes, place: int, patch: bytes) -> None:
    whole = zipped({"a.txt": b"one", "b.txt": b"two"})
    for data in (junk, whole[:place] + patch + whole[place + len(patch) :], whole[:place]):
        try:
            open_checked(io.BytesIO(data), ZipLimits(entries=10)).close()
        except ExtractionError as error:
            assert error.code in (ExtractionCode.CORRUPT, ExtractionCode.TOO_LARGE)  # noqa: PT017
