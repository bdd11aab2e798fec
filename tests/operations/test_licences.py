"""What ships to Lambda is under licences that ask for no more than their notice."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FREE = re.compile(r"\b(MIT|MIT-0|BSD|Apache|PSF|MPL|Mozilla)\b")
BINDING = re.compile(r"\b(A?GPL|SSPL|BUSL|Commons Clause|Proprietary)\b")


def shipped() -> list[str]:
    """Every package of the layers that a server installs; those for a browser are not."""
    found: list[str] = []
    for layer in ("deps", "ingest"):
        text = (ROOT / "layers" / layer / "requirements.txt").read_text("utf-8")
        found += re.findall(r"^([\w.-]+)==[^\s;]+(?! ; .*emscripten)", text, re.M)
    return sorted(set(found))


@pytest.mark.parametrize("package", shipped())
def test_a_package_is_under_a_free_licence(package: str) -> None:
    try:
        about = metadata(package)
    except PackageNotFoundError:
        pytest.skip("not for this platform")
    said = [text for field in ("License-Expression", "License") for text in about.get_all(field) or []]
    said += [text for text in about.get_all("Classifier") or [] if "License" in text]
    licence = " / ".join(said)
    assert FREE.search(licence), licence[:200]
    assert not BINDING.search(licence), licence[:200]
