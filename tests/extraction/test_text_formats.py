"""Plain text and Markdown: every character stays, whatever the encoding."""

from pathlib import Path

import pytest

from census.domain.extracted_text import Heading
from census.domain.extraction_errors import ExtractionCode, ExtractionError
from tests.extraction.files import extract_here

GERMAN = "Die Vergütung beträgt zwölftausend Euro. Für Überstunden gilt § 4 der Prämienordnung. " * 5
RUSSIAN = "Настоящий договор регулируется законодательством Российской Федерации и вступает в силу. " * 5
JAPANESE = "本契約は日本法に準拠し、いずれの当事者も書面による通知をもって解除することができる。" * 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = "Plain words, ünïcode, العقد and 🚀.\n" * 3
    assert extract_here(tmp_path, text.encode(encoding), "a.txt").text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(GERMAN, "cp1252"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (JAPANESE, "shift_jis")],
)
def test_older_encodings_are_guessed(tmp_path: Path, text: str, encoding: str) -> None:
    assert extract_here(tmp_path, text.encode(encoding), "a.txt").text == text


def test_line_ends_are_made_one_and_the_mark_goes(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfone\r\ntwo\rthree\n\x07four"
    assert extract_here(tmp_path, data, "a.txt").text == "one\ntwo\nthree\nfour"


def test_text_cut_inside_a_character_stays_utf8(tmp_path: Path) -> None:
    data = ("ünïcode words " * 10_000).encode()[:-1] + "ü".encode()[:1]
    text = extract_here(tmp_path, data, "a.txt").text
    assert text.startswith("ünïcode words")
    assert text.endswith("\ufffd")


def test_headings_of_a_contract_are_found(tmp_path: Path) -> None:
    text = (
        "EXHIBIT 10.4\n\nMASTER AGREEMENT\n\nARTICLE IV PAYMENT\nfees are due.\n7.2 LIMITATION OF LIABILITY\n"
        "as set out in\nSection 4 of this Agreement, and\n2014 was a good year.\n"
    )
    extracted = extract_here(tmp_path, text.encode(), "a.txt")
    assert [(heading.level, heading.text) for heading in extracted.headings] == [
        (1, "EXHIBIT 10.4"),
        (1, "ARTICLE IV PAYMENT"),
        (3, "7.2 LIMITATION OF LIABILITY"),
    ]
    assert all(text[each.offset :].startswith(each.text) for each in extracted.headings)


def test_white_space_alone_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="no text") as caught:
        extract_here(tmp_path, b" \n\t\n", "a.txt")
    assert caught.value.code is ExtractionCode.NO_TEXT


def test_text_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="1,000,000 characters") as caught:
        extract_here(tmp_path, b"word " * 200_001, "a.txt")
    assert caught.value.code is ExtractionCode.TOO_LARGE


MARKDOWN = """---
title: "The Handbook"
---
# One

text
## Two ##
```
# no heading in code
```
Under
-----
- item
---
| a |
|---|
####### seven is none
#hashtag
"""


def test_markdown_stays_as_written_and_its_headings_are_found(tmp_path: Path) -> None:
    extracted = extract_here(tmp_path, MARKDOWN.encode(), "a.md")
    assert extracted.text == MARKDOWN
    assert extracted.title == "The Handbook"
    assert extracted.headings == (
        Heading(MARKDOWN.index("# One"), 1, "One"),
        Heading(MARKDOWN.index("## Two"), 2, "Two"),
        Heading(MARKDOWN.index("Under"), 2, "Under"),
    )


def test_the_first_top_heading_of_markdown_is_its_title(tmp_path: Path) -> None:
    assert extract_here(tmp_path, b"intro\n\n# Name\n", "a.md").title == "Name"
