"""A user's conversations and what was said in them."""

import uuid

from census.domain.cursor import Cursor, PageRequest
from census.domain.pages import iso_utc, page_to_json
from census.domain.plan import JsonObject
from census.ports.conversation_store import ConversationRecord, MessageRecord
from census.ports.unit_of_work import TenantWork


def list_conversations(work: TenantWork, user_id: uuid.UUID, request: PageRequest) -> JsonObject:
    """A page of the user's conversations, newest first by (created_at, id)."""
    rows = work.conversations.page(user_id, request)
    return page_to_json(rows, request.limit, conversation_to_json, lambda row: Cursor(row.created_at, row.id))


def list_messages(
    work: TenantWork, user_id: uuid.UUID, conversation_id: uuid.UUID, request: PageRequest
) -> JsonObject:
    """A page of messages, oldest first by (created_at, id). Raises NotFoundError."""
    work.conversations.get(user_id, conversation_id)
    rows = work.conversations.messages(conversation_id, request)
    return page_to_json(rows, request.limit, message_to_json, lambda row: Cursor(row.created_at, row.id))


def conversation_to_json(conversation: ConversationRecord) -> JsonObject:
    """A conversation as api.md shows it."""
    return {
        "id": str(conversation.id),
        "title": conversation.title,
        "created_at": iso_utc(conversation.created_at),
    }


def message_to_json(message: MessageRecord) -> JsonObject:
    """A message as api.md shows it in a list."""
    return {**answer_to_json(message), "created_at": iso_utc(message.created_at)}


def answer_to_json(message: MessageRecord) -> JsonObject:
    """A message as the answer to a question shows it."""
    return {
        "id": str(message.id),
        "role": message.role,
        "content": message.content,
        "citations": None if message.citations is None else list(message.citations),
        "job_id": None if message.job_id is None else str(message.job_id),
    }
