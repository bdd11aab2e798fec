import datetime as dt
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from census.domain.cursor import Cursor, decode_cursor, decode_ordinal, encode_cursor, encode_ordinal
from census.domain.errors import FieldsInvalidError

MOMENTS = st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30))  # noqa: DTZ001


@given(MOMENTS, st.uuids())
def test_a_cursor_survives_its_journey_to_the_microsecond(moment: dt.datetime, identifier: uuid.UUID) -> None:
    cursor = Cursor(moment.replace(tzinfo=dt.UTC), identifier)

    assert decode_cursor(encode_cursor(cursor)) == cursor


@given(MOMENTS, st.uuids())
def test_a_cursor_needs_no_escaping_in_a_url(moment: dt.datetime, identifier: uuid.UUID) -> None:
    text = encode_cursor(Cursor(moment.replace(tzinfo=dt.UTC), identifier))

    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.integers(min_value=0, max_value=999_999_999))
def test_an_ordinal_survives_its_journey(ordinal: int) -> None:
    assert decode_ordinal(encode_ordinal(ordinal)) == ordinal


@given(st.text())
def test_any_other_text_is_refused_by_name(text: str) -> None:
    assume(not text.strip().isalnum())

    for decode in (decode_cursor, decode_ordinal):
        with pytest.raises(FieldsInvalidError) as refused:
            decode(text)
        assert [problem.path for problem in refused.value.problems] == ["cursor"]


@pytest.mark.parametrize("text", ["", "WyIyMDI2LTAxLTAxIiwgIjAiXQ", "bnVsbA", "e30", "W10"])
def test_json_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(FieldsInvalidError):
        decode_cursor(text)
