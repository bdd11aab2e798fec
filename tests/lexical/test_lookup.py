"""Look-ups answered with the sentences nearest in words."""

from hypothesis import given
from hypothesis import strategies as st

from census.adapters.lexical import LexicalLanguageModel
from census.ports.language_model import LookupReply, PassageText

PASSAGES = (
    PassageText(
        "p1",
        "lease.txt",
        "The tenant pays rent monthly. The notice period is\n  ninety days. Pets are allowed.",
    ),
    PassageText("p2", "terms.txt", "Rent is due on the first day. Notices are sent by post."),
)


def ask(question: str) -> LookupReply:
    return LexicalLanguageModel().answer_lookup(question, PASSAGES)


def test_the_sentence_with_most_of_the_telling_words_comes_first() -> None:
    first = ask("How long is the notice period?").statements[0]

    assert (first.text, first.passage_id) == ("The notice period is ninety days.", "p1")
    assert first.quote == "The notice period is\n  ninety days."


def test_other_forms_of_a_word_count() -> None:
    assert [s.passage_id for s in ask("Is a pet allowed?").statements] == ["p1"]


def test_nothing_is_said_without_a_shared_content_word() -> None:
    assert ask("Who is the president of France?").statements == ()
    assert ask("").statements == ()


def test_the_same_sentence_in_two_passages_is_said_once() -> None:
    twice = (*PASSAGES, PassageText("p3", "copy.txt", PASSAGES[0].text))

    statements = LexicalLanguageModel().answer_lookup("notice period", twice).statements

    assert [s.passage_id for s in statements if "ninety" in s.text] == ["p1"]


def test_a_look_up_costs_one_call_and_no_tokens() -> None:
    reply = ask("rent")

    assert (reply.model, reply.usage.calls, reply.usage.output_tokens) == ("lexical", 1, 0)


@given(st.lists(st.text(alphabet="abc. \n", max_size=400), max_size=5), st.text(alphabet="abc ", max_size=30))
def test_at_most_three_verbatim_quotes_and_the_same_every_time(texts: list[str], question: str) -> None:
    passages = [PassageText(str(n), "x", text) for n, text in enumerate(texts)]
    model = LexicalLanguageModel()

    statements = model.answer_lookup(question, passages).statements

    assert len(statements) <= 3
    assert all(s.quote in texts[int(s.passage_id)] for s in statements)
    assert statements == model.answer_lookup(question, passages).statements
