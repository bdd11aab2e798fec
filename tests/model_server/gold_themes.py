"""The themes that the governing laws of the contracts fall into: a codebook that a test can check."""

import re
from collections.abc import Mapping, Sequence

from tests.model_server.brains import Json

STATES = "law of an American state"
NATION = "law of the United States"
CANADA = "Canadian law"
EUROPE = "European law"
ASIA = "Asian and Australian law"
THEMES: Mapping[str, str] = {
    STATES: "New York|California|Delaware|Texas|Pennsylvania|Washington|Nevada|Indiana|Tennessee|Florida"
    "|Kentucky|Massachusetts|Virginia|Louisiana",
    NATION: "United States",
    CANADA: "Canada",
    EUROPE: "Netherlands|England|Wales",
    ASIA: "China|Beijing|Israel|India|Australia",
}


def theme_of(law: str) -> str:
    """The theme of a governing law of the gold. Raises KeyError for one that has none."""
    for theme, words in THEMES.items():
        if re.search(rf"\b(?:{words})\b", law):
            return theme
    raise KeyError(law)


def fold_laws(step: str, texts: Sequence[str], themes: Sequence[str]) -> Json:
    """What a model that never errs replies: the codebook, each label's place in it, notes without figures."""
    if step == "draft":
        return {"texts": list(THEMES), "places": []}
    if step == "assign":
        return {"texts": [], "places": [_place(label, themes) for label in texts]}
    told = "The contracts name the law that governs them, in {match} of them." if step == "tell" else "Laws."
    return {"texts": [told], "places": []}


def _place(label: str, themes: Sequence[str]) -> int | None:
    try:
        return list(themes).index(theme_of(label))
    except (KeyError, ValueError):
        return None
