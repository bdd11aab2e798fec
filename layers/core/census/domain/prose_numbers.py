"""Numbers in prose that is to hold none but placeholders: in digits of any script, in words, in disguise.

Whoever passes here puts a figure into an answer that nothing counted. A text refused for nothing costs one
more call, so what could be a figure is one; but for words of every contract ("third party", "one another").
"""

import re
import unicodedata

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TENS = "twent|thirt|fort|fift|sixt|sevent|eight|ninet"
_CARDINAL = (
    r"zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"|hundred|thousand|(?:m|b|tr|quadr)illion|dozen"
)
_ORDINAL = (
    r"fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth"
    rf"|(?:{_TENS})ieth|hundredth|thousandth|(?:m|b|tr)illionth"
)
_SHARE = (
    r"hal(?:f|ves|ved?|ving)|thirds|third(?!\s+part(?:y|ies)\b)|quarters?|per\s?cent|percentages?|per\s?mille"
    r"|doubl(?:e[ds]?|ing)|tripl(?:e[ds]?|ing)|quadrupl(?:e[ds]?|ing)|(?:two|three|four|five|ten)fold"
    r"|twice|thrice|couple|pairs?|trio|a\s+single"
)
_COUNTED = (
    r"document|contract|agreement|file|ticket|case|page|report|record|source|paper|instance|mention|time|year"
    r"|month|week|day|hour"
)
_ONE = (
    rf"(?:only|just|exactly|least|most|than)\s+one|one(?=\s+(?:{_COUNTED})\b)"
    r"|one(?=\s+(?:in|out)\b)|one(?=\s+of\b(?!\s+the\s+(?:parties|sides)))"
)
# Those of other languages that are no English words, nor common ones of each other.
_ELSEWHERE = (
    r"zwei|drei|vier|fünf|sechs|sieben|neun|zehn|zwölf|zwanzig|dreißig|vierzig|fünfzig|hundert|tausend|dutzend"
    r"|hälfte|drittel|viertel|prozent|deux|trois|quatre|cinq|huit|douze|quinze|vingt|trente|centaines?|milliers?"
    r"|moitié|pour\s?cent|cuatro|cinco|siete|ocho|nueve|diez|doce|veinte|treinta|cien|mitad|por\s?ciento"
)
_WORDS = re.compile(
    rf"\b(?:(?:{_CARDINAL})(?:s|es|fold|some)?|(?:{_TENS})ies|(?:{_ORDINAL})s?|{_SHARE}|{_ONE}|{_ELSEWHERE})\b",
    re.IGNORECASE,
)
_ROMAN = re.compile(
    r"\b(?!(?:CC|CD|CI|CM|CV|DC|DI|DM|LI|MC|MD|MI|MM|MIX)\b)(?=[MDCLXVI]{2})"
    r"M{0,4}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=\w)\b|\b[VX](?=\s+of\b)"
)
_SIGNS = re.compile(r"[%‰‱٪🔟💯]")
# A count with something at it is another figure: 45 of `match` becomes 45k, 4560, 45.60, -45 or $45.
_MONEY = r"[$€£¥₹]|\b(?:USD|EUR|GBP|dollars?|euros?|pounds?)\b"
_BENT = re.compile(
    rf"[^\W_][.,'’]?\{{[a-z_]+\}}|\{{[a-z_]+\}}[.,'’]?(?:[^\W_]|\{{)|[-−–+]\{{[a-z_]+\}}"
    rf"|(?:{_MONEY})\s?\{{[a-z_]+\}}|\{{[a-z_]+\}}\s?(?:{_MONEY})"
)


def foreign_numbers(prose: str) -> list[str]:
    """What of the prose is a number, or makes another one of a placeholder."""
    told = "".join(sign for sign in prose if unicodedata.category(sign) != "Cf")
    plain = unicodedata.normalize("NFKC", told)
    bare = PLACEHOLDER.sub(" ", plain)
    digits = [word for word in bare.split() if re.search(r"\d", word)]
    signs = [sign for sign in PLACEHOLDER.sub(" ", told) if _is_numeral(sign)]
    words = [hit[0] for pattern in (_WORDS, _ROMAN, _SIGNS) for hit in pattern.finditer(bare)]
    return [*digits, *signs, *words, *(hit[0] for hit in _BENT.finditer(plain))]


def _is_numeral(sign: str) -> bool:
    """Also `½`, `Ⅻ`, `④`, `三`; but for the Chinese one, which stands in every other word."""
    return not sign.isdecimal() and sign != "一" and unicodedata.numeric(sign, None) is not None
