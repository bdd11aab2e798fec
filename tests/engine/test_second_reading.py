"""What the model claims with words that are not in the text is read once more by the stronger model."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
from census.application.read_batch import BatchReading, MayCall, read_batch
from census.domain.plan import Kind
from census.domain.prices import price_usage
from census.domain.readings import reading_from_json
from census.domain.usage import Usage
from census.ports.language_model import ReadAtom, ReadReply, ReadRequest, ReadStatus, ReadValue, Strength
from tests.engine.batches import batch_of
from tests.engine.house import EngineHouse
from tests.engine.plans import FEE, count, fees, listing, mention
from tests.fakes.scripted_model import (
    Fault,
    ScriptedLanguageModel,
    answering,
    busy,
    invalid,
    leaving_out,
    read_by_rules,
    refusing,
    unusable,
)

INVENTED = "Words that nobody wrote anywhere in here"
AUDIT = mention("audit")


def of(strength: Strength, fault: Fault) -> Fault:
    """The fault, for calls of one of the two models."""
    return lambda request: fault(request) if request.strength is strength else None


def inventing(read: ReadAtom) -> ReadAtom:
    return replace(read, quotes=(INVENTED,))


def inventing_in(window: str) -> Fault:
    """An invented quote for the audit of one window only."""

    def happen(request: ReadRequest) -> ReadReply:
        reply = read_by_rules(request)
        answers = reply.readings[window]
        return replace(
            reply, readings={**reply.readings, window: {**answers, "audit": inventing(answers["audit"])}}
        )

    return happen


STANDARD_INVENTS = of(Strength.STANDARD, answering(inventing))


def model_with(*faults: Fault) -> ScriptedLanguageModel:
    return ScriptedLanguageModel([*faults, STANDARD_INVENTS], strong_name="scripted-strong")


def read(model: ScriptedLanguageModel, *texts: str, may_call: MayCall = lambda _: True) -> BatchReading:
    return read_batch(model, RapidfuzzQuoteAligner(), batch_of(*texts), {"key": AUDIT}, may_call)


def strengths(model: ScriptedLanguageModel) -> list[str]:
    return [request.strength.value for request in model.requests]


def statuses(reading: BatchReading) -> list[str]:
    return [stored.reading["status"] for stored in reading.readings]


def test_a_quote_the_standard_model_invented_is_found_by_the_stronger_one() -> None:
    model = model_with()
    reading = read(model, "We may audit you.")
    assert strengths(model) == ["standard", "strong"]
    kept = reading_from_json(reading.readings[0].reading)
    assert (kept.status.value, kept.quotes[0].check.value) == ("match", "exact")


def test_only_the_windows_and_atoms_in_doubt_are_read_again() -> None:
    texts = [f"Paper {n}: we may audit you." for n in range(3)]

    model = ScriptedLanguageModel([of(Strength.STANDARD, inventing_in("w2"))], strong_name="scripted-strong")
    atoms = {"key": AUDIT, "key 2": mention("paper")}
    reading = read_batch(model, RapidfuzzQuoteAligner(), batch_of(*texts, atoms=tuple(atoms)), atoms)
    again = model.requests[1]
    assert [window.text for window in again.windows] == [texts[1]]
    assert [atom.name for atom in again.atoms] == ["audit"]
    assert statuses(reading) == ["match"] * 6


def test_what_neither_model_can_prove_is_unverified_after_one_retry() -> None:
    model = model_with(answering(inventing))
    reading = read(model, "We may audit you.")
    assert strengths(model) == ["standard", "strong"]
    assert statuses(reading) == ["unverified"]


def test_a_value_with_an_invented_quote_is_read_again_too() -> None:
    def wrong(_read: ReadAtom) -> ReadAtom:
        return ReadAtom(ReadStatus.MATCH, ("Fee: $5",), (ReadValue("amount", "5", "USD", INVENTED),))

    model = ScriptedLanguageModel([of(Strength.STANDARD, answering(wrong))], strong_name="scripted-strong")
    reading = read_batch(model, RapidfuzzQuoteAligner(), batch_of("Fee: $5"), {"key": FEE})
    (value,) = reading_from_json(reading.readings[0].reading).values
    assert (value.value, value.quote.text) == ("5", "Fee: $5")


@pytest.mark.parametrize("fault", [refusing, invalid, leaving_out("w1")])
def test_a_stronger_model_that_cannot_tell_leaves_it_unverified(fault: Fault) -> None:
    model = model_with(of(Strength.STRONG, fault))
    reading = read(model, "We may audit you.")
    assert statuses(reading) == ["unverified"]
    assert (reading.again, reading.busy, reading.final) == ([], [], [])
    assert reading.usage.calls == 2


def test_while_the_stronger_model_is_busy_the_doubtful_window_waits_and_the_rest_is_kept() -> None:
    model = ScriptedLanguageModel(
        [of(Strength.STRONG, busy(7)), of(Strength.STANDARD, inventing_in("w1"))],
        strong_name="scripted-strong",
    )
    reading = read(model, "We may audit you.", "They audit us.")
    assert [window.text for window, _ in reading.busy] == ["We may audit you."]
    assert reading.retry_after == 7
    assert statuses(reading) == ["match"]


def test_a_stronger_model_that_cannot_be_used_fails_the_doubtful_window_with_the_cause() -> None:
    reading = read(model_with(of(Strength.STRONG, unusable)), "We may audit you.")
    assert [reason for _, reason in reading.final] == ["The key is not accepted: set OPENAI_API_KEY."]
    assert reading.readings == []


def test_without_time_for_a_second_call_the_window_waits() -> None:
    model = model_with()
    reading = read(model, "We may audit you.", may_call=lambda _: model.calls < 1)
    assert strengths(model) == ["standard"]
    assert [window.text for window, _ in reading.busy] == ["We may audit you."]
    assert reading.readings == []


def test_without_a_stronger_model_nothing_is_read_again() -> None:
    model = ScriptedLanguageModel([answering(inventing)])
    assert statuses(read(model, "We may audit you.")) == ["unverified"]
    assert strengths(model) == ["standard"]


def test_a_second_reading_that_says_no_decides() -> None:
    says_no = of(Strength.STRONG, answering(lambda _: ReadAtom(ReadStatus.NO_MATCH)))
    assert statuses(read(model_with(says_no), "We may audit you.")) == ["no_match"]


def test_what_the_stronger_model_read_is_kept_and_asked_of_neither_again(house: EngineHouse) -> None:
    house.add("a", "We may audit you.")
    house.model = model_with()
    assert house.answer(listing("audit"))["result"]["ledger"]["match"] == 1
    house.model = again = model_with()
    assert house.answer(count("audit"))["result"]["ledger"]["match"] == 1
    assert again.calls == 0


def test_a_job_pays_each_model_at_its_price(house: EngineHouse) -> None:
    house.add("a", "Fee: $5")

    def billed(model: str, value: Callable[[ReadValue], ReadValue]) -> Fault:
        def happen(request: ReadRequest) -> ReadReply:
            changed = answering(lambda r: replace(r, values=tuple(map(value, r.values))))(request)
            assert changed is not None
            return replace(changed, usage=Usage(1, 100_000, 0, model=model))

        return happen

    house.price = lambda usage: price_usage(usage, "gpt-5-mini")
    faults = [
        of(Strength.STANDARD, billed("gpt-5-mini", lambda value: replace(value, quote=INVENTED))),
        of(Strength.STRONG, billed("gpt-5", lambda value: value)),
    ]
    house.model = ScriptedLanguageModel(faults, strong_name="gpt-5")
    job = house.answer(fees(Kind.SUM))
    assert Decimal(str(job["cost"]["spent_usd"])) == Decimal("0.025") + Decimal("0.125")
    assert job["aggregation_details"]["calls"] == 2
