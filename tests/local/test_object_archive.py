"""Objects on disk survive, in order, whatever their keys are called."""

import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.object_archive import ObjectArchive, StoredVersion

KEYS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


def version(key: str, order: int, **others: object) -> StoredVersion:
    return StoredVersion(key, f"v{order}", order, "2026-01-31T12:00:00+00:00", **others)  # type: ignore[arg-type]


@settings(max_examples=20)  # each example waits for the disk
@given(keys=st.lists(KEYS, min_size=1, max_size=4, unique=True))
def test_what_was_written_is_read_in_the_order_of_time(keys: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = ObjectArchive(Path(folder))
        written = [version(key, order) for order, key in enumerate(keys)]
        for stored in written:
            archive.write("Files", stored, io.BytesIO(stored.key.encode()))
        found = list(ObjectArchive(Path(folder)).versions("Files"))
        assert [stored for stored, _ in found] == written
        assert [content.read_bytes().decode() for _, content in found] == keys


def test_a_removed_version_is_gone_and_others_stay(tmp_path: Path) -> None:
    archive = ObjectArchive(tmp_path)
    for order in (1, 2):
        archive.write("Files", version("a/b", order), io.BytesIO(b"x"))
    archive.remove("Files", "a/b", "v1")
    assert archive.version_ids("Files", "a/b") == {"v2"}
    archive.remove("Files", "a/b", "v2")
    assert not any((tmp_path / "Files").iterdir())


def test_bytes_without_a_record_are_what_a_crash_left_and_go(tmp_path: Path) -> None:
    archive = ObjectArchive(tmp_path)
    archive.write("Files", version("a", 1), io.BytesIO(b"whole"))
    folder = tmp_path / "Files" / "a"
    (folder / "v2.bin").write_bytes(b"half")
    (folder / "v3.bin.part").write_bytes(b"ha")
    assert [stored.version_id for stored, _ in archive.versions("Files")] == ["v1"]
    assert sorted(path.name for path in folder.iterdir()) == ["v1.bin", "v1.json"]


def test_a_delete_marker_has_no_bytes(tmp_path: Path) -> None:
    ObjectArchive(tmp_path).write("Files", version("a", 1, delete_marker=True), None)
    ((stored, content),) = ObjectArchive(tmp_path).versions("Files")
    assert stored.delete_marker
    assert not content.exists()
