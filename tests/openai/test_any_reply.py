"""Whatever JSON a model makes up, it is read or refused by the port's errors, never by a crash."""

import json

from hypothesis import given
from hypothesis import strategies as st

from census.adapters.openai.completions import Completion, read_completion
from census.adapters.openai.replies import plan_reply_in, readings_in, statements_in
from census.domain.errors import PlanInvalidError
from census.ports.language_model import LanguageModelError, PassageText, ReadStatus, Usage
from tests.openai.asking import REQUEST

WORDS = (
    "items id atoms refund ordered status quotes values field value unit quote date statements text "
    "passage_id route reason clarification plan kind predicate where and or not atom group_by transform "
    "choices message content refusal finish_reason usage prompt_tokens"
)
KEYS = st.sampled_from(WORDS.split())
TEXTS = st.sampled_from(
    ["w1", "w2", "p1", "match", "date", "collection", "lookup", "count", "stop", "length"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=5)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
OBJECTS = st.dictionaries(KEYS, ANY_JSON, max_size=5)


def completion_of(data: object) -> Completion:
    return Completion(json.dumps(data), Usage(1, 2, 3), "m")


@given(ANY_JSON | st.fixed_dictionaries({"items": st.lists(OBJECTS, max_size=4)}))
def test_any_reading_is_complete_or_left_out(data: object) -> None:
    try:
        readings = readings_in(completion_of(data), REQUEST)
    except LanguageModelError:
        return
    for identifier, atoms in readings.items():
        assert identifier in {"w1", "w2"}
        assert set(atoms) == {"refund", "ordered"}
        assert all(reading.status in ReadStatus for reading in atoms.values())


@given(ANY_JSON | st.fixed_dictionaries({"route": TEXTS, "plan": OBJECTS}), st.booleans())
def test_any_plan_is_checked_or_refused(data: object, forced: bool) -> None:
    try:
        reply = plan_reply_in(completion_of(data), forced=forced)
    except PlanInvalidError:
        return
    assert (reply.plan is not None) == (reply.route == "collection")


@given(ANY_JSON | st.fixed_dictionaries({"statements": st.lists(OBJECTS, max_size=4)}))
def test_any_statement_names_a_passage_or_is_dropped(data: object) -> None:
    try:
        found = statements_in(completion_of(data), [PassageText("p1", "n", "t")])
    except LanguageModelError:
        return
    assert all(statement.passage_id == "p1" for statement in found)


CHOICES = st.fixed_dictionaries({"message": OBJECTS, "finish_reason": TEXTS})


@given(ANY_JSON | st.fixed_dictionaries({"choices": st.lists(CHOICES, max_size=2), "usage": ANY_JSON}))
def test_any_body_is_a_completion_or_an_error(data: object) -> None:
    try:
        completion = read_completion(json.dumps(data).encode(), "m")
    except LanguageModelError:
        return
    assert completion.text
    assert completion.usage.calls == 1
