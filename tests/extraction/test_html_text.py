"""HTML: what a reader sees, in reading order."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from census.adapters.extraction.detect import looks_binary
from census.domain.extracted_text import ExtractedText, clean_text
from tests.extraction.files import extract_here
from tests.growth import grows_linearly


def read(folder: Path, body: str) -> ExtractedText:
    return extract_here(folder, f"<!doctype html><html>{body}".encode(), "a.html")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One<p>Two", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<p>a <b>bold</b> wo<i>rd</i>\n  here</p>", "a bold word here"),
        ("line<br>line<br><br>paragraph", "line\nline\n\nparagraph"),
        ("Fish &amp; chips &lt;5 &euro; &#x1F41F;&nbsp;!", "Fish & chips <5 € 🐟 !"),
        ("<ul><li>a<ul><li>b</ul><li><p>c</p></ul>end", "- a\n  - b\n\n- c\n\nend"),
        ("<ol><li>x<li>y</ol>", "1. x\n2. y"),
        ("<table><tr><th>A<th>B<tr><td>1<td><p>2</p></table>after", "A | B\n1 | 2\n\nafter"),
        ("<table><tr><td>a<td><td>c<tr><td><td>e</table>", "a |  | c\n | e"),
        ("<table><tr><td><h2>Menu</h2>x<td>y</table>", "Menu\n\nx\ny"),
        ("<pre>  keep\n   this</pre>", "  keep\n   this"),
        ("<nav>menu</nav><script>x()</script><style>p{}</style><p>seen<template>t</template>", "seen"),
        ('<p hidden>a</p><p style="display: none">b</p><p aria-hidden="true">c</p><p>seen', "seen"),
        ("inter&shy;national", "international"),
        ("<dl><dt>Term<dd>Meaning</dl>", "Term\nMeaning"),
        ("before<!-- comment -->after", "beforeafter"),
        ("<p>unclosed <b>bold<p>next", "unclosed bold\n\nnext"),
    ],
)
def test_markup_becomes_lines(tmp_path: Path, body: str, text: str) -> None:
    assert read(tmp_path, body).text == text


def test_headings_have_their_level_and_place(tmp_path: Path) -> None:
    extracted = read(tmp_path, "<p>intro<h1>The <em>first</em> part</h1>text<h3>Third</h3><h2></h2>")
    assert [(each.level, each.text) for each in extracted.headings] == [(1, "The first part"), (3, "Third")]
    for each in extracted.headings:
        assert extracted.text[each.offset :].startswith(each.text)


def test_the_title_is_that_of_the_page_else_its_first_heading(tmp_path: Path) -> None:
    drawing = "<svg><title>Icon</title></svg>"
    assert read(tmp_path, f"<title> My\n page </title>{drawing}<h1>Top</h1>").title == "My page"
    assert read(tmp_path, f"{drawing}<h1>Top</h1>").title == "Top"


@pytest.mark.parametrize(
    "head",
    ['<meta charset="windows-1251">', '<meta http-equiv="content-type" content="text/html; charset=cp1251">'],
)
def test_the_declared_encoding_is_used(tmp_path: Path, head: str) -> None:
    data = f"<html><head>{head}</head><p>Привет".encode("cp1251")
    assert extract_here(tmp_path, data, "a.html").text == "Привет"


@pytest.mark.parametrize("name", ["zip", "hex", "idna", "no-such"])
def test_an_encoding_that_no_document_may_ask_for_is_ignored(tmp_path: Path, name: str) -> None:
    data = f'<html><meta charset="{name}"><p>caf'.encode() + b"\xe9 is what they served us that day"
    assert "caf" in extract_here(tmp_path, data, "a.html").text


@pytest.mark.parametrize("tag", ["div", "b", "table", "ul", "li", "span", "a", "font"])
def test_deep_nesting_costs_neither_time_nor_text(tmp_path: Path, tag: str) -> None:
    def read_nested(depth: int) -> None:
        text = read(tmp_path, f"<{tag}>" * depth + "the end" + f"</{tag}>" * depth + "<p>after").text
        assert "the end" in text
        assert text.endswith("after")

    assert grows_linearly(read_nested, 40_000)


def test_right_to_left_text_and_accents_keep_their_order(tmp_path: Path) -> None:
    text = "العقد شريعة المتعاقدين — e\u0301te\u0301 👩‍👩‍👧‍👦"
    assert read(tmp_path, f"<p>{text}</p>").text == text


MARKUP = """<p> </p> <div> <ul> </ul> <ol> <li> <table> <tr> <td> </table> <h1> </h1> <br> <pre> </pre>
<b> </b> word é &nbsp; <h2>x</h2> < &shy; <nav> </nav> <svg> <hr> <form> <th> </tr>"""
TAGS = st.sampled_from([*MARKUP.split(), " ", "\n"])


@settings(max_examples=200)
@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=40))
def test_any_soup_gives_clean_text_with_headings_in_place(
    tmp_path_factory: pytest.TempPathFactory, soup: list[str]
) -> None:
    markup = "".join(soup).encode("utf-8", errors="replace").decode()
    assume(not looks_binary(markup.encode()))  # which is refused before any parser sees it
    extracted = read(tmp_path_factory.mktemp("soup"), f"<p>start</p>{markup}")
    assert clean_text(extracted.text) == extracted.text
    offsets = [each.offset for each in extracted.headings]
    assert offsets == sorted(offsets)
    for each in extracted.headings:
        assert extracted.text[each.offset :].split()[: len(each.text.split())] == each.text.split()


def test_the_encoding_of_the_http_header_comes_before_that_of_the_page(tmp_path: Path) -> None:
    data = "<meta charset=utf-8><p>Привет".encode("koi8-r")
    assert extract_here(tmp_path, data, "a.html", "text/html; charset=koi8-r").text == "Привет"


def test_cdata_sections_of_xhtml_are_text_and_of_html_are_none(tmp_path: Path) -> None:
    body = b"<body><p>a <![CDATA[<b> & c]]> d</p><script>//<![CDATA[\nhidden()\n//]]></script></body></html>"
    head = b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
    assert extract_here(tmp_path, head + body, "a.xhtml").text == "a <b> & c d"
    assert extract_here(tmp_path, b"<html>" + body, "a.html").text == "a & c]]> d"
