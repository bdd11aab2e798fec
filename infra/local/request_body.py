"""Bodies of HTTP requests as streams that know whether anything is left to read."""

from __future__ import annotations

import io
from typing import BinaryIO


class SizedBody(io.RawIOBase):
    """The bytes of one request body, counted, so that what was not read can be drained."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self.remaining = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self.remaining)
        data = self._stream.read1(wanted) if wanted else b""  # type: ignore[attr-defined]
        if wanted and not data:
            raise ConnectionResetError("the client closed the connection before its body was complete")
        self.remaining -= len(data)
        buffer[: len(data)] = data
        return len(data)


class ChunkedBody(io.RawIOBase):
    """A body sent with `Transfer-Encoding: chunked`, without the frames (RFC 9112, section 7.1)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._chunk = 0
        self.remaining = 1
        """1 until the last chunk was read, then 0."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self.remaining:
            return 0
        if not self._chunk:
            self._chunk = self._next_chunk()
            if not self._chunk:
                self._skip_trailers()
                return 0
        data = self._stream.read(min(len(buffer), self._chunk))
        if not data:
            raise ConnectionResetError("the client closed the connection within a chunk")
        self._chunk -= len(data)
        if not self._chunk:
            self._stream.readline(8)
        buffer[: len(data)] = data
        return len(data)

    def _next_chunk(self) -> int:
        line = self._stream.readline(64).partition(b";")[0]
        try:
            return int(line, 16)
        except ValueError as error:
            raise ConnectionResetError("the client sent a chunk without a size") from error

    def _skip_trailers(self) -> None:
        while self._stream.readline(4096).strip():
            continue
        self.remaining = 0


RequestBody = SizedBody | ChunkedBody
