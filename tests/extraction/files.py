"""Files that the tests of extraction write themselves."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from census.adapters.extraction.extract_file import extract_file
from census.adapters.extraction.source_file import SourceFile
from census.domain.extracted_text import ExtractedText


def pdf(pages: Sequence[Sequence[str]], *, password: str | None = None, title: str | None = None) -> bytes:
    """A PDF with the given lines on each page; an empty `password` encrypts but asks nobody to open it."""
    out = io.BytesIO()
    encryption = None if password is None else StandardEncryption(password, "owner", strength=128)
    canvas = Canvas(out, encrypt=encryption, invariant=1)
    if title:
        canvas.setTitle(title)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned_pdf() -> bytes:
    """Two pages that show a drawing and hold no text."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(2):
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def raw_pdf(content: bytes, filters: bytes, *, kids: bytes = b"3 0 R") -> bytes:
    """A PDF of one page whose content stream is given as stored, for files that no library would write."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(content), filters, content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer


def bomb_pdf(megabytes: int) -> bytes:
    """A few kilobytes that unpack to `megabytes` of blanks after one line of text."""
    packer = zlib.compressobj(9)
    once = packer.compress(b"BT /F1 12 Tf 72 700 Td (hello world) Tj ET\n")
    once += b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()
    return raw_pdf(zlib.compress(once, 9), b"[/FlateDecode /FlateDecode]")


def extract_here(
    folder: Path, data: bytes, filename: str, content_type: str | None = None, *, use_fallback: bool = False
) -> ExtractedText:
    """Extract in this process."""
    path = folder / "upload"
    path.write_bytes(data)
    return extract_file(SourceFile(path, filename, content_type, 1_000_000, use_fallback=use_fallback))
