"""A house to ingest in: real Postgres, S3 over HTTP, the real extractor and embedder, a queue one can read.

Every step of ingestion passes a door (`doors.pass_through(step)`), where a test can let the worker die or a
service be down.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from sqlalchemy import text

from census.adapters.aws_clients import aws_client
from census.adapters.hashed_embedder import RUN, HashedEmbedder
from census.adapters.pgvector_vector_index import PgvectorVectorIndex
from census.adapters.postgres.database import PostgresDatabase
from census.adapters.postgres.work import PostgresSystemWork, PostgresTenantWork
from census.adapters.s3_object_store import S3ObjectStore
from census.adapters.subprocess_archive_reader import SubprocessArchiveReader
from census.adapters.subprocess_text_extractor import SubprocessTextExtractor
from census.application.ingest_file import Ingestion, ingest_message
from census.application.make_text import TextMaking
from census.domain.extracted_text import ExtractedText
from census.domain.identity import upload_key
from census.domain.plan import JsonObject
from census.domain.upload_events import reminder
from census.ports.embedder import Embedded
from census.ports.file_store import NewFile
from census.ports.vector_index import PassageId, PassageVectorEntry, VectorIndex
from tests.prices import free

BUCKET = "census-documents"
LIFETIME_SECONDS = 60.0


class WorkerDiedError(BaseException):
    """Nobody may catch this: it stands for a process that is gone."""


@dataclass
class Doors:
    """Where something can happen. `at` maps a step to what happens there, once or as often as it says.

    `embedded_at_once`: passages that are embedded by one request.
    """

    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    embedded_at_once: int = RUN

    def pass_through(self, step: str) -> None:
        self.passed.append(step)
        if step in self.at:
            self.at[step]()

    def die_at(self, step: str) -> None:
        """The worker dies there, once."""
        self.raise_at(step, WorkerDiedError())

    def raise_at(self, step: str, error: BaseException, times: int = 1) -> None:
        """The next `times` workers meet `error` there."""
        left = [times]

        def happen() -> None:
            if left[0]:
                left[0] -= 1
                raise error

        self.at[step] = happen


@dataclass
class SentMessages:
    """A queue in memory that shows what was sent. Implements census.ports.queue.Queue."""

    sent: list[tuple[JsonObject, int]] = field(default_factory=list)

    def send(self, message: JsonObject, delay_seconds: int = 0) -> str:
        self.sent.append((message, delay_seconds))
        return f"message-{len(self.sent)}"

    def send_many(self, messages: Sequence[JsonObject]) -> int:
        for message in messages:
            self.send(message)
        return len(messages)

    def is_empty(self) -> bool:
        return not self.sent


@dataclass
class DoorDatabase:
    """Transactions with a door before each commit and one after."""

    real: PostgresDatabase
    doors: Doors
    count: int = 0

    @contextmanager
    def tenant(self, tenant_id: uuid.UUID) -> Iterator[PostgresTenantWork]:
        self.count += 1
        number = self.count
        with self.real.tenant(tenant_id) as work:
            yield work
            self.doors.pass_through(f"before commit {number}")
        self.doors.pass_through(f"after commit {number}")

    def system(self) -> AbstractContextManager[PostgresSystemWork]:
        return self.real.system()


@dataclass
class DoorObjects(S3ObjectStore):
    """The bucket, with a door before and after a download."""

    doors: Doors

    def __post_init__(self) -> None:
        super().__init__(BUCKET)

    def download(self, key: str, version: str | None, target: Path) -> None:
        self.doors.pass_through("before download")
        super().download(key, version, target)
        self.doors.pass_through("after download")

    def is_there(self, key: str) -> bool:
        self.doors.pass_through("before look")
        return super().is_there(key)

    def put_file(self, key: str, path: Path) -> None:
        self.doors.pass_through("before put")
        super().put_file(key, path)
        self.doors.pass_through("after put")


@dataclass
class DoorExtractor:
    """The real extractor, with doors."""

    doors: Doors

    def extract(self, source: Path | bytes, filename: str, content_type: str | None = None) -> ExtractedText:
        self.doors.pass_through("before extract")
        extracted = SubprocessTextExtractor().extract(source, filename, content_type)
        self.doors.pass_through("after extract")
        return extracted


@dataclass
class DoorEmbedder(HashedEmbedder):
    """The built-in embedder, with doors."""

    doors: Doors

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.doors.pass_through("before embed")
        vectors = super().embed(texts)
        self.doors.pass_through("after embed")
        return vectors

    def runs(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """As many at once as the doors let through."""
        most = self.doors.embedded_at_once
        return (list(texts[first : first + most]) for first in range(0, len(texts), most))


class DoorVectors:
    """A real index, with doors."""

    def __init__(self, real: VectorIndex, doors: Doors) -> None:
        self.real = real
        self.doors = doors
        self.verify, self.search, self.fetch, self.stored = real.verify, real.search, real.fetch, real.stored

    def upsert(self, tenant_id: uuid.UUID, embedder: str, entries: Sequence[PassageVectorEntry]) -> None:
        self.doors.pass_through("before upsert")
        self.real.upsert(tenant_id, embedder, entries)
        self.doors.pass_through("after upsert")

    def await_searchable(self, tenant_id: uuid.UUID, embedder: str, last: PassageId) -> None:
        self.doors.pass_through("before wait")
        self.real.await_searchable(tenant_id, embedder, last)

    def delete_text(self, tenant_id: uuid.UUID, text_id: uuid.UUID, embedder: str | None = None) -> int:
        self.doors.pass_through("before delete")
        count = self.real.delete_text(tenant_id, text_id, embedder)
        self.doors.pass_through("after delete")
        return count


class House:
    """One tenant's files, and a worker to ingest them."""

    def __init__(
        self, url: str, tenant_id: uuid.UUID | None = None, vectors: VectorIndex | None = None
    ) -> None:
        self.database = PostgresDatabase(url)
        self.tenant_id = tenant_id or uuid.uuid4()
        self.doors = Doors()
        self.queue = SentMessages()
        self.vectors = DoorVectors(vectors or PgvectorVectorIndex(self.database), self.doors)
        self._sequence = 0

    def ingestion(self) -> Ingestion:
        making = TextMaking(
            DoorDatabase(self.database, self.doors),
            DoorExtractor(self.doors),
            DoorEmbedder(self.doors),
            self.vectors,
            free,
        )
        return Ingestion(making, DoorObjects(self.doors), self.queue, SubprocessArchiveReader())

    def announce(
        self, filename: str = "note.txt", *, size: int | None = None, replaces: uuid.UUID | None = None
    ) -> uuid.UUID:
        """What POST /files does."""
        file_id = uuid.uuid4()
        user = {"user": self.tenant_id}
        new = NewFile(
            file_id,
            self.tenant_id,
            filename,
            None,
            size,
            replaces,
            (),
            upload_key(self.tenant_id, file_id),
            900,
        )
        with self.database.tenant(self.tenant_id) as work:
            profile = "INSERT INTO profiles (user_id) VALUES (:user) ON CONFLICT DO NOTHING"
            work.session.execute(text(profile), user)
            work.files.add(new)
        return file_id

    def upload(self, file_id: uuid.UUID, data: bytes) -> str:
        """What the browser and S3 do: the object, and the event as S3 writes it."""
        key = upload_key(self.tenant_id, file_id)
        stored = aws_client("s3").put_object(Bucket=BUCKET, Key=key, Body=data)
        self._sequence += 1
        return s3_event(key, len(data), stored["VersionId"], f"{self._sequence:016X}")

    def deliver(self, body: str, message_id: str = "m1", *, seconds: float = LIFETIME_SECONDS) -> None:
        """What the queue does: one message to one worker that has `seconds` to live."""
        ingest_message(self.ingestion(), body, message_id, lambda: seconds)

    def files_of(self, archive_id: uuid.UUID) -> dict[str, dict[str, Any]]:
        """The rows that came out of an archive, by their paths in it."""
        prefix = self.row(archive_id)["filename"] + "/"
        with self.database.tenant(self.tenant_id) as work:
            ids = work.session.execute(
                text("SELECT id FROM knowledge_files WHERE starts_with(filename, :prefix) ORDER BY filename"),
                {"prefix": prefix},
            ).scalars()
            found = list(ids)
        rows = [self.row(file_id) for file_id in found]
        return {row["filename"].removeprefix(prefix): row for row in rows}

    def report_objects(self, archive_id: uuid.UUID) -> None:
        """What S3 does: an event for the newest version of each object that came out of an archive."""
        for row in self.files_of(archive_id).values():
            key = upload_key(self.tenant_id, row["id"])
            listed = aws_client("s3").list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions", [])
            for version in listed[:1]:
                self._sequence += 1
                event = s3_event(key, version["Size"], version["VersionId"], f"{self._sequence:016X}")
                self.deliver(event, f"event-{row['id']}")

    def deliver_sent(self) -> None:
        """Deliver all that was sent to the queue, at once."""
        waiting, self.queue.sent = self.queue.sent, []
        for number, (message, _) in enumerate(waiting):
            self.deliver(json.dumps(message), f"sent-{number}")

    def remind(self, file_id: uuid.UUID, message_id: str = "r1") -> None:
        self.deliver(json.dumps(reminder(self.tenant_id, file_id)), message_id)

    def add(self, data: bytes, filename: str = "note.txt", **announced: Any) -> uuid.UUID:
        """A file announced, uploaded and ingested."""
        file_id = self.announce(filename, **announced)
        self.deliver(self.upload(file_id, data), f"m-{file_id}")
        return file_id

    def row(self, file_id: uuid.UUID) -> dict[str, Any]:
        """The file's row; its processing_error as parsed JSON."""
        with self.database.tenant(self.tenant_id) as work:
            found = work.session.execute(
                text("SELECT * FROM knowledge_files WHERE id = :id"), {"id": file_id}
            ).mappings()
            row = dict(found.one())
        row["error"] = json.loads(row["processing_error"]) if row["processing_error"] else None
        return row

    def exists(self, file_id: uuid.UUID) -> bool:
        with self.database.tenant(self.tenant_id) as work:
            return work.files.exists(file_id)

    def count(self, table: str) -> int:
        """Rows of the tenant in a table."""
        with self.database.tenant(self.tenant_id) as work:
            return int(work.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def find(self, words: str) -> list[str]:
        """The texts of the passages that a reader finds."""
        with self.database.tenant(self.tenant_id) as work:
            near = work.texts.search(words, 10)
            return [one.text for one in work.texts.passages([one.passage for one in near])]

    def change(self, file_id: uuid.UUID, assignments: str) -> None:
        """Set columns of the row, as time or another worker would."""
        with self.database.system() as work:
            work.session.execute(
                text(f"UPDATE knowledge_files SET {assignments} WHERE id = :id"), {"id": file_id}
            )

    def let_claim_expire(self, file_id: uuid.UUID) -> None:
        self.change(file_id, "claimed_until = now() - interval '1 second'")


def s3_event(
    key: str, size: int, version: str | None, sequencer: str | None, name: str = "ObjectCreated:Post"
) -> str:
    """An event notification with one record."""
    found = {"key": quote_plus(key, safe="/"), "size": size, "versionId": version, "sequencer": sequencer}
    when = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    known = {name: value for name, value in found.items() if value is not None}
    return json.dumps({"Records": [{"eventName": name, "eventTime": when, "s3": {"object": known}}]})
