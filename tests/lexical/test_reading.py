"""Reading windows: what matches, which values are found, and that every quote is verbatim."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.lexical import LexicalLanguageModel
from census.adapters.lexical.sentences import MAX_QUOTE
from census.domain.plan import Atom, AtomField, FieldType, Term
from census.ports.language_model import LanguageModel, ReadAtom, ReadRequest, ReadStatus, WindowText


def read(atom: Atom, text: str) -> ReadAtom:
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))
    return reply.readings["w"][atom.name]


def mention(term: str, *, exact: bool = False) -> Atom:
    return Atom("a", f"The text mentions “{term}”.", term=Term(term, exact))


def state(kind: FieldType, label: str | None = None) -> Atom:
    return Atom("a", "The text states it.", fields=(AtomField("it", kind, label=label),))


def values(atom: Atom, text: str) -> list[tuple[str, str | None]]:
    return [(value.value, value.unit) for value in read(atom, text).values]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("indemnification", "INDEMNIFICATION."),
        ("indemnification", "several indemnifications"),
        ("indemnities", "the indemnity"),
        ("indemnity", "the indemnities"),
        ("class", "two classes"),
        ("box", "two boxes"),
        ("right", "all rights"),
        ("audit rights", "an audit right"),
        ("governing law", "the governing\n   law of"),
        ("governing law", "governing\u00a0law"),
        ("child", "children"),
        ("tenant's duty", "the tenant’s duty"),
        ("non-compete", "a non‑compete"),
        ("c++", "in C++."),
        ("straße", "Straße"),
        ("ha ha", "aha ha ha"),
        ("indemnity", "İ before it: Indemnity"),
    ],
)
def test_a_term_is_found_as_whole_words_in_any_case_and_number(term: str, text: str) -> None:
    assert read(mention(term), text).status is ReadStatus.MATCH


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("indemnification", "to indemnify; indemnificationless; preindemnification; indemnification_1"),
        ("assignment", "to assign"),
        ("governing law", "governing the law"),
        ("law", "lawyer, outlaw, by-laws2"),
        ("news", "a new"),
        ("indemnification", ""),
        ("", "anything"),
    ],
)
def test_nothing_else_is_derived_from_a_term(term: str, text: str) -> None:
    assert read(mention(term), text).status is ReadStatus.NO_MATCH


def test_a_quoted_phrase_is_found_as_it_stands_only() -> None:
    assert read(mention("audit right", exact=True), "Audit\nRight").status is ReadStatus.MATCH
    assert read(mention("audit right", exact=True), "audit rights").status is ReadStatus.NO_MATCH


def test_the_quote_is_the_sentence_with_its_own_white_space() -> None:
    text = "First one. The Supplier, Acme Inc. of Ohio,\n  gives an indemnity to No. 5 Ltd. now. Last one."

    assert read(mention("indemnity"), text).quotes == (
        "The Supplier, Acme Inc. of Ohio,\n  gives an indemnity to No. 5 Ltd. now.",
    )


def test_lines_with_a_key_and_list_items_are_sentences_of_their_own() -> None:
    text = "Subject: login broken\nPriority: high\n- cannot login again\n- nothing else"

    assert read(mention("login"), text).quotes == ("Subject: login broken", "- cannot login again")


def test_a_long_sentence_is_cut_at_words_around_the_hit() -> None:
    text = "word " * 200 + "indemnity " + "more " * 200

    (quote,) = read(mention("indemnity"), text).quotes

    assert len(quote) <= MAX_QUOTE
    assert "indemnity" in quote.split()
    assert set(quote.split()) == {"word", "indemnity", "more"}


def test_at_most_the_first_five_sentences_are_quoted() -> None:
    text = "".join(f"Indemnity number {n} stands. " for n in range(9))

    assert [q.split()[2] for q in read(mention("indemnity"), text).quotes] == ["0", "1", "2", "3", "4"]


def test_the_first_dates_are_read_in_order_with_their_sentences() -> None:
    text = "Made on June 1, 2020.\nEnds 2021-06-01. Paid 7/1/2022. Checked 8/1/2023."

    reading = read(state(FieldType.DATE), text)

    assert [v.value for v in reading.values] == ["2020-06-01", "2021-06-01", "2022-07-01"]
    assert reading.values[0].quote == "Made on June 1, 2020."


@pytest.mark.parametrize(
    "line",
    ["Agreement date: June 1, 2020", "**Agreement Date:** 2020-06-01", "| Agreement date | 1 June 2020 |",
     "- Agreement date: 6/1/2020", "The agreement date is June 1, 2020.", "Agreement: dated June 1, 2020",
     "Agreement date\nJune 1, 2020", "Agreement date\t2020-06-01"],
)  # fmt: skip
def test_a_named_date_goes_before_the_first_date(line: str) -> None:
    text = f"Printed on January 5, 1999.\n\n{line}\n\nEnds on 2030-01-01."

    assert values(state(FieldType.DATE, "agreement date"), text)[0] == ("2020-06-01", None)


def test_without_the_named_date_the_first_date_is_taken() -> None:
    assert values(state(FieldType.DATE, "agreement date"), "On May 2, 2019 it began.") == [
        ("2019-05-02", None)
    ]


def test_a_missing_value_is_no_match_and_not_unclear() -> None:
    assert read(state(FieldType.DATE), "no date at all") == ReadAtom(ReadStatus.NO_MATCH)


@pytest.mark.parametrize(
    "text",
    ["Priority: High", "Ticket 7\nPRIORITY: High\nStatus: open", "**Priority:** High", "**Priority**: High",
     "| Priority | High |", "Priority | High", "* Priority: High", "Priority\tHigh",
     "Priority\nHigh\nStatus\nopen", "priority = High", "Status: open   Priority: High"],
)  # fmt: skip
def test_a_text_field_is_read_from_its_line(text: str) -> None:
    reading = read(state(FieldType.TEXT, "priority"), text)

    assert [value.value for value in reading.values] == ["High"]
    assert reading.values[0].quote in text


@pytest.mark.parametrize(
    "text",
    [
        "This has priority: it is urgent",
        "| Priority | Status |\n| --- | --- |\n| High | open |",
        "Priority:",
        "Priority",
    ],
)
def test_other_mentions_of_a_label_are_no_value(text: str) -> None:
    assert values(state(FieldType.TEXT, "priority"), text) == []


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("contract value", "Contract value: 1,200.50", ("1200.5", None)),
        ("contract value", "Contract value: EUR 5,000", ("5000", "EUR")),
        ("contract value", "Costs $3. The contract value shall be $5 million.", ("5000000", "USD")),
        ("amount", "We paid $700 in May.", ("700", "USD")),
        (None, "We paid $700 in May.", ("700", "USD")),
    ],
)
def test_an_amount_is_read_by_its_label(
    label: str | None, text: str, expected: tuple[str, str | None]
) -> None:
    assert values(state(FieldType.MONEY, label), text)[0] == expected


def test_a_named_amount_that_is_not_there_is_not_replaced_by_another() -> None:
    assert values(state(FieldType.MONEY, "contract value"), "The fee is $5.") == []


def test_a_number_is_read_by_its_label() -> None:
    assert values(state(FieldType.NUMBER, "notice period"), "The notice period is 30 days.") == [("30", None)]


def test_a_statement_without_term_matches_the_sentence_that_holds_its_words() -> None:
    atom = Atom("a", "The contract restricts assignment.")
    text = "Payment is due. No assignments are allowed; this restriction survives."

    assert read(atom, text).quotes == ("No assignments are allowed; this restriction survives.",)
    assert read(atom, "Assignments here. Restrictions there.").status is ReadStatus.NO_MATCH


PIECES = st.sampled_from(
    ["Indemnity ", "indemnities", ". ", "\n", "\n\n", "Acme Inc. ", "June 1, 2020", " $5,000 ",
     "Fee: ", "fee",
     "|", "**", "- ", "word ", "x" * 310, "\t", " ", "“", "İ", "no. 5 "]
)  # fmt: skip
ATOMS = (
    Atom("term", "t", term=Term("indemnity")),
    Atom("date", "d", fields=(AtomField("date", FieldType.DATE, label="fee date"),)),
    Atom("money", "m", fields=(AtomField("money", FieldType.MONEY, label="fee"),)),
    Atom("number", "n", fields=(AtomField("number", FieldType.NUMBER),)),
    Atom("text", "x", fields=(AtomField("text", FieldType.TEXT, label="fee"),)),
    Atom("words", "An indemnity fee"),
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_every_quote_is_a_piece_of_the_window(text: str) -> None:
    reply = LexicalLanguageModel().read_windows(ReadRequest(ATOMS, (WindowText("w", "", text),)))

    for atom in ATOMS:
        reading = reply.readings["w"][atom.name]
        quotes = [*reading.quotes, *(value.quote for value in reading.values)]
        assert all(quote and quote in text for quote in quotes)
        assert (reading.status is ReadStatus.MATCH) == bool(reading.quotes)


def test_all_windows_and_atoms_are_answered_in_one_free_call() -> None:
    model: LanguageModel = LexicalLanguageModel()
    windows = tuple(WindowText(str(n), "", "indemnity") for n in range(3))

    reply = model.read_windows(ReadRequest(ATOMS, windows))

    assert {name: set(atoms) for name, atoms in reply.readings.items()} == {
        str(n): {atom.name for atom in ATOMS} for n in range(3)
    }
    assert (reply.usage.calls, reply.usage.input_tokens, reply.model) == (1, 0, "lexical")


def test_a_window_of_six_thousand_tokens_is_read_in_milliseconds() -> None:
    text = "The parties agree that each of them shall keep such records, and pay what is due in 2020. " * 270
    atoms = tuple(mention(term) for term in ("indemnification", "governing law", "audit right"))
    read(atoms[0], text)

    best = min(_seconds(atoms, text) for _ in range(10))

    assert best < 0.003


def _seconds(atoms: tuple[Atom, ...], text: str) -> float:
    started = time.perf_counter()
    LexicalLanguageModel().read_windows(ReadRequest(atoms, (WindowText("w", "", text),)))
    return time.perf_counter() - started
