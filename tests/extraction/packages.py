"""Zip and OLE containers that the tests of extraction write themselves."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = {
    "word/document.xml": "wordprocessingml.document",
    "xl/workbook.xml": "spreadsheetml.sheet",
    "ppt/presentation.xml": "presentationml.presentation",
}


def zipped(entries: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with the given entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def office(main: str, parts: Mapping[str, str | bytes], *, rels: Mapping[str, str] | None = None) -> bytes:
    """An office file whose main part is `main`; `rels` are its relations, kind to target, as ids r0, r1, …"""
    types = f'<Types><Override PartName="/{main}" ContentType="application/{_MAIN[main]}.main+xml"/></Types>'
    folder, _, name = main.rpartition("/")
    entries = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations({"officeDocument": main}),
        f"{folder}/_rels/{name}.rels": relations(rels or {}),
        **parts,
    }
    return zipped({key: each.encode() if isinstance(each, str) else each for key, each in entries.items()})


def relations(targets: Mapping[str, str]) -> str:
    """The relations part for kinds and their targets; `kind#2` is another one of that kind."""
    prefix = f"{OFFICE}/relationships/"
    rows = (
        f'<Relationship Id="r{number}" Type="{prefix}{kind.partition("#")[0]}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(rows)}</Relationships>'


def word(body: str, *, strict: bool = False, **parts: str) -> bytes:
    """A docx with the XML `body`; other parts by their names under `word/`, without `.xml`."""
    name = "http://purl.oclc.org/ooxml/wordprocessingml/main" if strict else WORD
    document = f'<w:document xmlns:w="{name}" xmlns:r="{OFFICE}/relationships" {_MORE}>'
    others = {f"word/{name}.xml": text for name, text in parts.items()}
    main = f"{document}<w:body>{body}</w:body></w:document>"
    targets = {name: f"{name}.xml" for name in parts}
    return office("word/document.xml", {"word/document.xml": main, **others}, rels=targets)


_MORE = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def workbook(sheets: Mapping[str, str | bytes], **parts: str) -> bytes:
    """An xlsx whose sheets have the given `sheetData`; other parts by their names under `xl/`."""
    rows = "".join(
        f'<sheet name="{name}" sheetId="{number + 1}" r:id="r{number}"/>'
        for number, name in enumerate(sheets)
    )
    main = f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}/relationships"><sheets>{rows}</sheets></workbook>'
    targets = {f"worksheet#{number}": f"worksheets/sheet{number}.xml" for number in range(len(sheets))}
    head, end = f'<worksheet xmlns="{SHEET}"><sheetData>'.encode(), b"</sheetData></worksheet>"
    data = {
        f"xl/worksheets/sheet{number}.xml": head + (each.encode() if isinstance(each, str) else each) + end
        for number, each in enumerate(sheets.values())
    }
    others = {f"xl/{name}.xml": text for name, text in parts.items()}
    targets |= {name: f"{name}.xml" for name in parts}
    return office("xl/workbook.xml", {"xl/workbook.xml": main, **data, **others}, rels=targets)


def slides(contents: Sequence[str], **parts: str) -> bytes:
    """A pptx with a slide for each XML content; other parts by their names under `ppt/`.

    The relations of slide n, from 0, are the part `slides/_rels/slide{n}.xml.rels`, named `slide{n}_rels`.
    """
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    names = f'xmlns:p="{PRESENTATION}" xmlns:a="{drawing}/main" xmlns:r="{OFFICE}/relationships"'
    ids = "".join(f'<p:sldId id="{256 + number}" r:id="r{number}"/>' for number in range(len(contents)))
    main = f"<p:presentation {names}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
    each = {
        f"ppt/slides/slide{number}.xml": f"<p:sld {names}>{xml}</p:sld>"
        for number, xml in enumerate(contents)
    }
    others = {
        f"ppt/slides/_rels/{name[:-5]}.xml.rels" if name.endswith("_rels") else f"ppt/{name}.xml": xml
        for name, xml in parts.items()
    }
    targets = {f"slide#{number}": f"slides/slide{number}.xml" for number in range(len(contents))}
    return office("ppt/presentation.xml", {"ppt/presentation.xml": main, **each, **others}, rels=targets)


def ole(stream: str) -> bytes:
    """The start of an OLE container with one named stream."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<L", header, 48, 1)
    return bytes(header) + bytes(512) + stream.encode("utf-16-le").ljust(512, b"\x00")
