"""Tells what a zip or an OLE container is by what it holds."""

import struct
from typing import BinaryIO

from census.adapters.extraction.formats import DOCX, PPTX, SUPPORTED, XLSX
from census.adapters.extraction.source_file import SourceFile
from census.adapters.extraction.zip_directory import OFFICE_LIMITS, open_checked, read_entry
from census.domain.extraction_errors import ArchiveFoundError, ExtractionCode, ExtractionError

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTENT_TYPES = "[Content_Types].xml"
_MOST_CONTENT_TYPES_BYTES = 4 * 1024 * 1024
_MAIN_PARTS = (
    (b"wordprocessingml.document.main+xml", DOCX),
    (b"wordprocessingml.template.main+xml", DOCX),
    (b"ms-word.document.macroenabled.main+xml", DOCX),
    (b"ms-word.template.macroenabledtemplate.main+xml", DOCX),
    (b"presentationml.presentation.main+xml", PPTX),
    (b"presentationml.slideshow.main+xml", PPTX),
    (b"presentationml.template.main+xml", PPTX),
    (b"ms-powerpoint.presentation.macroenabled.main+xml", PPTX),
    (b"ms-powerpoint.slideshow.macroenabled.main+xml", PPTX),
    (b"spreadsheetml.sheet.main+xml", XLSX),
    (b"spreadsheetml.template.main+xml", XLSX),
    (b"ms-excel.sheet.macroenabled.main+xml", XLSX),
)
_OTHER_CONTENTS = (
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis", "an OpenDocument file; save it as PDF or in an Office format"),
)
_OLE_STREAMS = (
    ("WordDocument", "an old Word document (doc); save it as docx or PDF"),
    ("Workbook", "an old Excel workbook (xls); save it as xlsx"),
    ("Book", "an old Excel workbook (xls); save it as xlsx"),
    ("PowerPoint Document", "an old PowerPoint presentation (ppt); save it as pptx or PDF"),
    ("__properties_version1.0", "an Outlook message (msg); save it as eml"),
)
_OLE_DIRECTORY_BYTES = 64 * 1024


def zip_media_type(source: SourceFile) -> str:
    """Return the media type of an office file. Raises ExtractionError for any other zip file."""
    head = source.head()
    with source.open() as file, open_checked(file, OFFICE_LIMITS) as archive:
        entry = archive.NameToInfo.get(_CONTENT_TYPES)
        if entry is None:
            raise _other_zip(head)
        if entry.file_size > _MOST_CONTENT_TYPES_BYTES:
            raise unsupported("an office file with an endless list of contents")
        listed = read_entry(archive, entry).lower()
    for mark, media_type in _MAIN_PARTS:
        if mark in listed:
            return media_type
    raise unsupported("an office file of a kind that is not read; save it as docx, pptx, xlsx or PDF")


def _other_zip(head: bytes) -> ExtractionError:
    found = next((what for mark, what in _OTHER_CONTENTS if mark in head[:200]), None)
    if found is not None:
        return unsupported(found)
    return ArchiveFoundError(str(unsupported("an archive; unpack it and upload the files")))


def ole_error(source: SourceFile) -> ExtractionError:
    """Return why an OLE container is not read: an office file with a password, or of an old kind."""
    with source.open() as file:
        names = _ole_names(file)
    if "EncryptedPackage".encode("utf-16-le") in names:
        return ExtractionError(
            ExtractionCode.ENCRYPTED,
            "The Office document is protected by a password. Remove the protection and upload it again.",
        )
    found = (what for name, what in _OLE_STREAMS if name.encode("utf-16-le") in names)
    return unsupported(next(found, "an old Office document; save it in a current format or as PDF"))


def _ole_names(file: BinaryIO) -> bytes:
    """Return the start of the container's directory, which holds the names of its streams."""
    header = file.read(512)
    if len(header) < 52:
        return b""
    shift: int = struct.unpack_from("<H", header, 30)[0]
    sector: int = struct.unpack_from("<L", header, 48)[0]
    if shift not in (9, 12):
        return b""
    file.seek((sector + 1) << shift)
    return file.read(_OLE_DIRECTORY_BYTES)


def unsupported(what: str) -> ExtractionError:
    """Return the error for a file of a kind that is not read."""
    return ExtractionError(ExtractionCode.UNSUPPORTED_TYPE, f"The file is {what}. Supported are {SUPPORTED}.")
