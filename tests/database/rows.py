"""Plain rows for tests that look at the schema itself, as census_app."""

import uuid
from dataclasses import dataclass

from sqlalchemy import text

from census.adapters.postgres.database import PostgresDatabase

TENANT, OTHER = uuid.UUID(int=0xA), uuid.UUID(int=0xB)


@dataclass(frozen=True)
class Asked:
    """A conversation with a question and its job."""

    user: uuid.UUID
    conversation: uuid.UUID
    message: uuid.UUID
    job: uuid.UUID


def one(database: PostgresDatabase, statement: str, tenant: uuid.UUID = TENANT, **values: object) -> object:
    """The single value a statement gives, as census_app for `tenant`."""
    with database.tenant(tenant) as work:
        return work.session.execute(text(statement), values).scalar_one_or_none()


def run(database: PostgresDatabase, statement: str, tenant: uuid.UUID = TENANT, **values: object) -> int:
    """Run a statement as census_app for `tenant`; the number of rows it touched."""
    with database.tenant(tenant) as work:
        return int(work.session.execute(text(statement), values).rowcount)  # type: ignore[attr-defined]


def add_user(database: PostgresDatabase, tenant: uuid.UUID = TENANT) -> uuid.UUID:
    user = uuid.uuid4()
    run(database, "INSERT INTO profiles (user_id) VALUES (:user)", tenant, user=user)
    return user


def add_asked(database: PostgresDatabase, tenant: uuid.UUID = TENANT) -> Asked:
    user = add_user(database, tenant)
    conversation, message, job = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    ids = {"user": user, "conversation": conversation, "message": message, "job": job}
    for statement in (
        "INSERT INTO conversations (id, user_id) VALUES (:conversation, :user)",
        "INSERT INTO messages (id, conversation_id, role, content) VALUES (:message, "
        ":conversation, 'user', 'q')",
        "INSERT INTO processing_jobs (id, user_id, conversation_id, message_id, job_type, user_query)"
        " VALUES (:job, :user, :conversation, :message, 'aggregation', 'q')",
        "UPDATE messages SET job_id = :job WHERE id = :message",
    ):
        needed = {name: value for name, value in ids.items() if f":{name}" in statement}
        run(database, statement, tenant, **needed)
    return Asked(**ids)


def add_file(database: PostgresDatabase, tenant: uuid.UUID = TENANT, **columns: object) -> uuid.UUID:
    """A file; `columns` are literal SQL expressions."""
    user, file = add_user(database, tenant), uuid.uuid4()
    names = ["id", "user_id", "filename", *columns]
    values = [f"'{file}'", f"'{user}'", "'a.txt'", *map(str, columns.values())]
    run(database, f"INSERT INTO knowledge_files ({', '.join(names)}) VALUES ({', '.join(values)})", tenant)
    return file
