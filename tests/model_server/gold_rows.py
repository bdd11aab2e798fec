"""The gold of the contracts: one row a contract, and what counts as the right answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.model_server.gold_text import words_in

_DATE = re.compile(r"(\d{1,2}|\[\])/(\d{1,2}|\[\])/(\d{4})")


@dataclass(frozen=True)
class GoldRow:
    """A contract: `answers` says which categories of clauses it holds, `quotes` proves them."""

    file: str
    agreement_date: str | None
    governing_law: str | None
    answers: Mapping[str, bool]
    quotes: Mapping[str, tuple[str, ...]]

    @property
    def date(self) -> str | None:
        """The agreement date as far as the contract states it: 2013-04-30, 2013-04, 2013, or None."""
        return partial_date(self.agreement_date)

    @property
    def year(self) -> str | None:
        """The year of the agreement date, or None where the contract leaves it blank."""
        return self.date[:4] if self.date else None


def partial_date(text: str | None) -> str | None:
    """ISO 8601 of `m/d/yyyy`, where `[]` is a blank; the first of several; None if the year is blank.

    >>> [partial_date(t) for t in ("6/1/2020", "04/[]/2013", "[]/[]/2013", "04/30/[]")]
    ['2020-06-01', '2013-04', '2013', None]
    """
    found = _DATE.match(text.strip()) if text else None
    if found is None:
        return None
    month, day, year = found.groups()
    if month == "[]":
        return year
    return f"{year}-{int(month):02}" if day == "[]" else f"{year}-{int(month):02}-{int(day):02}"


@dataclass(frozen=True)
class Gold:
    """All rows, by the name of the contract's files."""

    rows: Mapping[str, GoldRow]

    @classmethod
    def load(cls, folder: Path) -> "Gold":
        """Read `gold.jsonl` in the folder."""
        lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
        return cls({row.file: row for row in (_row(line) for line in lines if line.strip())})

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The categories, longest first: the first one named in a sentence is meant."""
        names = {name for row in self.rows.values() for name in row.answers}
        return tuple(sorted(names, key=lambda name: (-len(name), name)))

    @cached_property
    def laws(self) -> tuple[str, ...]:
        """The governing laws as words, longest first."""
        names = {words_in(row.governing_law) for row in self.rows.values() if row.governing_law}
        return tuple(sorted(names, key=lambda name: (-len(name), name)))

    def holding(self, *categories: str) -> list[str]:
        """The contracts that hold a clause of every one of these categories."""
        return [f for f, row in self.rows.items() if all(row.answers[name] for name in categories)]


def _row(line: str) -> GoldRow:
    data = json.loads(line)
    return GoldRow(
        file=data["file"],
        agreement_date=data["agreement_date"],
        governing_law=data["governing_law"],
        answers=data["answers"],
        quotes={name: tuple(quotes) for name, quotes in data["quotes"].items()},
    )
