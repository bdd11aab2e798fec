"""An invocation that is about to end starts no call it could not finish."""

from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.read_batch import BatchReading, MayCall, read_batch
from census.domain.plan import Atom, Term
from tests.engine.batches import batch_of
from tests.fakes.scripted_model import ScriptedLanguageModel, refusing

ATOM = Atom("audit", "The text mentions audit.", term=Term("audit"))


def _read(model: ScriptedLanguageModel, may_call: MayCall) -> BatchReading:
    return read_batch(model, RapidfuzzQuoteAligner(), batch_of(*["An audit."] * 4), {"key": ATOM}, may_call)


def test_without_time_no_call_is_made_and_every_window_waits() -> None:
    model = ScriptedLanguageModel([])

    reading = _read(model, lambda _: False)

    assert model.calls == 0
    assert [window.lead for window, _ in reading.busy] == [0, 1, 2, 3]
    assert (reading.readings, reading.final, reading.again) == ([], [], [])


def test_a_refusal_is_bisected_only_as_far_as_the_time_allows() -> None:
    model = ScriptedLanguageModel([refusing])

    reading = _read(model, lambda _: model.calls < 2)

    assert model.calls == 2
    assert len(reading.busy) == 4
    assert reading.usage.calls >= 2
