"""Turns the bytes of a text file into characters."""

import codecs

from census.adapters.extraction.detect import utf16_without_mark

_SAMPLE_BYTES = 64 * 1024
# UTF-32 before UTF-16: its mark starts with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Those that the web uses; Python also has codecs such as hex or zip that a document may not ask for.
_TEXT_ENCODINGS = frozenset(
    (
        *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *(f"cp{page}" for page in (437, 850, 866, 874, 932, 949, 950, *range(1250, 1259))),
        *("koi8-r", "koi8-u", "mac-roman", "big5", "gbk", "gb2312", "gb18030", "euc_jp", "euc_kr"),
        *("shift_jis", "iso2022_jp"),
    )
)


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by byte order mark, else as UTF-8, else as the encoding that the file itself declares, else by
    statistics.

    UTF-8 comes before the declaration because text that is valid UTF-8 by chance is rare and wrong
    declarations are not. Bytes that fit nothing become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    encoding = utf16_without_mark(data[:4096]) or ""
    if encoding:
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        known = _known_encoding(declared)
        return data.decode(known, errors="replace") if known else _decode_by_statistics(data, error)


def _known_encoding(name: str | None) -> str | None:
    """Return the codec for a declared name, None if there is none or if it is UTF-8, which has failed
    already.
    """
    try:
        codec = codecs.lookup(name or "utf-8")
    except LookupError:
        return None
    return codec.name if codec.name in _TEXT_ENCODINGS else None


def _decode_by_statistics(data: bytes, error: UnicodeDecodeError) -> str:
    """Guess from a sample around the first byte that is not UTF-8; a sample, because guessing reads it many
    times.
    """
    from charset_normalizer import from_bytes  # 40 ms that UTF-8 files need not pay

    if error.start > _SAMPLE_BYTES and len(data) - error.start < 4:
        return data.decode("utf-8", errors="replace")  # sound to the end, then cut short
    start = max(0, error.start - _SAMPLE_BYTES // 2)
    best = from_bytes(data[start : start + _SAMPLE_BYTES]).best()
    return data.decode(best.encoding if best is not None else "cp1252", errors="replace")
