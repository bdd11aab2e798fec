"""The calculator counts as the application does, and its sums are sums."""

import inspect
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.batches import WindowToRead, cut_batches
from census.domain.windows import cut_windows
from infra.costs import workload
from infra.costs.__main__ import alarm_metrics, main
from infra.costs.bill import Options, make_bill, orchestration
from infra.costs.workload import Workload
from tests.observability.watched import template, watched_by_alarms
from tests.stack import test_counted

WORK = st.builds(
    Workload,
    documents=st.integers(0, 200_000),
    questions=st.integers(0, 500),
    lookups=st.integers(0, 10_000),
    tokens_a_document=st.integers(1, 60_000),
)
OPTIONS = st.builds(
    Options,
    alarm_metrics=st.integers(0, 100),
    dashboard=st.booleans(),
    nat_gateways=st.integers(0, 3),
    pinecone=st.booleans(),
    access_log=st.booleans(),
    model=st.sampled_from(["gpt-5-mini", "gpt-5", "lexical"]),
)
NOTHING = Workload(0, 0)


@given(WORK, OPTIONS)
def test_no_line_is_negative_and_the_month_is_the_sum_of_its_lines(work: Workload, options: Options) -> None:
    bill = make_bill(work, options)
    lines = [*bill.standing, *bill.questions]
    assert all(line.dollars >= 0 for line in [*lines, *bill.once])
    assert bill.monthly == sum((line.dollars for line in lines), Decimal(0))


@given(WORK, OPTIONS, st.sampled_from(["documents", "questions", "lookups"]), st.integers(1, 1000))
def test_more_of_anything_never_costs_less(work: Workload, options: Options, what: str, more: int) -> None:
    larger = make_bill(replace(work, **{what: getattr(work, what) + more}), options)
    bill = make_bill(work, options)
    assert larger.monthly >= bill.monthly
    assert larger.total(larger.once) >= bill.total(bill.once)


@given(WORK, OPTIONS)
def test_twice_the_questions_cost_twice_as_much(work: Workload, options: Options) -> None:
    single = make_bill(replace(work, lookups=0), options)
    double = make_bill(replace(work, lookups=0, questions=2 * work.questions), options)
    # A model's price is rounded up to a millionth of a dollar.
    assert double.total(double.questions) == pytest.approx(
        2 * single.total(single.questions), abs=Decimal("0.00001")
    )


@given(WORK, OPTIONS)
def test_every_option_adds_to_the_bill(work: Workload, options: Options) -> None:
    bare = replace(options, alarm_metrics=0, dashboard=False, nat_gateways=0, pinecone=False)
    least = make_bill(work, bare).monthly
    assert make_bill(work, options).monthly >= least
    for added in ({"alarm_metrics": 1}, {"dashboard": True}, {"nat_gateways": 1}, {"pinecone": True}):
        assert make_bill(work, replace(bare, **added)).monthly > least


@given(st.integers(1, 40), st.integers(1, 5000))
def test_short_documents_share_calls_as_the_application_cuts_them(documents: int, tokens: int) -> None:
    windows = [WindowToRead(item, 0, tokens, ("atom",)) for item in range(documents)]
    cut = cut_batches(windows, first_ordinal=1)
    assert Workload(documents, 1, tokens_a_document=tokens).batches == len(cut)


def test_windows_are_as_long_as_the_application_cuts_them() -> None:
    defaults = inspect.signature(cut_windows).parameters
    assert defaults["max_tokens"].default == workload.WINDOW_TOKENS
    assert defaults["overlap_tokens"].default == workload.OVERLAP_TOKENS


def test_what_a_batch_and_a_job_ask_of_the_cloud_is_what_the_stack_is_held_to() -> None:
    assert test_counted.MOST_REQUESTS_A_BATCH == workload.SQS_REQUESTS_A_BATCH
    assert test_counted.MOST_STATES == workload.STATES_A_JOB


def test_orchestrating_ten_thousand_batches_costs_at_most_a_cent() -> None:
    assert orchestration(10_000) <= Decimal("0.01")


def test_an_idle_deployment_costs_its_alarms_its_dashboard_and_little_else() -> None:
    idle = make_bill(NOTHING, Options(alarm_metrics=alarm_metrics()))
    assert idle.total(idle.questions) == idle.total(idle.once) == 0
    watched = {"metrics that alarms watch", "dashboard", "metrics of our own"}
    rest = sum(line.dollars for line in idle.standing if line.what not in watched)
    assert rest < 1


def test_the_alarms_are_counted_from_their_template() -> None:
    assert alarm_metrics() == len(list(watched_by_alarms(template("alarms"))))


def test_the_table_names_the_sum_and_what_is_not_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--docs", "100000", "--questions", "50"]) == 0
    printed = capsys.readouterr().out
    assert "100,000 documents" in printed
    assert "A month, all together" in printed
    assert "the database is yours and not in it" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--docs", "-1"], "cannot be negative"),
        (["--tokens", "0"], "nor a document empty"),
        (["--nat", "-1"], "NAT gateways cannot be negative"),
        (["--calls-in-flight", "0"], "At least one call must be in flight"),
        (["--model", "gpt-99"], "There is no price for the model"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
