"""Mails and RTF: what a reader of the mail sees, attachments included."""

import io
from email.message import EmailMessage
from pathlib import Path

import pytest

from census.domain.extracted_text import ExtractedText
from tests.extraction.files import bomb_pdf, extract_here, pdf
from tests.extraction.packages import word, workbook


def mail(subject: str = "Hello", body: str = "The body.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Zoë Čapek <zoe@example.org>"
    message["To"] = "Bo <bo@example.org>, al@example.org"
    message["Subject"] = subject
    message["Date"] = "Mon, 04 Mar 2024 10:00:00 +0100"
    message["X-Mailer"] = "not shown"
    message.set_content(body)
    return message


def read(folder: Path, message: EmailMessage) -> ExtractedText:
    return extract_here(folder, message.as_bytes(), "a.eml")


HEADERS = (
    "From: Zoë Čapek <zoe@example.org>\nTo: Bo <bo@example.org>, al@example.org\n"
    "Subject: Hello\nDate: Mon, 04 Mar 2024 10:00:00 +0100"
)


def test_a_mail_starts_with_who_when_and_what(tmp_path: Path) -> None:
    found = read(tmp_path, mail(body="Größe 😀\n\nשלום\n"))
    assert found.text == f"{HEADERS}\n\nGröße 😀\n\nשלום"
    assert (found.title, found.media_type) == ("Hello", "message/rfc822")


def test_plain_text_is_preferred_to_the_same_in_html(tmp_path: Path) -> None:
    message = mail()
    message.add_alternative("<p>The <b>body</b> in HTML", subtype="html")
    assert read(tmp_path, message).text == f"{HEADERS}\n\nThe body."


def test_html_alone_is_read_as_a_page_is(tmp_path: Path) -> None:
    message = mail()
    message.set_content("<h2>Offer</h2><table><tr><td>Pen<td>1.50</table>", subtype="html")
    found = read(tmp_path, message)
    assert found.text == f"{HEADERS}\n\nOffer\n\nPen | 1.50"
    assert [(each.text, found.text[each.offset :][:5]) for each in found.headings] == [("Offer", "Offer")]


def test_attachments_follow_under_their_names(tmp_path: Path) -> None:
    message = mail()
    document = word("<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>Clause</w:t></w:r></w:p>")
    sheet = workbook({"S": '<row r="1"><c r="A1"><v>7</v></c></row>'})
    for name, data in (("Vertrag ä.docx", document), ("b.xlsx", sheet), ("c.pdf", pdf([["Page one"]]))):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    found = read(tmp_path, message)
    assert found.text.split("The body.")[1] == (
        "\n\nAttachment: Vertrag ä.docx\n\nClause"
        "\n\nAttachment: b.xlsx\n\nS\n\n7\n\nAttachment: c.pdf\n\nPage one"
    )
    assert found.heading_path_at(found.text.index("Clause")) == ("Attachment: Vertrag ä.docx", "Clause")
    assert found.warnings == ()


def test_a_mail_inside_a_mail_is_read_with_its_attachments(tmp_path: Path) -> None:
    inner = mail("Inner", "Inner body.")
    inner.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename="t.csv")
    outer = mail()
    outer.add_attachment(inner)
    text = read(tmp_path, outer).text
    assert "Attachment: message.eml\n\nFrom: Zoë" in text
    assert text.endswith("Inner body.\n\nAttachment: t.csv\n\na | b\n1 | 2")


def test_mails_inside_mails_are_read_three_deep_and_no_deeper(tmp_path: Path) -> None:
    message = mail("m0", "level 0")
    for level in range(1, 7):
        outer = mail(f"m{level}", f"level {level}")
        outer.add_attachment(message)
        message = outer
    found = read(tmp_path, message)
    assert [f"level {level}" in found.text for level in range(7)] == [False] * 3 + [True] * 4
    assert "Mails inside mails" in found.warnings[0]


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"\x89PNG\r\n\x1a\n", "p.png", "an image"),
        (pdf([["x"]], password="secret"), "p.pdf", "password"),
        (b"PK\x03\x04", "p.docx", "damaged"),
        (bomb_pdf(40), "bomb.pdf", "was not read|^$"),
    ],
    ids=["image", "password", "damaged", "bomb"],
)
def test_an_attachment_that_cannot_be_read_is_a_warning(
    tmp_path: Path, data: bytes, name: str, why: str
) -> None:
    message = mail()
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    found = read(tmp_path, message)
    assert found.text.startswith(f"{HEADERS}\n\nThe body.")
    if name != "bomb.pdf":
        assert f"{name!r} was not read" in found.warnings[0]
        assert why in found.warnings[0]


def test_pictures_of_the_layout_are_no_attachments(tmp_path: Path) -> None:
    message = mail()
    message.add_alternative("<img src=cid:logo>", subtype="html")
    html = list(message.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png")
    assert read(tmp_path, message).warnings == ()


def test_a_mail_without_a_name_is_known_by_its_headers(tmp_path: Path) -> None:
    assert extract_here(tmp_path, mail().as_bytes(), "noname").media_type == "message/rfc822"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_old_encodings_and_folded_headers_are_read(tmp_path: Path, line_end: bytes) -> None:
    lines = (
        b"From: =?iso-8859-1?Q?J=FCrgen?= <j@example.org>",
        b"Subject: one",
        b" two",
        b"Content-Type: text/plain; charset=iso-8859-1",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        b"Gr=FC=DFe",
    )
    found = extract_here(tmp_path, line_end.join(lines), "a.eml")
    assert found.text == "From: Jürgen <j@example.org>\nSubject: one two\n\nGrüße"


def test_footnotes_of_rtf_stand_at_its_end(tmp_path: Path) -> None:
    """A sentence with a note in it can still be quoted in one piece, and the note, too."""
    note = rb"{\footnote\pard {\super 1} Net of \{all\} taxes.}"
    data = rb"{\rtf1\ansi The fee{\super 1}" + note + rb" is due.\par Last.\par}"
    found = extract_here(tmp_path, data, "a.rtf")
    assert found.text == "The fee1 is due.\nLast.\n\n1 Net of {all} taxes."


def test_a_footnote_that_never_ends_loses_nothing_before_it(tmp_path: Path) -> None:
    found = extract_here(tmp_path, rb"{\rtf1 Before.\par {\footnote never", "a.rtf")
    assert found.text.startswith("Before.")


def test_rtf_is_read_with_tables_and_any_script(tmp_path: Path) -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title The Deal}}"
        rb"\f0 ARTICLE I Term\par Caf\'e9 \u8364? \u-10179?\u-8704?\line \u1513?\u1500?\par"
        rb"\trowd\cellx1\cellx2\intbl a\cell b\cell\row"
        rb"\trowd\cellx1\cellx2\intbl c\cell\cell\row\pard Done\par}"
    )
    found = extract_here(tmp_path, data, "a.rtf")
    assert found.title == "The Deal"
    assert found.text.split("\n")[:2] == ["ARTICLE I Term", "Café € 😀"]
    assert "של" in found.text
    assert "a | b\nc\nDone" in found.text
    assert found.headings[0].text == "ARTICLE I Term"


def test_an_empty_mail_has_its_headers(tmp_path: Path) -> None:
    out = io.BytesIO(b"From: a@b.org\nSubject: nothing\n\n")
    assert extract_here(tmp_path, out.getvalue(), "a.eml").text == "From: a@b.org\nSubject: nothing"
