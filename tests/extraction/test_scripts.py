"""Right-to-left text, emoji, combining accents and mixed line ends come through every format as they are."""

import io
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pytest
from pptx import Presentation

from census.domain.passages import split_passages
from tests.extraction.files import extract_here

SCRIPTS = (
    "שלום עולם, מחיר 42 ש״ח",
    "العقد ساري المفعول حتى ٢٠٢٥",
    "family 👨\u200d👩\u200d👧 and flag 🇩🇪",
    "cafe\u0301 beside café",
    "契約書 第三条",
)


def saved(made: object) -> bytes:
    out = io.BytesIO()
    made.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def word() -> bytes:
    made = docx.Document()
    for line in SCRIPTS:
        made.add_paragraph(line)
    return saved(made)


def slides() -> bytes:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text = "\n".join(SCRIPTS)
    return saved(made)


def sheet() -> bytes:
    made = openpyxl.Workbook()
    for line in SCRIPTS:
        assert made.active is not None
        made.active.append([line])
    return saved(made)


def rtf() -> bytes:
    def escaped(line: str) -> str:
        units = line.encode("utf-16-le")
        codes = (int.from_bytes(units[n : n + 2], "little", signed=True) for n in range(0, len(units), 2))
        return "".join(rf"\u{code}?" for code in codes)

    return ("{\\rtf1\\ansi " + "\\par ".join(map(escaped, SCRIPTS)) + "}").encode()


def mail() -> bytes:
    made = EmailMessage()
    made["Subject"] = "Scripts"
    made.set_content("\n".join(SCRIPTS))
    return made.as_bytes()


MIXED = "".join(line + end for line, end in zip(SCRIPTS, ("\r\n", "\r", "\n", "\r\n", "\n"), strict=True))
WRITERS: dict[str, Callable[[], bytes]] = {
    "a.docx": word,
    "a.pptx": slides,
    "a.xlsx": sheet,
    "a.rtf": rtf,
    "a.eml": mail,
    "a.txt": MIXED.encode,
    "a.md": MIXED.encode,
    "a.csv": lambda: "\r\n".join(f'"{line}",1' for line in SCRIPTS).encode("utf-16"),
    "a.tsv": lambda: "\n".join(f"{line}\t1" for line in SCRIPTS).encode(),
    "a.html": lambda: ("<html><body>" + "\r\n".join(f"<p>{line}" for line in SCRIPTS)).encode(),
    "a.json": lambda: json.dumps({"lines": SCRIPTS}).encode(),
    "a.jsonl": lambda: "\r\n".join(json.dumps({"line": line}) for line in SCRIPTS).encode(),
}


@pytest.mark.parametrize("filename", WRITERS)
def test_every_script_comes_through_in_order(filename: str, tmp_path: Path) -> None:
    text = extract_here(tmp_path, WRITERS[filename](), filename).text
    places = [text.index(line) for line in SCRIPTS]
    assert places == sorted(places)
    assert "\r" not in text


@pytest.mark.parametrize("filename", WRITERS)
def test_offsets_count_code_points_whatever_the_script(filename: str, tmp_path: Path) -> None:
    found = extract_here(tmp_path, WRITERS[filename](), filename)
    passages = split_passages(found, target_tokens=10, max_tokens=20, overlap_tokens=2)
    assert len(passages) > 1
    for passage in passages:
        assert passage.text == found.text[passage.char_start : passage.char_end]
