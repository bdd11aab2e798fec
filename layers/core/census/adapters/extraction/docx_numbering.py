"""The labels of numbered paragraphs, which a Word document holds as rules only: "4.2", "(b)", "iv."."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from census.adapters.extraction.docx_styles import W, number_of, value_of

_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_MOST_COUNT = 100_000
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def roman(number: int) -> str:
    """Return a number in small Roman numerals; beyond 3,999 in digits, as nobody writes those."""
    if not 0 < number < 4000:
        return str(number)
    out = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        out += letters * count
    return out


def letters(number: int) -> str:
    """Return a, b, … z, aa, bb, … as Word counts in letters."""
    if not 0 < number <= 26 * 10:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


_FORMATS: dict[str, Callable[[int], str]] = {
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "lowerLetter": letters,
    "upperLetter": lambda number: letters(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "none": lambda _: "",
}


@dataclass(frozen=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1


class Numbering:
    """Counts the numbered paragraphs of one document."""

    def __init__(self, root: etree._Element | None) -> None:
        lists = root.iterfind(W + "abstractNum") if root is not None else ()
        self._abstract = {each.get(W + "abstractNumId", ""): _levels(each) for each in lists}
        uses = root.iterfind(W + "num") if root is not None else ()
        self._uses = {each.get(W + "numId", ""): each for each in uses}
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[str] = set()

    def label(self, list_id: int, level: int) -> str:
        """Count one paragraph; return what stands in front of it, with a space at its end, or ""."""
        use = self._uses.get(str(list_id))
        abstract = value_of(use, "abstractNumId")
        levels = self._abstract.get(abstract or "", {})
        if use is None or abstract is None or not 0 <= level < _LEVELS or level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, [None] * _LEVELS)
        self._restart(use, counts)
        current = counts[level]
        counts[level] = levels[level].start if current is None else min(current + 1, _MOST_COUNT)
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        label = _label(levels, counts, level)
        return f"{label} " if label else ""

    def _restart(self, use: etree._Element, counts: list[int | None]) -> None:
        """A list that overrides its start begins anew where it is first used."""
        key = use.get(W + "numId", "")
        if key in self._started:
            return
        self._started.add(key)
        for override in use.iterfind(W + "lvlOverride"):
            start, level = number_of(override, "startOverride"), override.get(W + "ilvl", "")
            if start is not None and level in "012345678" and level:
                counts[int(level)] = start - 1


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    found = {}
    for each in abstract.iterfind(W + "lvl"):
        start = number_of(each, "start")
        level = _Level(
            value_of(each, "numFmt") or "decimal",
            (value_of(each, "lvlText") or "")[:50],
            1 if start is None else start,
        )
        if each.get(W + "ilvl", "").isdecimal():
            found[int(each.get(W + "ilvl", "0"))] = level
    return found


def _label(levels: dict[int, _Level], counts: list[int | None], level: int) -> str:
    if levels[level].format == "bullet":
        return "  " * level + "-"

    def count(match: re.Match[str]) -> str:
        at = int(match.group(1)) - 1
        rule = levels.get(at, _Level())
        number = counts[at]
        return _FORMATS.get(rule.format, str)(rule.start if number is None else number)

    return _PLACE.sub(count, levels[level].text)
