"""What every answer owes: a ledger that sums, and exact quotes that stand where they are said to stand."""

from collections.abc import Mapping

from infra.local.api_shapes import Job, Result
from tests.stack.person import Person

CLASSES = ("match", "no_match", "unclear", "unverified", "failed", "skipped")


def result_of(job: Job) -> Result:
    """The result of a job that has one."""
    assert job["result"] is not None, job
    return job["result"]


def check_ledger(job: Job, total: int) -> None:
    """Every document is in exactly one class."""
    ledger = result_of(job)["ledger"]
    assert ledger["total"] == total
    assert sum(ledger[name] for name in CLASSES) == total, ledger


def check_quotes(person: Person, job: Job, texts: Mapping[str, str]) -> int:
    """Every exact quote of the rows and of the citations is at its offsets; how many there are."""
    rows = list(person.client.rows(job["id"]))
    found = [(row["source_id"], quote) for row in rows for quote in row["quotes"]]
    found += [(citation["source_id"], citation) for citation in result_of(job)["citations"]]
    exact = [(source, quote) for source, quote in found if quote["check"] == "exact"]
    for source, quote in exact:
        assert texts[source][quote["char_start"] : quote["char_end"]] == quote["quote"]
    return len(exact)
