"""The bill of a workload, line by line: for reading the collection in once, and by the month."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from census.application.cut_contents import PROMPT_TOKENS_A_BATCH, REPLY_TOKENS_AN_ATOM
from census.domain.prices import cost, price_of
from infra.costs import prices
from infra.costs.workload import (
    MESSAGES_AN_INVOCATION,
    METRICS_IN_USE,
    METRICS_WHEN_IDLE,
    SQS_REQUESTS_A_BATCH,
    STATES_A_JOB,
    Workload,
)

LOG_KILOBYTES_AN_INVOCATION = 3
"""Our lines, EMF's and Lambda's own three; measured on the local stack: 1 to 3."""
START_SECONDS = 0.5
"""Of an invocation beside its waiting: cold starts shared out."""
INGEST_SECONDS = 3.0
MESSAGES_A_CHECK = 3
"""Send, receive, delete."""
SECRETS = 2
PASSAGE_TOKENS = 400
VECTOR_KILOBYTES = 8
"""Of 1,536 numbers and their metadata."""


@dataclass(frozen=True)
class Line:
    """An amount of something at a price, US dollars."""

    what: str
    amount: Decimal
    price: Decimal

    @property
    def dollars(self) -> Decimal:
        return self.amount * self.price


@dataclass(frozen=True)
class Options:
    """What a deployment may leave out, or add. `alarm_metrics`: metrics that its alarms watch."""

    alarm_metrics: int = 0
    dashboard: bool = True
    nat_gateways: int = 0
    pinecone: bool = False
    access_log: bool = True
    model: str = "gpt-5-mini"
    embedder: str = "text-embedding-3-small"

    def __post_init__(self) -> None:
        if min(self.alarm_metrics, self.nat_gateways) < 0:
            raise ValueError("Alarm metrics and NAT gateways cannot be negative.")


@dataclass(frozen=True)
class Bill:
    """`once`: reading the collection in. `monthly`: standing costs, then the questions'."""

    once: Sequence[Line]
    standing: Sequence[Line]
    questions: Sequence[Line]

    def total(self, lines: Sequence[Line]) -> Decimal:
        return sum((line.dollars for line in lines), Decimal(0))

    @property
    def monthly(self) -> Decimal:
        return self.total(self.standing) + self.total(self.questions)


def make_bill(work: Workload, options: Options) -> Bill:
    """Raises UnknownPriceError for a model the price table lacks."""
    return Bill(
        list(_reading_in(work, options)), list(_standing(work, options)), list(_questions(work, options))
    )


def orchestration(batches: int) -> Decimal:
    """US dollars for queue requests and state transitions of one job of so many batches."""
    return _sqs(batches).dollars + _states(1).dollars


def _reading_in(work: Workload, options: Options) -> Iterator[Line]:
    yield from _invocations("to ingest", work.documents, INGEST_SECONDS, memory_gb=1.0)
    yield from _invocations("to take uploads", work.documents, 0.2, memory_gb=1.0)
    yield Line("API requests", Decimal(work.documents), prices.API_REQUEST)
    yield Line("SQS requests", Decimal(work.documents * 2), prices.SQS_REQUEST)
    yield Line("S3 uploads", Decimal(work.documents), prices.S3_PUT)
    yield Line("S3 downloads", Decimal(work.documents), prices.S3_GET)
    tokens = work.documents * work.tokens_a_document
    yield _model_line(f"embedding, {options.embedder}", options.embedder, tokens, 0)


