"""What the hostile files are made of."""

import base64
import io
import random
import struct
import zipfile
import zlib

from tests.extraction.files import raw_pdf
from tests.extraction.packages import slides, word, workbook, zipped

LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><w>&m;</w>"
)
QUADRATIC = b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 50_000 + b'">]><w>' + b"&a;" * 50_000 + b"</w>"
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
SHARED = '<row r="1"><c r="A1" t="s"><v>4000000000</v></c></row>'


def nested_zip(depth: int) -> bytes:
    data = zipped({"a.txt": b"x" * 100})
    for _ in range(depth):
        data = zipped({f"{number}.zip": data for number in range(8)})
    return data


def declaring(data: bytes, size: int) -> bytes:
    out = bytearray(data)
    struct.pack_into("<L", out, out.index(b"PK\x01\x02") + 24, size)
    return bytes(out)


def overlapping() -> bytes:
    out = bytearray(word("<w:p/>"))
    first = out.index(b"PK\x01\x02")
    struct.pack_into("<L", out, out.index(b"PK\x01\x02", first + 4) + 42, 0)
    return bytes(out)


def locked(data: bytes) -> bytes:
    out = bytearray(data)
    out[out.index(b"PK\x01\x02") + 8] |= 1
    return bytes(out)


def lying_zip64() -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 60, 1 << 60, 1 << 60, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return b"PK\x03\x04" + record + locator + end


def run(length: int) -> str:
    return f"<w:p><w:r><w:t>{'words ' * (length // 6 + 1)}</w:t></w:r></w:p>"


def runs(count: int, words: int = 1) -> str:
    """Paragraphs that differ, so that they do not pack to next to nothing."""
    chance = random.Random(count)
    texts = (" ".join(chance.randbytes(4).hex() for _ in range(words)) for _ in range(count))
    return "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)


def deep_table(depth: int) -> str:
    start, end = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
    return start * depth + run(5) + end * depth


def with_document(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("<w:p/>"))) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, data if name == "word/document.xml" else old.read(name))
    return out.getvalue()


def attributes() -> bytes:
    return b"<w " + b" ".join(b'a%d="1"' % number for number in range(100_000)) + b"/>"


def looping_styles() -> bytes:
    start = '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    one = '<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style>'
    other = '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>'
    body = '<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    return word(body, styles=start + one + other)


def huge_numbers() -> bytes:
    numbers = '<w:numPr><w:ilvl w:val="99999999999"/><w:numId w:val="-5"/></w:numPr>'
    outline = '<w:outlineLvl w:val="123456789012"/>'
    return word(f"<w:p><w:pPr>{numbers}{outline}</w:pPr><w:r><w:t>x</w:t></w:r></w:p>")


def presentation(slide: str) -> bytes:
    return slides([slide] if slide else [])


def slide(shapes: int, depth: int = 0) -> str:
    chance = random.Random(shapes)
    texts = (f"<a:p><a:r><a:t>{chance.randbytes(8).hex()}</a:t></a:r></a:p>" for _ in range(shapes))
    inner = "".join(f"<p:sp><p:txBody>{text}</p:txBody></p:sp>" for text in texts)
    inner = "<p:grpSp>" * depth + inner + "</p:grpSp>" * depth
    return f"<p:cSld><p:spTree>{inner}</p:spTree></p:cSld>"


def cell(place: str, value: str = "1") -> str:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{place}"><v>{value}</v></c></row>'


def rows(count: int, text: str = "") -> bytes:
    kind = f' t="inlineStr"><is><t>{text}</t></is></c>' if text else "><v>7</v></c>"
    return "".join(f'<row r="{n}"><c r="A{n}"{kind}</row>' for n in range(1, count + 1)).encode()


def laughing_sheet() -> bytes:
    data = workbook({"S": cell("A1")})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, LAUGHS if "sheet0" in name else old.read(name))
    return out.getvalue()


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def many_pages() -> bytes:
    return raw_pdf(zlib.compress(b""), b"/FlateDecode", kids=b"3 0 R " * 500_000)


def long_paths() -> bytes:
    name = b"n" * 10_000
    return b'{"%s": {"%s": [%s]}}' % (name, name, b",".join([b"1"] * 5_000))


def mail_head(kind: bytes) -> bytes:
    return b"From: a@b.org\nSubject: hi\nMIME-Version: 1.0\nContent-Type: " + kind + b"\n\n"


def plain_mail(charset: bytes) -> bytes:
    return mail_head(b"text/plain; " + charset) + "größe".encode("latin-1")


def deep_multipart(depth: int) -> bytes:
    parts = (
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (number, number + 1)
        for number in range(depth)
    )
    return mail_head(b"multipart/mixed; boundary=b0") + b"".join(parts)


def deep_mail(depth: int) -> bytes:
    return mail_head(b"message/rfc822") * depth + mail_head(b"text/plain") + b"the end"


def mail_with(attachment: bytes) -> bytes:
    head = mail_head(b"multipart/mixed; boundary=b") + b"--b\n\nThe body.\n"
    named = b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n"
    encoded = b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(attachment)
    return head + named + encoded + b"--b--\n"
