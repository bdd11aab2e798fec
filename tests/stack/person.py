"""A person who uses Census over HTTP alone: sends documents, asks, waits for answers, reads rows."""

import json
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local.api_shapes import RESTING_JOB, Asked, FileRow, Job, Route
from infra.local.client import CensusClient
from infra.local.send_folder import follow_ingestion

JOB_SECONDS = 600.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of any status."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Person:
    """One user of one tenant at one stack; `name` is `user@tenant`."""

    def __init__(self, base_url: str, name: str) -> None:
        self.base_url = base_url
        self.name = name
        self.client = CensusClient(base_url, f"dev-{name}")

    @cached_property
    def conversation(self) -> str:
        """A conversation of this person's, started when first needed."""
        return self.client.start_conversation("Test")["id"]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request just as it is; an error status is an answer like any other."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_unredirected_header("Authorization", token or f"Bearer dev-{self.name}")
        for header, value in (headers or {}).items():
            request.add_header(header, value)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())

    def send(self, paths: Iterable[Path], stalled_seconds: float = 120.0) -> dict[str, FileRow]:
        """Upload files and wait until each was read or has failed; their rows by file name.

        One after another, so that the collection has the same order in every run.
        """
        wanted = [self.client.upload_file(path) for path in paths]
        rows = follow_ingestion(
            self.client, wanted, _ignore, poll_seconds=0.3, stalled_seconds=stalled_seconds
        )
        return {row["filename"]: row for row in rows}

    def send_texts(self, texts: Mapping[str, str | bytes]) -> dict[str, FileRow]:
        """Upload contents by file name."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in texts.items():
                data = text if isinstance(text, bytes) else text.encode()
                Path(folder, name).write_bytes(data)
            return self.send(sorted(Path(folder).iterdir()))

    def ask(self, question: str, *, route: Route = "auto") -> Asked:
        """Ask in the person's own conversation."""
        return self.client.ask(self.conversation, question, route=route)

    def ask_all(self, question: str) -> str:
        """Ask something of the whole collection; the id of the job."""
        asked = self.ask(question)
        job = asked.get("job")
        assert job is not None, asked
        return job["id"]

    def wait(self, job_id: str, seconds: float = JOB_SECONDS) -> Job:
        """The job once it rests. Fails when it does not in time."""
        deadline = time.monotonic() + seconds
        while True:
            job = self.client.job(job_id)
            if job["status"] in RESTING_JOB:
                return job
            assert time.monotonic() < deadline, f"not ended after {seconds:.0f} s: {job}"
            time.sleep(0.2)

    def answer(self, question: str, seconds: float = JOB_SECONDS) -> Job:
        """Ask something of the whole collection and wait for the job that answers."""
        return self.wait(self.ask_all(question), seconds)

    def texts(self) -> dict[str, str]:
        """The extracted text of every completed document, by id."""
        ids = [row["id"] for row in self.client.files("completed")]
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(lambda one: self.call("GET", f"/files/{one}/text"), ids)
            return {one: _text(answer) for one, answer in zip(ids, answers, strict=True)}


def somebody(base_url: str) -> Person:
    """A new user of a new tenant."""
    return Person(base_url, f"ann@{uuid.uuid4().hex[:12]}")


def _text(answer: Answer) -> str:
    assert answer.status == 200, answer
    return answer.body.decode("utf-8")


def _ignore(done: int, total: int) -> None:
    """Nobody watches the progress of a test."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
