"""Prints what a deployment costs. `make cost DOCS=100000 QUESTIONS=50`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from census.domain.errors import CensusError
from infra.costs.bill import Bill, Line, Options, make_bill
from infra.costs.workload import Workload
from infra.local.template import load

ALARMS = Path(__file__).parents[1] / "observability" / "alarms.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 with one line about what cannot be counted."""
    asked = _parser().parse_args(arguments)
    try:
        work = Workload(
            asked.docs, asked.questions, asked.lookups, asked.tokens, calls_in_flight=asked.calls_in_flight
        )
        options = Options(
            alarm_metrics=alarm_metrics(), nat_gateways=asked.nat, pinecone=asked.pinecone, model=asked.model
        )
        print(shown(work, make_bill(work, options)))
    except (CensusError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.costs", description=__doc__)
    parser.add_argument("--docs", type=int, default=10_000, help="documents in the collection")
    parser.add_argument("--questions", type=int, default=10, help="questions a month that read all of it")
    parser.add_argument("--lookups", type=int, default=0, help="questions a month that a few passages answer")
    parser.add_argument("--tokens", type=int, default=5_000, help="tokens of a document, on average")
    parser.add_argument("--calls-in-flight", type=int, default=32, help="as ModelCallsInFlight")
    parser.add_argument("--model", default="gpt-5-mini", help="a model of the price table, or lexical")
    parser.add_argument("--nat", type=int, default=0, help="NAT gateways")
    parser.add_argument("--pinecone", action="store_true", help="vectors in Pinecone")
    return parser


def alarm_metrics() -> int:
    """Metrics that the alarms of the template watch: each is billed."""
    alarms = [
        resource["Properties"]
        for resource in load(ALARMS)["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return sum(len([q for q in a["Metrics"] if "MetricStat" in q]) if "Metrics" in a else 1 for a in alarms)


def shown(work: Workload, bill: Bill) -> str:
    """The bill as text, one table a part."""
    idle = make_bill(Workload(0, 0), Options(alarm_metrics=alarm_metrics())).monthly
    rows = [
        f"{work.documents:,} documents of {work.tokens_a_document:,} tokens; {work.questions:,} questions a"
        f" month that read them all: {work.batches:,} calls, {_duration(work.seconds_a_question)} each.",
        *_table("Once: reading the collection in", bill.once, bill),
        *_table("A month: standing", bill.standing, bill),
        *_table("A month: questions", bill.questions, bill),
        "",
        f"{'A month, all together':<48}{bill.monthly:>26,.2f} $",
        f"{'A month with no documents and no questions':<48}{idle:>26,.2f} $",
        "List prices, us-east-1, free tiers left out; the database is yours and not in it.",
    ]
    return "\n".join(rows)


def _table(title: str, lines: Sequence[Line], bill: Bill) -> list[str]:
    rows = [f"  {one.what:<46}{one.amount:>16,.0f}{one.dollars:>10,.2f} $" for one in lines if one.amount]
    return ["", f"{title:<48}{bill.total(lines):>26,.2f} $", *rows]


def _duration(seconds: float) -> str:
    return f"{seconds / 60:,.0f} minutes" if seconds >= 90 else f"{seconds:,.0f} s"


if __name__ == "__main__":
    sys.exit(main())
