"""Which cell styles of a workbook make a number a date or a time."""

import re

from lxml import etree

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_BUILT_IN_DATES = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_BUILT_IN_TIMES = frozenset((*range(18, 22), *range(45, 48)))
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]|_.|\*.')


def date_styles(root: etree._Element | None) -> dict[str, str]:
    """Return `date` or `time` for each index of a cell style that shows one."""
    if root is None:
        return {}
    own = {
        each.get("numFmtId", ""): each.get("formatCode", "")
        for each in root.iterfind(f"{S}numFmts/{S}numFmt")
    }
    kinds = (_kind(each.get("numFmtId", ""), own) for each in root.iterfind(f"{S}cellXfs/{S}xf"))
    return {str(index): kind for index, kind in enumerate(kinds) if kind}


def _kind(format_id: str, own: dict[str, str]) -> str:
    if format_id in own:
        return kind_of_code(own[format_id])
    number = int(format_id) if format_id.isdecimal() else -1
    if number in _BUILT_IN_DATES:
        return "date"
    return "time" if number in _BUILT_IN_TIMES else ""


def kind_of_code(code: str) -> str:
    """Return what a format code such as `yyyy-mm-dd` shows: `date`, `time` or "" for a number."""
    letters = _NOT_A_CODE.sub("", code.split(";")[0][:200]).lower()
    if "general" in letters:
        return ""
    if "y" in letters or "d" in letters or ("m" in letters and not set("hs") & set(letters)):
        return "date"
    return "time" if set("hs") & set(letters) else ""
