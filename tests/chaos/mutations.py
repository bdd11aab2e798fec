"""Breaks files, by chance but always the same way for the same seed."""

import io
import random
import struct
import zipfile
import zlib

# fmt: off
_TOKENS = (
    b"\x00", b"\xff" * 4, b"\x00" * 4, b"-1", b"99999999999999999999", b"%s%n", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"<!ENTITY a 'b'>", b"<w:p>", b"</w:p>", b"]]>", b"<![CDATA[", b"&#x0;", b"<table>" * 50,
    b"\\bin99", b"{", b"obj", b"endobj", b"stream", b"/Kids [1 0 R]", b"/Length 4294967295", b"--b--", b'"',
    b"[" * 200, b"'",
)
# fmt: on


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with some damage; inside of zip files also to what is packed, with sums that fit."""
    if data.startswith(b"PK") and chance.random() < 0.75:
        return _repacked(data, chance)
    return _damaged(data, chance)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        _damage(out, chance)
    return bytes(out)


def _damage(out: bytearray, chance: random.Random) -> None:
    if not out:
        return
    place = chance.randrange(len(out))
    length = min(len(out) - place, chance.choice((1, 4, 16, 300)))
    kind = chance.randrange(7)
    if kind == 0:
        out[place] = chance.randrange(256)
    elif kind == 1:
        out[place] ^= 1 << chance.randrange(8)
    elif kind == 2:
        del out[place : place + length]
    elif kind == 3:
        out[place:place] = out[place : place + length] * chance.choice((1, 2, 100))
    elif kind == 4:
        out[place:place] = chance.choice(_TOKENS)
    elif kind == 5:
        number = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF))
        out[place : place + 4] = struct.pack("<L", number)
    elif chance.random() < 0.3:
        del out[place:]


def _repacked(data: bytes, chance: random.Random) -> bytes:
    """Damage one or two entries of a zip file before they are packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    for name in chance.choices(sorted(entries), k=chance.choice((1, 1, 2))):
        if chance.random() < 0.08:
            del entries[name]
            break
        entries[name] = _damaged(entries[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def seed_of(name: str, number: int, seed: int) -> random.Random:
    """The chance for one file of a run; the same on every machine."""
    return random.Random(zlib.crc32(f"{seed}:{number}:{name}".encode()))
