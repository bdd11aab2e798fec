"""Reads the form of a presigned POST as a stream: fields first, then the file into a spooled file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from infra.local.signatures import S3Error
from infra.local.upload_policy import SizeRange

MEMORY_BYTES = 1024 * 1024
READ_BYTES = 256 * 1024
FIELD_BYTES = 20_000


@dataclass(frozen=True)
class Upload:
    """The fields sent before the file (names in lower case), and the file, at its beginning."""

    fields: Mapping[str, str]
    file: IO[bytes]
    size: int


def read_upload(body: BinaryIO, content_type: str, admit: Callable[[Mapping[str, str]], SizeRange]) -> Upload:
    """Reads one form. `admit` is asked as soon as the fields are known, before any byte of the file is kept.

    Raises S3Error: what `admit` raises, a file outside the size range, a form without a file or broken off.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or "boundary" not in options:
        message = "Bucket POST must be of the enclosure-type multipart/form-data"
        raise S3Error(412, "PreconditionFailed", message)
    decoder = MultipartDecoder(
        options["boundary"].encode("latin-1"), max_form_memory_size=None, max_parts=200
    )
    reader = _FormReader(admit)
    try:
        while not reader.complete:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(body.read(READ_BYTES) or None)
            else:
                reader.take(event)
    except ValueError as error:
        raise S3Error(
            400, "MalformedPOSTRequest", "The body of your POST request is not well-formed"
        ) from error
    return reader.upload()


class _FormReader:
    def __init__(self, admit: Callable[[Mapping[str, str]], SizeRange]) -> None:
        self._admit = admit
        self._fields: dict[str, str] = {}
        self._name = ""
        self._text = bytearray()
        self._file: IO[bytes] | None = None
        self._sizes = SizeRange()
        self._size = 0
        self.complete = False

    def take(self, event: object) -> None:
        if isinstance(event, Field):
            self._name, self._text = (event.name or "").lower(), bytearray()
        elif isinstance(event, File):
            self._begin_file(event.filename or "")
        elif isinstance(event, Data):
            self._take_data(event)
        elif isinstance(event, Epilogue):
            self.complete = True

    def _begin_file(self, filename: str) -> None:
        if "key" in self._fields:
            self._fields["key"] = self._fields["key"].replace("${filename}", filename)
        self._sizes = self._admit(self._fields)
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - outlives this method

    def _take_data(self, event: Data) -> None:
        if self._file is not None:
            self._size += len(event.data)
            if self._size <= self._sizes.largest:
                self._file.write(event.data)
            self.complete = not event.more_data  # whatever follows the file is ignored, as S3 does
            return
        self._text += event.data
        if len(self._text) > FIELD_BYTES:
            message = "Your POST request fields preceding the upload file were too large."
            raise S3Error(400, "MaxPostPreDataLengthExceededError", message)
        if not event.more_data:
            self._fields[self._name] = self._text.decode("utf-8", "replace")

    def upload(self) -> Upload:
        if self._file is None:
            raise S3Error(400, "InvalidArgument", "POST requires exactly one file upload per request.")
        self._sizes.check(self._size)
        self._file.seek(0)
        return Upload(self._fields, self._file, self._size)
