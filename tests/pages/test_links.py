"""The links of hostile pages: read in a child that may die, and trusted no more than the page."""

import time
from pathlib import Path

import pytest

from census.adapters.extraction.page_links import page_links
from census.adapters.subprocess_link_reader import MOST_LINKS, SubprocessLinkReader

BASE = "http://example.com/a/"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        (
            "<a href=\"b\">x</a><a href='b#2'>x</a><area href=c>",
            ["http://example.com/a/b", "http://example.com/a/c"],
        ),
        ('<base href="http://other.example/x/"><a href="b">x</a>', ["http://other.example/x/b"]),
        ('<base href="javascript:1"><a href="b">x</a>', ["http://example.com/a/b"]),
        ('<a href="mailto:a@b.example">x</a><a>x</a><a href="">x</a>', [BASE]),
        ('<a rel="nofollow noopener" href="b">x</a>', []),
        ('<meta name="ROBOTS" content="none"><a href="b">x</a>', []),
        ("no page at all", []),
    ],
)
def test_links_are_what_a_reader_could_follow(markup: str, found: list[str]) -> None:
    assert page_links(markup.encode(), BASE, 10) == found


def test_no_more_links_are_read_than_asked_for() -> None:
    markup = "".join(f'<a href="/{place}">x</a>' for place in range(50))

    assert len(page_links(markup.encode(), BASE, 10)) == 10


def test_the_child_reads_a_page_and_no_pdf(tmp_path: Path) -> None:
    page, pdf = tmp_path / "page", tmp_path / "pdf"
    page.write_bytes(b'<html><a href="b">x</a>')
    pdf.write_bytes(b"%PDF-1.7 ...")

    assert SubprocessLinkReader().links(page, BASE) == ["http://example.com/a/b"]
    assert SubprocessLinkReader().links(pdf, BASE) == []


@pytest.mark.parametrize(
    "markup",
    [
        b"<html>" + b"<div>" * 200_000 + b"<a href=b>",
        b"<html>" + b"<a href=x " * 200_000,
        b"<html>\xff\xfe\x00" * 9_999,
    ],
)
def test_hostile_pages_cost_bounded_time(markup: bytes, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(markup)

    started = time.monotonic()
    assert len(SubprocessLinkReader().links(page, BASE)) <= MOST_LINKS
    assert time.monotonic() - started < 60
