"""Files that are made to do harm, or that are broken: each with the ends that are right for it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.extraction.bomb_parts import (
    LAUGHS,
    OUTSIDE,
    QUADRATIC,
    SHARED,
    attributes,
    cell,
    declaring,
    deep_mail,
    deep_multipart,
    deep_table,
    half,
    huge_numbers,
    laughing_sheet,
    locked,
    long_paths,
    looping_styles,
    lying_zip64,
    mail_head,
    mail_with,
    many_pages,
    nested_zip,
    overlapping,
    plain_mail,
    presentation,
    rows,
    run,
    runs,
    slide,
    with_document,
)
from tests.extraction.files import bomb_pdf, pdf, raw_pdf, scanned_pdf
from tests.extraction.packages import ole, word, workbook, zipped

MB = 1_000_000
TEXT = "text"  # an end, too: the file was read in spite of all


@dataclass(frozen=True)
class Bomb:
    """A hostile or broken file; `ends` are the codes that are right for it, or TEXT."""

    name: str
    filename: str
    make: Callable[[], bytes]
    ends: frozenset[str]


def bombs() -> list[Bomb]:
    """Every one of them, made only when it is needed."""
    kinds = (_zips, _documents, _sheets, _pdfs, _texts, _rtfs, _plain_texts, _mails, _broken, _random)
    rows = (row for kind in kinds for row in kind())
    return [Bomb(name, filename, make, frozenset(ends.split())) for name, filename, make, ends in rows]


Row = tuple[str, str, Callable[[], bytes], str]


def _zips() -> Iterator[Row]:
    yield "zip of zips", "a.zip", lambda: nested_zip(6), "unsupported_type"
    yield "zip of zips named docx", "a.docx", lambda: nested_zip(6), "unsupported_type too_large"
    yield "gigabyte of zeros", "a.zip", lambda: zipped({"z": bytes(80 * MB)}), "too_large"
    yield "100,000 entries", "a.docx", lambda: zipped({str(n): b"" for n in range(20_000)}), "too_large"
    yield "declares 4 GB", "a.docx", lambda: declaring(word("<w:p/>"), 0xFFFFFFF0), "too_large"
    yield "declares 5 bytes", "a.docx", lambda: declaring(word("<w:p/>"), 5), "corrupt unsupported_type"
    yield "entries share bytes", "a.docx", overlapping, "corrupt"
    yield "entry with a password", "a.docx", lambda: locked(word("<w:p/>")), "encrypted"
    yield "office with a password", "a.docx", lambda: ole("EncryptedPackage"), "encrypted"
    yield "old Word", "a.doc", lambda: ole("WordDocument"), "unsupported_type"
    yield "old Excel", "a.xls", lambda: ole("Workbook"), "unsupported_type"
    yield "no directory", "a.docx", lambda: word("<w:p/>")[:300], "corrupt"
    yield "directory of nothing", "a.docx", lambda: b"PK\x05\x06" + bytes(18), "unsupported_type"
    yield "zip64 that lies", "a.docx", lying_zip64, "corrupt too_large unsupported_type"


def _documents() -> Iterator[Row]:
    long = "too_large out_of_memory corrupt timed_out no_text"
    yield "small docx of 190 MB", "a.docx", lambda: word("<w:p>" + " " * 190 * MB + "</w:p>"), "too_large"
    yield "docx of a million runs", "a.docx", lambda: word(runs(600_000)), f"{long} text"
    yield "docx of 20 MB of text", "a.docx", lambda: word(runs(30_000, 60)), "too_large"
    yield "deep docx", "a.docx", lambda: word("<w:sdt>" * 50_000), "corrupt"
    yield "deep docx tables", "a.docx", lambda: word(deep_table(80)), "corrupt text"
    yield "docx with no body", "a.docx", lambda: with_document(b"<w/>"), "no_text"
    yield "billion laughs", "a.docx", lambda: with_document(LAUGHS), "corrupt"
    yield "quadratic entities", "a.docx", lambda: with_document(QUADRATIC), "corrupt"
    yield "entity from a file", "a.docx", lambda: with_document(OUTSIDE), "corrupt"
    yield "100,000 attributes", "a.docx", lambda: with_document(attributes()), "corrupt no_text"
    yield "document without XML", "a.docx", lambda: with_document(b"no XML here"), "corrupt"
    yield "styles based on each other", "a.docx", looping_styles, "text"
    yield "numbers beyond all numbers", "a.docx", huge_numbers, "text"
    yield "presentation without slides", "a.pptx", lambda: presentation(""), "no_text"
    yield "slide that is no slide", "a.pptx", lambda: presentation("<p:sld/>"), "corrupt no_text"
    yield "slide of a million shapes", "a.pptx", lambda: presentation(slide(200_000)), f"{long} text"
    yield "deep groups", "a.pptx", lambda: presentation(slide(1, 5_000)), "corrupt"


def _sheets() -> Iterator[Row]:
    corners = cell("A1") + cell("XFD1048576")
    yield "corners of a sheet", "a.xlsx", lambda: workbook({"S": corners}), "text"
    yield "five sheets of corners", "a.xlsx", lambda: workbook(dict.fromkeys("abcde", corners)), "text"
    diagonal = "".join(cell(f"A{n * 100}") + cell(f"ZZ{n * 100 + 1}") for n in range(1, 5_000))
    yield "diagonal sheet", "a.xlsx", lambda: workbook({"S": diagonal}), "text too_large"
    many = "too_large out_of_memory timed_out text"
    yield "a million rows", "a.xlsx", lambda: workbook({"S": rows(MB)}), many
    yield "a million rows of text", "a.xlsx", lambda: workbook({"S": rows(600_000, "x" * 40)}), many
    yield (
        "a cell beyond the sheet",
        "a.xlsx",
        lambda: workbook({"S": cell("ZZZZ9999999999")}),
        "text corrupt timed_out out_of_memory",
    )
    yield "deep sheet", "a.xlsx", lambda: workbook({"S": "<row>" * 100_000}), "corrupt timed_out no_text"
    yield "sheet without end", "a.xlsx", lambda: workbook({"S": "<row r='1'><c r='A1'><v>1"}), "corrupt text"
    yield (
        "texts that are not there",
        "a.xlsx",
        lambda: workbook({"S": SHARED}),
        "no_text corrupt parser_crashed",
    )
    yield "billion laughs in a sheet", "a.xlsx", laughing_sheet, "corrupt no_text text"
    yield "dates beyond the calendar", "a.xlsx", lambda: workbook({"S": cell("A1", "1e300")}), "text"


def _pdfs() -> Iterator[Row]:
    yield "3 kB to 1.5 GB", "a.pdf", lambda: bomb_pdf(1_500), "too_large out_of_memory timed_out corrupt"
    yield "page tree that loops", "a.pdf", lambda: raw_pdf(b"", b"[]", kids=b"2 0 R"), "corrupt no_text"
    loop = b"2 0 R " * 2_000
    yield (
        "page tree that loops often",
        "a.pdf",
        lambda: raw_pdf(b"", b"[]", kids=loop),
        "corrupt no_text timed_out",
    )
    yield "scan", "a.pdf", scanned_pdf, "no_text"
    yield "pdf with a password", "a.pdf", lambda: pdf([["secret"]], password="x"), "encrypted"
    yield "pdf cut in half", "a.pdf", lambda: half(pdf([["words"] * 40] * 5)), "corrupt text no_text"
    yield (
        "deep pdf arrays",
        "a.pdf",
        lambda: raw_pdf(b"[" * MB, b"[]"),
        "corrupt no_text timed_out parser_crashed",
    )
    yield "pdf of brackets", "a.pdf", lambda: b"%PDF-1.7\n" + b"<<" * MB, "corrupt timed_out parser_crashed"
    yield "half a million pages", "a.pdf", many_pages, "no_text timed_out corrupt out_of_memory"


def _texts() -> Iterator[Row]:
    yield "deep HTML", "a.html", lambda: b"<html>" + b"<div>" * MB + b"deep", "text timed_out too_large"
    yield "HTML of one tag", "a.html", lambda: b"<html><a " + b"x=1 " * 2 * MB, "no_text text"
    yield "deep JSON", "a.json", lambda: b"[" * MB, "corrupt"
    yield "deep JSON that closes", "a.json", lambda: b"[" * 100_000 + b"]" * 100_000, "corrupt"
    yield "deep JSON objects", "a.json", lambda: b'{"a":' * 900 + b"1" + b"}" * 900, "corrupt"
    yield "long JSON paths", "a.json", long_paths, "too_large"
    yield "JSON number without end", "a.json", lambda: b"[" + b"9" * MB + b"]", "text"
    yield "JSON cut short", "a.json", lambda: b'{"a": [1, 2', "corrupt"
    yield "CSV of quotes", "a.csv", lambda: b'"' * 5 * MB, "text no_text"
    yield "CSV of commas", "a.csv", lambda: b"," * 9 * MB + b"end", "text too_large timed_out"
    yield "CSV cell without end", "a.csv", lambda: b'a,"' + b"b" * 3 * MB, "text"


def _rtfs() -> Iterator[Row]:
    yield "deep RTF", "a.rtf", lambda: b"{\\rtf1 " + b"{" * MB, "no_text timed_out corrupt out_of_memory"
    yield (
        "RTF of fields",
        "a.rtf",
        lambda: b"{\\rtf1 " + b"{\\field{\\*\\fldinst{" * 20_000,
        f"{_ANY} no_text",
    )
    yield (
        "RTF of bytes beyond all",
        "a.rtf",
        lambda: b"{\\rtf1 \\u99999999999? \\'zz \\bin99999999 x}",
        f"{_ANY}",
    )


def _plain_texts() -> Iterator[Row]:
    yield "text of zeros", "a.txt", lambda: bytes(MB), "unsupported_type"
    yield "text in no encoding", "a.txt", lambda: bytes(range(128, 256)) * 5_000, "text unsupported_type"
    yield "40 million characters", "a.txt", lambda: b"words " * 7 * MB, "too_large"
    yield "UTF-16 cut in a character", "a.txt", lambda: "häß".encode("utf-16")[:-1], "text"


def _mails() -> Iterator[Row]:
    yield "deep multipart", "a.eml", lambda: deep_multipart(3_000), "corrupt timed_out text no_text"
    yield "mail in mail in mail", "a.eml", lambda: deep_mail(30), "text"
    yield "mail with a bomb", "a.eml", lambda: mail_with(bomb_pdf(400)), "text"
    yield "100,000 headers", "a.eml", lambda: b"Subject: x\n" * 100_000 + b"\nbody", "text"
    yield (
        "header of a megabyte",
        "a.eml",
        lambda: b"Subject: =?utf-8?q?" + b"=41" * MB + b"?=\n\nbody",
        "text",
    )
    yield "mail in no charset", "a.eml", lambda: plain_mail(b"charset=hex"), "text"
    yield "mail without a boundary", "a.eml", lambda: mail_head(b"multipart/mixed") + b"x", "text"


def _broken() -> Iterator[Row]:
    whole = word("".join(run(30) for _ in range(50)))
    for share in (10, 50, 90, 99):
        part = whole[: len(whole) * share // 100]
        yield (
            f"{share} % of a docx",
            "a.docx",
            partial(bytes, part),
            "corrupt",
        )
    sheet = workbook({"S": rows(50)})
    yield "row zero", "a.xlsx", lambda: workbook({"S": cell("A0")}), "text corrupt parser_crashed"
    yield "half a workbook", "a.xlsx", lambda: half(sheet), "corrupt"
    yield "empty", "a.docx", lambda: b"", "empty_file"
    yield "a zip's start and no more", "a.docx", lambda: b"PK\x03\x04", "corrupt"


def _random() -> Iterator[Row]:
    magics = (b"%PDF-1.7\n", b"PK\x03\x04", b"PK\x05\x06", b"{\\rtf1 ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    for seed, magic in enumerate((*magics, b"<html>", b"\xff\xfe", b"From: a\nSubject: b\n\n", b"")):
        made = magic + random.Random(seed).randbytes(50_000)
        yield (
            f"random bytes after {magic[:8]!r}",
            "a",
            partial(bytes, made),
            f"{_ANY} no_text unsupported_type",
        )


_ANY = "text corrupt parser_crashed timed_out out_of_memory too_large"
