"""Ingestion: pace of extraction, statements and requests a document, memory over 500 documents, listing."""

import gc
import logging
import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer
from sqlalchemy import event

from census.adapters.aws_clients import aws_client
from infra.local.postgres import DATABASE
from tests.bench import extraction, listing
from tests.database.servers import running
from tests.extraction.files import pdf
from tests.ingest.house import BUCKET, House

DOCUMENTS = 500
WARM_UP = 60
MOST_GROWTH = 20 * 1024 * 1024
MOST_STATEMENTS = 18
"""A document of a few passages, the one that binds each transaction counted in."""
MOST_REQUESTS = 1
"""A document: its object is read. Events and messages come to the worker, it does not fetch them."""

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}


def run() -> list[str]:
    """Print the figures; what fell short."""
    missed = extraction.run()
    with running(18) as server, ExitStack() as closing:
        _start_cloud(closing)
        missed += _ingest(server.url(DATABASE))
        missed += listing.run(server.url(DATABASE))
    return missed


def _start_cloud(closing: ExitStack) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    closing.callback(server.stop)
    host, port = server.get_host_and_port()
    os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=f"http://{host}:{port}")
    aws_client.cache_clear()
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def _ingest(url: str) -> list[str]:
    """Ingest documents that all differ, counting after the warm-up."""
    house, counts = House(url), Counter[str]()
    event.listen(house.database.engine, "before_cursor_execute", lambda *_: counts.update(["statements"]))
    _count_requests(counts)
    for number in range(WARM_UP):
        _add(house, number, Counter())
    before, worked = _resident(), Counter[str]()
    for number in range(WARM_UP, WARM_UP + DOCUMENTS):
        _add(house, number, worked, counts)
    growth = _resident() - before
    statements, requests = worked["statements"] / DOCUMENTS, worked["requests"] / DOCUMENTS
    print(
        f"   a document: {statements:.1f} SQL statements, {requests:.1f} HTTP requests; "
        f"{DOCUMENTS} documents: {growth / 1e6:+.1f} MB in this process"
    )
    missed = []
    if statements > MOST_STATEMENTS or requests > MOST_REQUESTS:
        missed.append(f"{statements:.1f} statements and {requests:.1f} requests a document")
    if growth > MOST_GROWTH:
        missed.append(f"{growth / 1e6:.1f} MB more after {DOCUMENTS} documents")
    return missed


def _add(house: House, number: int, worked: Counter[str], counts: Counter[str] | None = None) -> None:
    """One document; what announcing and uploading it takes is not counted, for others do that."""
    file_id = house.announce(f"{number}.pdf")
    body = house.upload(
        file_id, pdf([[f"Agreement number {number}, page {page}."] * 20 for page in range(3)])
    )
    before = Counter(counts or {})
    house.deliver(body, f"m{number}")
    worked.update(Counter(counts or {}) - before)
    house.doors.passed.clear()


def _count_requests(counts: Counter[str]) -> None:
    def count(**_: Any) -> None:
        counts.update(["requests"])

    aws_client("s3").meta.events.register("before-send.s3", count)


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
