"""What an answer looks like, in a log and at a terminal."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.answer_view import (
    bounds_line,
    citation_line,
    ledger_line,
    one_a_document_first,
    printable,
    show_job,
)
from infra.local.api_shapes import Citation, Job
from tests.local_client.canned import citation, result
from tests.local_client.serving import log_console, terminal_console

CLASSES = ("match", "no_match", "unclear", "unverified", "failed", "skipped")


def shown(status: str = "completed", error: str | None = None, **changes: Any) -> str:
    console, printed = log_console()
    job = {"id": "j1", "status": status, "error_message": error, "result": result(**changes)}
    show_job(console, cast(Job, job))
    return printed.getvalue()


def test_an_answer_shows_text_table_ledger_bounds_and_model() -> None:
    printed = shown()
    assert "3 of 30 documents mention indemnification." in printed
    assert "ledger  match 3 · no match 26 · failed 1 = 30 documents" in printed
    assert "bounds  at least 3, at most 4" in printed
    assert "model   lexical" in printed
    assert [line.split() for line in printed.splitlines() if "2018" in line] == [["2018", "│", "2"]]


def test_a_group_without_a_name_is_called_unknown() -> None:
    assert [line.split() for line in shown().splitlines() if "unknown" in line] == [["unknown", "│", "1"]]


def test_five_citations_are_shown_and_the_place_of_the_others() -> None:
    printed = shown()
    assert "lease.pdf, page 5 [exact] “Quote number 5.”" in printed
    assert "Quote number 6." not in printed
    assert "… and 2 more citations: GET /jobs/j1/rows" in printed


def test_a_long_table_says_how_many_rows_it_left_out() -> None:
    table = {"columns": ["customer", "documents"], "rows": [[f"customer {n}", n] for n in range(33)]}
    assert "… and 13 more rows: GET /jobs/j1" in shown(table=table)


def test_an_answer_without_table_bounds_and_citations_is_shown_without_them() -> None:
    printed = shown(table=None, bounds=None, citations=[])
    assert "bounds" not in printed
    assert "│" not in printed


def test_a_job_that_failed_shows_its_reason_and_no_result() -> None:
    console, printed = log_console()
    failed = {"id": "j1", "status": "failed", "error_message": "The plan could not be made.", "result": None}
    show_job(console, cast(Job, failed))
    assert printed.getvalue().strip() == "The job is failed: The plan could not be made."


def test_a_partial_job_shows_its_reason_and_what_it_found() -> None:
    printed = shown("partial", "The cap of USD 1.00 was reached.")
    assert "The job is partial: The cap of USD 1.00 was reached." in printed
    assert "ledger" in printed


def test_a_citation_without_a_page_names_none_and_a_long_quote_is_cut() -> None:
    line = citation_line(cast(Citation, citation(None, "word " * 100, "notes.txt", "fuzzy"))).plain
    assert line.startswith("notes.txt [fuzzy] “word word")
    assert line.endswith("word…”")
    assert len(line) < 270


def test_a_heading_stays_apart_from_the_sentence_below_it() -> None:
    quote = "Indemnification\n\nWe hold the school   harmless."
    line = citation_line(cast(Citation, citation(None, quote, "notes.txt"))).plain
    assert line.endswith("“Indemnification / We hold the school harmless.”")


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_every_document_is_cited_once_before_any_is_cited_twice(documents: list[str]) -> None:
    given_order = [cast(Citation, {"source_id": name, "char_start": n}) for n, name in enumerate(documents)]
    ordered = one_a_document_first(given_order)
    names = [found["source_id"] for found in ordered]
    assert len(set(names[: len(set(documents))])) == len(set(documents))
    assert sorted(found["char_start"] for found in ordered) == list(range(len(documents)))


def test_mark_up_in_a_document_is_shown_and_not_obeyed() -> None:
    assert "[bold red]owned[/]" in shown(answer="[bold red]owned[/]")


def test_control_characters_of_a_document_never_reach_the_terminal() -> None:
    evil = "\x1b]0;owned\x07 \x9b31m\u202e"
    printed = shown(answer=evil, citations=[citation(1, evil, f"{evil}.txt")], model=evil)
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(printed)


@given(st.text())
def test_printable_text_keeps_its_length_and_has_no_control_characters(text: str) -> None:
    found = printable(text)
    assert len(found) == len(text)
    assert all(character.isprintable() or character == "\n" for character in found)


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=6))
def test_the_ledger_names_every_class_that_is_not_empty_and_no_other(counts: list[int]) -> None:
    ledger = dict(zip(CLASSES, counts, strict=True)) | {"total": sum(counts)}
    line = ledger_line(ledger, drawn=False).plain
    parts = [
        part.strip() for part in line.removesuffix(f" = {sum(counts)} documents").split("·") if part.strip()
    ]
    assert parts == [f"{name.replace('_', ' ')} {n}" for name, n in zip(CLASSES, counts, strict=True) if n]


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=6).filter(any))
def test_no_class_of_the_ledger_is_too_small_for_the_bar(counts: list[int]) -> None:
    ledger = dict(zip(CLASSES, counts, strict=True)) | {"total": sum(counts)}
    drawn = ledger_line(ledger, drawn=True).plain.count("█")
    assert sum(1 for n in counts if n) <= drawn <= 46


def test_a_terminal_gets_the_bar_and_colours() -> None:
    console, printed = terminal_console()
    job = {"id": "j1", "status": "completed", "error_message": None, "result": result()}
    show_job(console, cast(Job, job))
    assert "█" in printed.getvalue()
    assert "\x1b[32m" in printed.getvalue()


@pytest.mark.parametrize(
    ("low", "high", "line"),
    [(3, 3, "exactly 3: nothing was left unread"), (3, 5, "at least 3, at most 5")],
)
def test_bounds_say_how_sure_the_count_is(low: int, high: int, line: str) -> None:
    assert bounds_line({"low": low, "high": high}) == line
