"""Whatever becomes of documents, and however a job ends: each stands in one class, and nothing hides it."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census.adapters.postgres.database import PostgresDatabase
from census.application.end_job import Cause
from census.application.list_rows import list_rows
from census.application.reduce_job import reduce_job
from census.application.settle_job import settle_job
from census.domain.errors import LedgerError
from census.domain.plan import JsonObject
from census.ports.language_model import ReadAtom, ReadReply, ReadRequest, ReadStatus
from tests.engine.going_on import cancel, documents_of_batches
from tests.engine.house import EngineHouse
from tests.engine.plans import count
from tests.engine.started_jobs import LONG
from tests.fakes.scripted_model import (
    ScriptedLanguageModel,
    about,
    answering,
    leaving_out,
    refusing,
)

Class = tuple[str, str | None]
"""Class and reason."""


class Fate(Enum):
    """What becomes of a document: what is in its text, and its class once it is read."""

    CACHED = "We may audit you."
    MATCH = "They may audit us."
    NO_MATCH = "Nothing of the sort."
    UNCLEAR = "Unclear: audit."
    UNVERIFIED = "Invented: audit."
    REFUSED = "Unspeakable audit."
    LEFT_OUT = "Overlooked audit."
    DELETED = "We may audit what goes."
    UNREADABLE = "failed"
    PENDING = "processing"


READ: dict[Fate, Class] = {
    Fate.CACHED: ("match", None),
    Fate.MATCH: ("match", None),
    Fate.NO_MATCH: ("no_match", None),
    Fate.UNCLEAR: ("unclear", None),
    Fate.UNVERIFIED: ("unverified", None),
    Fate.REFUSED: ("failed", "The model declined to read this."),
    Fate.LEFT_OUT: ("failed", "The model's reply left this window out."),
}
NEVER: dict[Fate, Class] = {
    Fate.DELETED: ("skipped", "deleted"),
    Fate.UNREADABLE: ("failed", "unreadable"),
    Fate.PENDING: ("skipped", "not_ready"),
}
TROUBLE = Cause("internal", "Something broke.")


@dataclass(frozen=True)
class End:
    """A way to end a job, and the class of what nobody read by then; None: all is read."""

    happen: Callable[[EngineHouse, uuid.UUID, str], object]
    unread: Class | None


def run_out(house: EngineHouse, job_id: uuid.UUID, token: str) -> None:
    house.map_all()
    house.follow(job_id, token)


def reach_the_cap(house: EngineHouse, job_id: uuid.UUID, token: str) -> None:
    house.set_job(job_id, cap_usd=house.job(job_id).spent_usd)
    run_out(house, job_id, token)


def reach_the_deadline(house: EngineHouse, job_id: uuid.UUID, _token: str) -> None:
    house.set_job(job_id, deadline_at=dt.datetime.now(dt.UTC))
    house.reconcile(job_id)


ENDS = [
    End(run_out, None),
    End(reach_the_cap, ("skipped", "cap")),
    End(lambda house, job_id, _: cancel(house, job_id), ("skipped", "cancelled")),
    End(reach_the_deadline, ("skipped", "deadline")),
    End(
        lambda house, job_id, _: settle_job(house.database, house.model, house.tenant_id, job_id, TROUBLE),
        ("failed", "internal"),
    ),
]


def unclear(request: ReadRequest) -> ReadReply | None:
    return answering(lambda read: ReadAtom(ReadStatus.UNCLEAR, read.quotes))(request)


def invented(request: ReadRequest) -> ReadReply | None:
    claim = ReadAtom(ReadStatus.MATCH, ("Words that no paper here has ever held, not even nearly.",))
    return answering(lambda _: claim)(request)


def overlooking(request: ReadRequest) -> ReadReply | None:
    return leaving_out(*(window.id for window in request.windows))(request)


def fallible() -> ScriptedLanguageModel:
    faults = {"Unclear": unclear, "Invented": invented, "Unspeakable": refusing, "Overlooked": overlooking}
    return ScriptedLanguageModel([about(word, fault) for word, fault in faults.items()])


def add(house: EngineHouse, number: int, fate: Fate) -> uuid.UUID:
    """A document, a batch of its own, whose name tells what becomes of it."""
    name = f"{number} {fate.name}"
    if fate in (Fate.UNREADABLE, Fate.PENDING):
        file_id = house.announce(name)
        house.set_file(file_id, status=fate.value, received_at=dt.datetime.now(dt.UTC))
        return file_id
    return house.add(name, f"Paper {number}. {fate.value} {LONG}")


def rows_of(house: EngineHouse, job_id: uuid.UUID) -> list[JsonObject]:
    """All rows as GET /jobs/{id}/rows lists them, two a page."""
    found: list[JsonObject] = []
    after: int | None = 0
    while after is not None:
        with house.database.tenant(house.tenant_id) as work:
            page, after = list_rows(work, house.caller.user_id, job_id, 2, after)
        found += page
    return found


def shown_classes(job: JsonObject) -> tuple[Counter[str], Counter[Class]]:
    """Documents by class as the ledger has them; the failed and skipped ones by their reasons, too."""
    ledger, details = dict(job["result"]["ledger"]), job["aggregation_details"]
    reasons = {(name, why): n for name in ("failed", "skipped") for why, n in details[name].items()}
    assert ledger.pop("total") == sum(ledger.values())
    return Counter({name: n for name, n in ledger.items() if n}), Counter(reasons)


few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def deliver(house: EngineHouse, job_id: uuid.UUID, messages: int) -> set[str]:
    """Have so many batches read, or tried; the names of the documents that are read for good."""
    with house.database.tenant(house.tenant_id) as work:
        names = {row.ordinal: row.source_name for row in work.items.rows(job_id, 0, 100)}
    documents = documents_of_batches(house, job_id)
    taken = house.queue.receive(messages)
    for message in taken:
        house.map([message])
    read = {names[documents[message["batch"]]] for message in taken}
    return {name for name in read if not name.endswith(Fate.LEFT_OUT.name)}


def check_ledger(house: EngineHouse, fates: list[Fate], delivered: int, end: End) -> None:
    """Some documents are read before, some before the end; ledger, rows and what must be are the same."""
    house.model = fallible()
    ordered = sorted(fates, key=lambda fate: fate is not Fate.CACHED)
    files = {}
    for number, fate in enumerate(ordered):
        if fate is not Fate.CACHED and number == ordered.count(Fate.CACHED) > 0:
            house.answer(count("audit"))
        files[add(house, number, fate)] = (f"{number} {fate.name}", fate)
    job_id = house.ask(count("audit"))
    read = {f"{number} {Fate.CACHED.name}" for number in range(len(fates))}
    if house.plan(job_id).next == "dispatch":
        token = house.dispatch(job_id)
        read |= deliver(house, job_id, delivered)
        for file_id, (_, fate) in files.items():
            if fate is Fate.DELETED:
                house.delete(file_id)
        end.happen(house, job_id, token)

    must = {
        name: NEVER.get(fate) or (READ[fate] if name in read or end.unread is None else end.unread)
        for name, fate in files.values()
    }
    rows = rows_of(house, job_id)
    assert {row["source_name"]: (row["status"], row["reason"]) for row in rows} == must
    assert len(rows) == len(fates)
    classes, reasons = shown_classes(house.shown(job_id))
    assert classes == Counter(row["status"] for row in rows)
    assert reasons == Counter((row["status"], row["reason"]) for row in rows if row["reason"])


@few
@given(st.lists(st.sampled_from(Fate), min_size=1, max_size=7), st.integers(0, 7), st.sampled_from(ENDS))
def test_every_document_is_in_one_class_of_the_ledger_and_in_one_row(
    shared_database: PostgresDatabase, fates: list[Fate], delivered: int, end: End
) -> None:
    check_ledger(EngineHouse(shared_database), fates, delivered, end)


TAMPERINGS = {
    "a document is gone": "DELETE FROM job_items WHERE job_id = :job AND ordinal = :item",
    "a document is there twice": (
        "INSERT INTO job_items (job_id, ordinal, source_kind, source_id, source_name, status)"
        " SELECT job_id, 1000 + :item, source_kind, gen_random_uuid(), source_name, 'match'"
        " FROM job_items WHERE job_id = :job AND ordinal = :item"
    ),
    "the total is another": "UPDATE processing_jobs SET total_items = total_items + :item WHERE id = :job",
}


@settings(few, max_examples=4)
@given(
    st.lists(st.sampled_from([Fate.MATCH, Fate.NO_MATCH, Fate.UNREADABLE]), min_size=2, max_size=4),
    st.data(),
)
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_ledger_that_does_not_sum_is_no_answer_but_a_failure_that_says_so(
    shared_database: PostgresDatabase, tampering: str, fates: list[Fate], data: st.DataObject
) -> None:
    house = EngineHouse(shared_database)
    for number, fate in enumerate([Fate.MATCH, *fates]):
        add(house, number, fate)
    job_id = house.ask(count("audit"))
    house.plan(job_id)
    house.dispatch(job_id)
    house.map_all()
    house.run(TAMPERINGS[tampering], job=job_id, item=data.draw(st.integers(1, len(fates) + 1)))

    with pytest.raises(LedgerError, match="The ledger sums to"):
        reduce_job(house.fold_tools(), house.tenant_id, job_id, house.job(job_id).started_generation)
    assert house.shown(job_id)["result"] is None
    settle_job(house.database, house.model, house.tenant_id, job_id, TROUBLE)
    job = house.shown(job_id)
    assert (job["status"], job["error_details"], job["result"]) == ("failed", {"code": "ledger"}, None)
