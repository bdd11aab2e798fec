"""CSV, JSON and JSON Lines: values beside what names them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.extraction.csv_text import guess_delimiter
from census.domain.extracted_text import ExtractedText
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.files import extract_here


def csv(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "a.csv") -> ExtractedText:
    return extract_here(folder, text.encode(encoding), name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_dialect_gives_the_same_text(tmp_path: Path, delimiter: str, line_end: str) -> None:
    rows = [["Name", "City"], ["Bo", '"Sankt, ""P""; | \t"'], ["Al", "Rom"]]
    found = csv(tmp_path, line_end.join(delimiter.join(row) for row in rows))
    assert found.text == 'Name | City\nBo | Sankt, "P"; |\nAl | Rom'


def test_the_columns_names_are_the_heading_of_all_rows(tmp_path: Path) -> None:
    found = csv(tmp_path, "Name,Amount\nBo,1\n")
    assert found.heading_path_at(found.text.index("Bo")) == ("Name | Amount",)


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "a@b.org,x\n", "same,same\n1,2\n"])
def test_a_first_row_of_data_is_no_heading(tmp_path: Path, text: str) -> None:
    assert csv(tmp_path, text).headings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = "Ort;Größe\nKöln;groß\nMünchen;größer\n"
    assert csv(tmp_path, text, encoding=encoding).text == "Ort | Größe\nKöln | groß\nMünchen | größer"


def test_lines_inside_a_cell_stay_in_their_row(tmp_path: Path) -> None:
    assert csv(tmp_path, 'a,b\n"two\nlines",x\n').text == "a | b\ntwo lines | x"


def test_a_separator_that_is_named_is_taken(tmp_path: Path) -> None:
    assert csv(tmp_path, "sep=;\na,b;c\n").text == "a,b | c"


def test_tabs_are_told_by_the_content_as_well(tmp_path: Path) -> None:
    assert csv(tmp_path, "a\tb, c\n1\t2, 3\n", name="a.tsv").text == "a | b, c\n1 | 2, 3"


@given(st.text(max_size=300))
def test_some_delimiter_is_guessed_for_any_text(text: str) -> None:
    assert guess_delimiter(text) in ",;\t|"


def test_json_names_each_value_by_its_path(tmp_path: Path) -> None:
    value = {"customer": {"name": "Zoë 😀", "tags": ["a", "b"]}, "total": 1.50, "open": None, "paid": True}
    found = extract_here(tmp_path, json.dumps(value).encode(), "a.json")
    assert found.text.split("\n") == [
        "customer.name: Zoë 😀",
        "customer.tags[0]: a",
        "customer.tags[1]: b",
        "total: 1.5",
        "open: null",
        "paid: true",
    ]


def test_numbers_of_json_stay_as_they_are_written(tmp_path: Path) -> None:
    found = extract_here(tmp_path, b'{"a": 1.50, "b": 12345678901234567890123, "c": 1E5}', "a.json")
    assert found.text == "a: 1.50\nb: 12345678901234567890123\nc: 1E5"


def test_repeated_names_are_kept(tmp_path: Path) -> None:
    assert extract_here(tmp_path, b'{"a": 1, "a": 2}', "a.json").text == "a: 1\na: 2"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n"])
def test_json_lines_are_a_record_a_paragraph(tmp_path: Path, line_end: str) -> None:
    data = line_end.join(['{"a": 1, "b": 2}', '{"a": 3}', ""]).encode()
    found = extract_here(tmp_path, data, "a.jsonl")
    assert (found.text, found.media_type) == ("a: 1\nb: 2\n\na: 3", "application/x-ndjson")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b'{"a": 1}\n{"a": }\n', "line 2"),
        (b"[1, 2", "line 1, column 6"),
    ],
)
def test_json_that_is_none_says_where(tmp_path: Path, data: bytes, place: str) -> None:
    with pytest.raises(ExtractionError, match=place) as caught:
        extract_here(tmp_path, data, "a.json")
    assert caught.value.code is ExtractionCode.CORRUPT


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(min_size=1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=20,
)


def leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(leaves(each) for each in value.values())
    return sum(leaves(each) for each in value) if isinstance(value, list) else 1


@given(value=st.dictionaries(st.sampled_from("abc"), values, min_size=1))
def test_each_value_of_json_has_its_place(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("json")
    try:
        found = extract_here(folder, json.dumps(value).encode(), "a.json")
    except ExtractionError as error:
        assert error.code is ExtractionCode.NO_TEXT  # noqa: PT017
        assert leaves(value) == 0
    else:
        assert found.text.count(":") >= leaves(value)
