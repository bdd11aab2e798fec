"""A body as it is decoded: bytes are counted after decoding, and never more than a piece is held."""

import zlib
from collections.abc import Iterable, Iterator

from census.domain.page_errors import PageBusyError, PageCode, PageFetchError

ACCEPTED_ENCODINGS = "gzip, deflate"
PIECE_BYTES = 64 * 1024
_EITHER_HEADER = 32 + zlib.MAX_WBITS
_NO_HEADER = -zlib.MAX_WBITS


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The decoded body in pieces of at most 64 KB, or as they came where it is not encoded.

    Raises PageFetchError for an encoding we did not ask for and for bytes that are not in it.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return iter(pieces)
        case "gzip" | "x-gzip" | "deflate":
            return _inflated(pieces)
    message = f"The page came in the encoding {encoding[:40]!r}, which was not asked for and cannot be read."
    raise PageFetchError(PageCode.UNSUPPORTED_ENCODING, message)


def limited(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The pieces, as long as they are at most `most` bytes together. Raises PageFetchError beyond."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise too_large(most)
        yield piece


def too_large(most: int) -> PageFetchError:
    """The error for a page of more than `most` bytes."""
    message = f"The page is larger than {most:,} bytes. Save it as a file and upload it with POST /files."
    return PageFetchError(PageCode.TOO_LARGE, message)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflater = None
    for piece in pieces:
        waiting = piece
        while waiting:
            inflater = inflater or _inflater(waiting)
            try:
                yield inflater.decompress(waiting, PIECE_BYTES)
            except zlib.error:
                message = "The page is not encoded the way its server says."
                raise PageFetchError(PageCode.UNSUPPORTED_ENCODING, message) from None
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                waiting, inflater = inflater.unused_data, None
                if not waiting.startswith(b"\x1f\x8b"):  # not another member of a gzip file
                    waiting = b""
    if inflater is not None:
        raise PageBusyError(PageCode.UNREACHABLE, "The page broke off before its end.")


def _inflater(first: bytes) -> "zlib._Decompress":
    """`deflate` comes with zlib's header or, against the standard, without."""
    has_header = first[:2] == b"\x1f\x8b"[: len(first)] or (first[0] & 0x0F) == 8
    return zlib.decompressobj(_EITHER_HEADER if has_header else _NO_HEADER)