def _questions(work: Workload, options: Options) -> Iterator[Line]:
    batches, questions = work.batches * work.questions, work.questions
    prompt = questions * (work.tokens_read + work.batches * PROMPT_TOKENS_A_BATCH)
    windows = work.documents * work.windows_a_document
    reply = questions * windows * work.atoms_a_question * REPLY_TOKENS_AN_ATOM
    yield _model_line(f"reading, {options.model}", options.model, prompt, reply)
    waits = work.seconds_a_call + START_SECONDS
    maps = questions * math.ceil(work.batches / MESSAGES_AN_INVOCATION)
    yield from _invocations("to map", maps, waits)
    yield from _invocations("to plan, dispatch, reduce", 3 * questions, 5 + work.batches / 2_000)
    checks = math.ceil(work.seconds_a_question / work.check_seconds) * questions
    yield from _invocations("to check", checks, START_SECONDS)
    yield _sqs(batches, MESSAGES_A_CHECK * checks)
    yield _states(questions)
    asked = questions + work.lookups
    yield from _invocations("to answer", asked, 5.0, memory_gb=1.0)
    yield Line("API requests, with polling", Decimal(asked * 60), prices.API_REQUEST)
    passages = work.lookups * 10 * PASSAGE_TOKENS
    yield _model_line(f"look-ups, {options.model}", options.model, passages, work.lookups * 200)


def _standing(work: Workload, options: Options) -> Iterator[Line]:
    busy = work.questions + work.lookups > 0
    yield from _invocations("to sweep, hourly", prices.HOURS_A_MONTH, 2.0)
    yield Line("S3 gigabytes", _decimal(work.gigabytes), prices.S3_GB_MONTH)
    yield Line("secrets", Decimal(SECRETS + options.pinecone), prices.SECRET_MONTH)
    metrics = METRICS_IN_USE if busy else METRICS_WHEN_IDLE
    yield Line("metrics of our own", Decimal(metrics), prices.METRIC_MONTH)
    yield Line("metrics that alarms watch", Decimal(options.alarm_metrics), prices.ALARM_METRIC_MONTH)
    yield Line("dashboard", Decimal(options.dashboard), prices.DASHBOARD_MONTH)
    if options.access_log:
        asked = (work.questions + work.lookups) * 60 + work.documents
        yield Line("access log, gigabytes", _decimal(asked * 0.4 / 1e6), prices.LOG_GB)
    if options.nat_gateways:
        hours = Decimal(options.nat_gateways * prices.HOURS_A_MONTH)
        yield Line("NAT gateway, hours", hours, prices.NAT_HOUR)
        through = work.questions * work.tokens_read * 5 / 1e9 + work.gigabytes
        yield Line("NAT gateway, gigabytes", _decimal(through), prices.NAT_GB)
    if options.pinecone:
        gigabytes = (
            work.documents * math.ceil(work.tokens_a_document / PASSAGE_TOKENS) * VECTOR_KILOBYTES / 1e6
        )
        stored = _decimal(gigabytes) * prices.PINECONE_GB_MONTH
        yield Line("Pinecone, Standard", Decimal(1), max(stored, prices.PINECONE_MINIMUM_MONTH))


def _sqs(batches: int, more: int = 0) -> Line:
    return Line("SQS requests", _decimal(batches * SQS_REQUESTS_A_BATCH) + more, prices.SQS_REQUEST)


def _states(jobs: int) -> Line:
    return Line("state transitions", Decimal(jobs * STATES_A_JOB), prices.STATE_TRANSITION)


def _invocations(what: str, number: int, seconds: float, memory_gb: float = 0.5) -> Iterator[Line]:
    """Lambda's price for them, with what each writes to the log and its trace."""
    each = _decimal(seconds * memory_gb) * prices.LAMBDA_GB_SECOND + prices.LAMBDA_REQUEST + prices.TRACE
    log = _decimal(LOG_KILOBYTES_AN_INVOCATION / 1e6) * (prices.LOG_GB + prices.LOG_GB_MONTH)
    yield Line(f"invocations {what}", Decimal(number), each + log)


def _model_line(what: str, model: str, prompt: int, reply: int) -> Line:
    dollars = cost(price_of(model), input_tokens=prompt, output_tokens=reply)
    tokens = prompt + reply
    return Line(f"tokens: {what}", Decimal(tokens), dollars / tokens if tokens else Decimal(0))


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 9)))
