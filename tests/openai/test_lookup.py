"""A look-up's statements name a passage that was given, and quote it."""

import json

import pytest

from census.ports.language_model import ModelReplyInvalidError, PassageText
from tests.model_server import LoopbackServer, ModelServer, ScriptedBrain, json_reply
from tests.openai.asking import Replies, completion, model_at

PASSAGES = [
    PassageText("p1", 'notice "A".txt', "Notice must be given in writing."),
    PassageText("p2", "fees.txt", "Fees are due monthly."),
]


def test_an_answer_is_statements_with_passage_and_quote() -> None:
    with ModelServer(ScriptedBrain()) as server:
        reply = model_at(server.base_url).answer_lookup("Must notice be in writing?", PASSAGES)
    assert [(s.passage_id, s.quote) for s in reply.statements] == [("p1", "Notice must be given in writing.")]
    assert reply.usage.calls == 1
    assert reply.model == "gpt-5-mini"


def test_passages_that_do_not_answer_give_no_statement() -> None:
    with ModelServer(ScriptedBrain()) as server:
        assert model_at(server.base_url).answer_lookup("Whose?", PASSAGES).statements == ()


def test_a_statement_that_names_no_given_passage_or_quotes_nothing_is_dropped() -> None:
    statements = [
        {"text": "a", "passage_id": "p9", "quote": "x"},
        {"text": "b", "passage_id": ["p1"], "quote": "x"},
        {"text": "c", "passage_id": "p1", "quote": ""},
        {"text": "", "passage_id": "p1", "quote": "x"},
        "p1",
        {"text": "d", "passage_id": "p2", "quote": "Fees"},
    ]
    reply = json_reply(200, completion(json.dumps({"statements": statements})))
    with LoopbackServer(Replies([reply])) as server:
        found = model_at(server.base_url).answer_lookup("What?", PASSAGES).statements
    assert [statement.text for statement in found] == ["d"]


def test_a_reply_without_statements_is_invalid() -> None:
    empty = Replies([json_reply(200, completion("{}"))])
    with LoopbackServer(empty) as server, pytest.raises(ModelReplyInvalidError, match="statements"):
        model_at(server.base_url).answer_lookup("What?", PASSAGES)
