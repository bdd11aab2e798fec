"""Units name files that are there, and no file belongs to two."""

from itertools import chain

from tests.units import SECONDS, SHARING, TESTS, in_order, unit_of


def test_files_named_are_there_and_in_one_unit() -> None:
    shared = list(chain.from_iterable(SHARING.values()))
    files = shared + [unit for unit in SECONDS if unit not in SHARING]
    assert [file for file in files if not (TESTS / file).is_file()] == []
    assert len(files) == len(set(files))


def test_the_longest_unit_begins_first_and_its_files_keep_their_order() -> None:
    never_made, bad_input = (
        "tests/stack/test_uploads_never_made.py::t",
        "tests/stack/test_bad_input.py::t[::]",
    )
    light, lighter = "tests/domain/test_tokens.py::a", "tests/api/test_health.py::a"
    assert sorted([light, never_made, lighter, bad_input], key=in_order) == [
        bad_input,
        never_made,
        light,
        lighter,
    ]
    assert unit_of(never_made) == unit_of(bad_input) != unit_of(light)
