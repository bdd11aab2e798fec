"""Conversations, their messages, and the requests a user marked as one."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from census.domain.cursor import PageRequest
from census.domain.plan import JsonObject


@dataclass(frozen=True)
class ConversationRecord:
    """A user's conversation."""

    id: uuid.UUID
    title: str | None
    created_at: dt.datetime


@dataclass(frozen=True)
class MessageRecord:
    """A question (`user`) or an answer (`assistant`), whose content is null until its job ends."""

    id: uuid.UUID
    role: str
    content: str | None
    citations: Sequence[JsonObject] | None
    job_id: uuid.UUID | None
    created_at: dt.datetime


@dataclass(frozen=True)
class StoredRequest:
    """A marked request seen before: what it asked, by hash, and its answer."""

    request_hash: str
    response: JsonObject


class ConversationStore(Protocol):
    """Conversations of one tenant; each belongs to a user, and is unknown to the others."""

    def ensure_profile(self, user_id: uuid.UUID) -> None:
        """Make the user's profile unless there is one, in this tenant or another."""
        ...

    def add(self, user_id: uuid.UUID, title: str | None) -> ConversationRecord:
        """Start a conversation."""
        ...

    def get(self, user_id: uuid.UUID, conversation_id: uuid.UUID) -> ConversationRecord:
        """Raises NotFoundError."""
        ...

    def page(self, user_id: uuid.UUID, request: PageRequest) -> Sequence[ConversationRecord]:
        """Newest first by (created_at, id), at most `limit` + 1 rows: the last tells that more follow."""
        ...

    def delete(self, user_id: uuid.UUID, conversation_id: uuid.UUID) -> Sequence[str]:
        """Delete it with its messages and jobs; the executions that still run. Raises NotFoundError."""
        ...

    def messages(self, conversation_id: uuid.UUID, request: PageRequest) -> Sequence[MessageRecord]:
        """Oldest first by (created_at, id), at most `limit` + 1 rows: the last tells that more follow."""
        ...

    def add_question(self, conversation_id: uuid.UUID, content: str) -> MessageRecord:
        """The user's message; the conversation counts as touched."""
        ...

    def add_answer(
        self, conversation_id: uuid.UUID, content: str | None, citations: Sequence[JsonObject] | None
    ) -> MessageRecord:
        """The assistant's message, later than every message before it.

        Withdrawn at once where a document it cites was deleted while it was worded.
        """
        ...

    def link_job(self, message_id: uuid.UUID, job_id: uuid.UUID) -> None:
        """Note on an answer which job will give it."""
        ...

    def recent_plans(self, conversation_id: uuid.UUID, count: int) -> Sequence[JsonObject]:
        """The plans of the conversation's last jobs as JSON, newest first."""
        ...

    def kept_plan(self, key: str) -> JsonObject | None:
        """The plan kept for a question, by `question_key`."""
        ...

    def keep_plan(self, key: str, plan: JsonObject) -> None:
        """Keep the plan of a question, in place of an earlier one."""
        ...

    def claim_request(self, user_id: uuid.UUID, key: str, request_hash: str) -> StoredRequest | None:
        """Mark a request; None when it is new, else what is known of it.

        Waits while another transaction holds the same key, so of two at once the second gets the first
        one's answer.
        """
        ...

    def find_request(self, user_id: uuid.UUID, key: str) -> StoredRequest | None:
        """What is known of a marked request, without marking it."""
        ...

    def keep_response(self, user_id: uuid.UUID, key: str, response: JsonObject) -> None:
        """Keep the answer of a request marked in this transaction."""
        ...
