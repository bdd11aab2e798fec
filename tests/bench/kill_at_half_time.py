"""A job of 1,000 calls whose workers, all of them, are killed at half time: what is called again?"""

import tempfile
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from infra.local.postgres import DATABASE
from tests.bench.large_job import large_job
from tests.database.servers import running
from tests.engine.house import EngineHouse
from tests.engine.worker_process import WorkerProcess, calls_in, start_worker
from tests.fakes.scripted_model import ScriptedLanguageModel

CALLS, WORKERS, CALL_SECONDS, MOST_REPEATED = 1_000, 4, 0.1, 0.05
_RECORDED = text("""
    SELECT split_part(t.text, chr(10), 1) FROM job_batches b
    JOIN job_items i ON i.job_id = b.job_id AND i.ordinal = b.first_item
    JOIN extracted_texts t ON t.id = i.text_id
    WHERE b.job_id = :job AND b.outcome IS NOT NULL
""")


@dataclass(frozen=True)
class Killed:
    """Calls begun and documents recorded at the kill; calls repeated, and how many in vain."""

    calls: int
    recorded: int
    repeated: int
    repeated_in_vain: int


def run() -> list[str]:
    """At full length."""
    with running(18) as server:
        found = measure(server.url(DATABASE), CALLS, WORKERS, CALL_SECONDS)
    share = found.repeated / CALLS
    return [f"{share:.1%} of the calls repeated, more than {MOST_REPEATED:.0%}"] * (share > MOST_REPEATED) + [
        f"{found.repeated_in_vain} calls repeated for what was recorded"
    ] * (found.repeated_in_vain > 0)


def measure(url: str, calls: int, workers: int, seconds: float) -> Killed:
    """Run, kill -9 every worker when half of the calls have begun, and have new ones go on to the answer."""
    house, job_id, token = large_job(url, ScriptedLanguageModel(), calls, None)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls"
        _work(house, start_workers(url, file, workers, seconds), file, kill_at=calls // 2)
        begun, recorded = calls_in(file), _recorded(house, job_id)
        house.expire_claims(job_id)
        house.reconcile(job_id)
        _work(house, start_workers(url, file, workers, seconds), file)
        asked = calls_in(file)
    house.reconcile(job_id)
    house.follow(job_id, token)
    job = house.shown(job_id)
    assert (job["status"], job["result"]["ledger"]["match"]) == ("completed", calls)
    house.database.engine.dispose()
    again = {words: times - 1 for words, times in asked.items() if times > 1}
    in_vain = sum(times for words, times in again.items() if words in recorded)
    found = Killed(begun.total(), len(recorded), sum(again.values()), in_vain)
    print(
        f"   killed {workers} processes after {found.calls} of {calls} calls, {found.recorded} recorded: "
        f"{found.repeated} repeated ({found.repeated / calls:.1%}), {in_vain} of them recorded"
    )
    return found


def start_workers(url: str, file: Path, workers: int, seconds: float) -> list[WorkerProcess]:
    """So many, all ready."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda _: start_worker(url, file, seconds), range(workers)))


def _work(
    house: EngineHouse,
    workers: Sequence[WorkerProcess],
    file: Path,
    kill_at: int | None = None,
) -> None:
    """Ten messages an invocation, until the queue is empty or all workers are killed."""
    with ThreadPoolExecutor(len(workers)) as pool:
        going = [pool.submit(_feed, house, worker) for worker in workers]
        while kill_at and calls_in(file).total() < kill_at:
            time.sleep(0.005)
        for worker in workers if kill_at else ():
            worker.process.kill()
        for one in going:
            one.result()
    for worker in workers:
        worker.end()


def _feed(house: EngineHouse, worker: WorkerProcess) -> None:
    while messages := house.queue.receive():
        if not worker.read(messages):
            return
        for message in worker.back:
            house.queue.send(message)


def _recorded(house: EngineHouse, job_id: uuid.UUID) -> set[str]:
    """The texts of the documents that have an outcome."""
    with house.database.tenant(house.tenant_id) as work:
        return set(work.session.scalars(_RECORDED, {"job": job_id}))
