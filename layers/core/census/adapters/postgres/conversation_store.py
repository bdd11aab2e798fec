"""Conversations in PostgreSQL. Implements census.ports.conversation_store.ConversationStore."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from census.adapters.postgres.models import (
    NOW,
    Conversation,
    IdempotencyKey,
    KeptPlan,
    Message,
    ProcessingJob,
    Profile,
)
from census.domain.citations import DELETED_QUOTE, WITHDRAWN_ANSWER
from census.domain.cursor import PageRequest
from census.domain.errors import NotFoundError
from census.domain.plan import JsonObject
from census.ports.conversation_store import ConversationRecord, MessageRecord, StoredRequest

_CONVERSATION = (Conversation.id, Conversation.title, Conversation.created_at)
_MESSAGE = (
    Message.id,
    Message.role,
    Message.content,
    Message.citations,
    Message.job_id,
    Message.created_at,
)
_HOLD_SOURCES = tuple(
    f"SELECT id FROM {table} WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY id FOR KEY SHARE"
    for table in ("knowledge_files", "scraped_contents")
)
_RUNNING_EXECUTION = case((ProcessingJob.completed_at.is_(None), ProcessingJob.execution_arn))
_TICK = dt.timedelta(microseconds=1)


class PostgresConversationStore:
    """Conversations of one tenant within one transaction."""

    def __init__(self, session: Session, tenant_id: uuid.UUID) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def ensure_profile(self, user_id: uuid.UUID) -> None:
        """See the port. A profile made in another tenant is invisible here, and yet in the way."""
        self._session.execute(upsert(Profile).values(user_id=user_id).on_conflict_do_nothing())

    def add(self, user_id: uuid.UUID, title: str | None) -> ConversationRecord:
        """See the port."""
        row = self._session.execute(
            insert(Conversation).values(user_id=user_id, title=title).returning(*_CONVERSATION)
        ).one()
        return _conversation(row)

    def get(self, user_id: uuid.UUID, conversation_id: uuid.UUID) -> ConversationRecord:
        """See the port."""
        row = self._session.execute(
            select(*_CONVERSATION).where(self._is(user_id, conversation_id))
        ).one_or_none()
        if row is None:
            raise NotFoundError("conversation", conversation_id)
        return _conversation(row)

    def page(self, user_id: uuid.UUID, request: PageRequest) -> Sequence[ConversationRecord]:
        """See the port."""
        key = tuple_(Conversation.created_at, Conversation.id)
        query = (
            select(*_CONVERSATION)
            .where(Conversation.tenant_id == self._tenant_id, Conversation.user_id == user_id)
            .order_by(Conversation.created_at.desc(), Conversation.id.desc())
        )
        if request.after is not None:
            query = query.where(key < tuple_(literal(request.after.at), literal(request.after.id)))
        return [_conversation(row) for row in self._session.execute(query.limit(request.limit + 1))]

    def delete(self, user_id: uuid.UUID, conversation_id: uuid.UUID) -> Sequence[str]:
        """See the port. Jobs and messages refer to each other, so one reference is cut first."""
        self.get(user_id, conversation_id)
        of_it = (ProcessingJob.tenant_id == self._tenant_id, ProcessingJob.conversation_id == conversation_id)
        running = self._session.scalars(
            update(ProcessingJob).where(*of_it).values(message_id=None).returning(_RUNNING_EXECUTION)
        ).all()
        for statement in (
            delete(Message).where(self._in(conversation_id)),
            delete(ProcessingJob).where(*of_it),
            delete(Conversation).where(self._is(user_id, conversation_id)),
        ):
            self._session.execute(statement)
        return [arn for arn in running if arn is not None]

    def messages(self, conversation_id: uuid.UUID, request: PageRequest) -> Sequence[MessageRecord]:
        """See the port."""
        query = select(*_MESSAGE).where(self._in(conversation_id)).order_by(Message.created_at, Message.id)
        if request.after is not None:
            after = tuple_(literal(request.after.at), literal(request.after.id))
            query = query.where(tuple_(Message.created_at, Message.id) > after)
        return [_message(row) for row in self._session.execute(query.limit(request.limit + 1))]

    def add_question(self, conversation_id: uuid.UUID, content: str) -> MessageRecord:
        """See the port."""
        self._session.execute(
            update(Conversation)
            .where(Conversation.tenant_id == self._tenant_id, Conversation.id == conversation_id)
            .values(updated_at=NOW)
        )
        return self._add_message(conversation_id, role="user", content=content)

    def add_answer(
        self, conversation_id: uuid.UUID, content: str | None, citations: Sequence[JsonObject] | None
    ) -> MessageRecord:
        """See the port."""
        kept = None if citations is None else list(citations)
        if kept and (gone := self._deleted(kept)):
            content = WITHDRAWN_ANSWER
            kept = [one | {"quote": DELETED_QUOTE} if one["source_id"] in gone else one for one in kept]
        return self._add_message(conversation_id, role="assistant", content=content, citations=kept)

    def _deleted(self, citations: Sequence[JsonObject]) -> set[str]:
        """Cited documents that are gone. A deletion of the others waits for our commit and finds us."""
        cited = {str(one["source_id"]) for one in citations}
        values = {"tenant": self._tenant_id, "ids": sorted(cited)}
        held = [self._session.execute(text(statement), values).scalars() for statement in _HOLD_SOURCES]
        return cited - {str(one) for ids in held for one in ids}

    def _add_message(self, conversation_id: uuid.UUID, **values: Any) -> MessageRecord:
        """The time is the clock's, not the transaction's, and later than that of every message before it."""
        latest = select(func.max(Message.created_at) + _TICK).where(self._in(conversation_id))
        moment = func.greatest(func.clock_timestamp(), latest.scalar_subquery())
        if values.get("citations") is None:
            values.pop("citations", None)
        row = self._session.execute(
            insert(Message)
            .values(conversation_id=conversation_id, created_at=moment, **values)
            .returning(*_MESSAGE)
        ).one()
        return _message(row)

    def link_job(self, message_id: uuid.UUID, job_id: uuid.UUID) -> None:
        """See the port."""
        self._session.execute(
            update(Message)
            .where(Message.tenant_id == self._tenant_id, Message.id == message_id)
            .values(job_id=job_id)
        )

    def recent_plans(self, conversation_id: uuid.UUID, count: int) -> Sequence[JsonObject]:
        """See the port."""
        plans = self._session.scalars(
            select(ProcessingJob.intent_data)
            .where(
                ProcessingJob.tenant_id == self._tenant_id,
                ProcessingJob.conversation_id == conversation_id,
                func.jsonb_typeof(ProcessingJob.intent_data) == "object",
            )
            .order_by(ProcessingJob.created_at.desc(), ProcessingJob.id.desc())
            .limit(count)
        )
        return [plan for plan in plans if isinstance(plan, dict)]

    def kept_plan(self, key: str) -> JsonObject | None:
        """See the port."""
        plan = self._session.scalar(select(KeptPlan.plan).where(self._plan_of(key)))
        return plan if isinstance(plan, dict) else None

    def keep_plan(self, key: str, plan: JsonObject) -> None:
        """See the port."""
        kept = upsert(KeptPlan).values(question_key=key, plan=plan)
        renewed = kept.on_conflict_do_update(
            index_elements=[KeptPlan.tenant_id, KeptPlan.question_key], set_={"plan": plan, "created_at": NOW}
        )
        self._session.execute(renewed)

    def _plan_of(self, key: str) -> ColumnElement[bool]:
        return and_(KeptPlan.tenant_id == self._tenant_id, KeptPlan.question_key == key)

    def claim_request(self, user_id: uuid.UUID, key: str, request_hash: str) -> StoredRequest | None:
        """See the port. The unique index makes the second of two wait for the first one's end."""
        claimed = self._session.execute(
            upsert(IdempotencyKey)
            .values(user_id=user_id, key=key, request_hash=request_hash)
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).one_or_none()
        return None if claimed is not None else self.find_request(user_id, key)

    def find_request(self, user_id: uuid.UUID, key: str) -> StoredRequest | None:
        """See the port."""
        row = self._session.execute(
            select(IdempotencyKey.request_hash, IdempotencyKey.response).where(self._marked(user_id, key))
        ).one_or_none()
        if row is None or not isinstance(row.response, dict):
            return None
        return StoredRequest(row.request_hash, row.response)

    def keep_response(self, user_id: uuid.UUID, key: str, response: JsonObject) -> None:
        """See the port."""
        self._session.execute(
            update(IdempotencyKey).where(self._marked(user_id, key)).values(response=response)
        )

    def _is(self, user_id: uuid.UUID, conversation_id: uuid.UUID) -> ColumnElement[bool]:
        return and_(
            Conversation.tenant_id == self._tenant_id,
            Conversation.user_id == user_id,
            Conversation.id == conversation_id,
        )

    def _in(self, conversation_id: uuid.UUID) -> ColumnElement[bool]:
        return and_(Message.tenant_id == self._tenant_id, Message.conversation_id == conversation_id)

    def _marked(self, user_id: uuid.UUID, key: str) -> ColumnElement[bool]:
        return and_(
            IdempotencyKey.tenant_id == self._tenant_id,
            IdempotencyKey.user_id == user_id,
            IdempotencyKey.key == key,
        )


def _conversation(row: Any) -> ConversationRecord:
    return ConversationRecord(id=row.id, title=row.title, created_at=row.created_at)


def _message(row: Any) -> MessageRecord:
    return MessageRecord(
        id=row.id,
        role=row.role,
        content=row.content,
        citations=row.citations,
        job_id=row.job_id,
        created_at=row.created_at,
    )
