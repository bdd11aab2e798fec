"""The package that docx, pptx and xlsx have in common: a checked zip of XML parts and their relations."""

import posixpath
import zipfile
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.zip_directory import (
    OFFICE_LIMITS,
    damaged,
    open_checked,
    read_entry,
    too_large,
)
from census.domain.extraction_errors import ExtractionCode, ExtractionError

RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MOST_PART_BYTES = 200 * 1024 * 1024
_OUT_OF_MEMORY = 2  # XML_ERR_NO_MEMORY
# ISO "strict" files differ in the names of their namespaces only.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", RELATION_ID[1:-1].encode()),
    *(
        (
            b"http://purl.oclc.org/ooxml/%s/main" % kind,
            b"http://schemas.openxmlformats.org/%s/2006/main" % kind,
        )
        for kind in (b"wordprocessingml", b"presentationml", b"spreadsheetml", b"drawingml")
    ),
)


class Relation(NamedTuple):
    """A pointer to another part; `kind` is the last word of its type, such as `notesSlide`."""

    kind: str
    target: str


class OfficePackage:
    """The parts of one office file."""

    def __init__(self, source: SourceFile) -> None:
        self.warnings: list[str] = []
        self._file = source.open()
        self.archive = open_checked(self._file, OFFICE_LIMITS)
        self._entries = {entry.filename.lstrip("/"): entry for entry in self.archive.infolist()}

    def has(self, name: str) -> bool:
        """Tell whether there is a part of this name."""
        return name in self._entries

    def entry(self, name: str) -> zipfile.ZipInfo:
        """Return the zip entry of a part. Raises ExtractionError if there is none."""
        try:
            entry = self._entries[name]
        except KeyError:
            raise damaged() from None
        if entry.file_size > _MOST_PART_BYTES:
            raise too_large(f"a part of {entry.file_size // (1024 * 1024):,} MB")
        return entry

    def xml(self, name: str) -> etree._Element:
        """Return the root of an XML part. Raises ExtractionError."""
        return parse_xml(read_entry(self.archive, self.entry(name)))

    def xml_if_there(self, name: str) -> etree._Element | None:
        """Return the root of a lesser XML part; None for one not there or, with a warning, damaged."""
        if not self.has(name):
            return None
        try:
            return self.xml(name)
        except ExtractionError as error:
            if error.code is not ExtractionCode.CORRUPT:
                raise
        self.warnings.append(f"The part {name!r} of the file is damaged and was left out.")
        return None

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relations of a part to other parts of the package, by id."""
        folder, name = posixpath.split(part)
        root = self.xml_if_there(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relation] = {}
        for each in root if root is not None else ():
            target = each.get("Target")
            if target and each.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                kind = (each.get("Type") or "").rpartition("/")[2]
                found[each.get("Id", "")] = Relation(kind, path)
        return found

    @cached_property
    def main_part(self) -> str:
        """The part that the document starts with. Raises ExtractionError if there is none."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and self.has(relation.target):
                return relation.target
        raise damaged()

    @cached_property
    def title(self) -> str | None:
        """The title in the document's properties."""
        root = self.xml_if_there("docProps/core.xml")
        return root.findtext("{http://purl.org/dc/elements/1.1/}title") if root is not None else None


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML that nobody vetted: no entities, no network, at most 256 levels. Raises ExtractionError."""
    for strict, usual in _STRICT:
        data = data.replace(strict, usual)
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise xml_error(error) from error
    if root is None:
        raise damaged()
    refuse_doctype(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def refuse_doctype(root: etree._Element) -> None:
    """Raise ExtractionError for a document type declaration: office files have none, attacks have."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise ExtractionError(
            ExtractionCode.CORRUPT,
            "The file declares XML entities, which no office program does. Save it anew.",
        )


def xml_error(error: etree.XMLSyntaxError) -> Exception:
    """Return what to raise for XML that cannot be parsed."""
    return MemoryError() if getattr(error, "code", None) == _OUT_OF_MEMORY else damaged()
