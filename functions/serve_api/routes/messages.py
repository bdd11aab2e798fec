"""/conversations/{id}/messages: questions and their answers."""

import uuid
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header

from census import bootstrap
from census.application.ask_question import AskTools, Question, ask_question
from census.application.list_conversations import list_messages
from census.domain.cursor import DEFAULT_LIMIT
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .bodies import NewMessageBody, read_filters
from .inputs import ConversationId, CursorText, Limit, page_request
from .plans import read_plan
from .responses import described
from .shapes import AnsweredShape, AskedShape, MessagesShape

TAGS = ["messages"]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key with the same body gets the same answer; nothing is done twice.",
    ),
]


def router() -> Router:
    """The operations on messages."""
    api = new_router()

    @api.post(
        "/conversations/<conversation_id>/messages",
        summary="Ask: answered at once (201), or by a job over the whole collection (202)",
        responses=described({201: AnsweredShape, 202: AskedShape}, 400, 404, 409, 415, 422, 503),
        tags=TAGS,
        operation_id="ask_question",
    )
    def post(
        conversation_id: ConversationId, body: NewMessageBody, key: IdempotencyKey = None
    ) -> Response[Any]:
        question = _question(parse_id("conversation", conversation_id), body)
        reply = ask_question(_tools(), caller_of(api.current_event), question, key)
        return json_response(reply.status, reply.body, {"Location": reply.location} if reply.location else {})

    @api.get(
        "/conversations/<conversation_id>/messages",
        summary="What was said, oldest first",
        responses=described({200: MessagesShape}, 404, 422),
        tags=TAGS,
        operation_id="list_messages",
    )
    def get_all(
        conversation_id: ConversationId, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
    ) -> Response[Any]:
        caller, request = caller_of(api.current_event), page_request(limit, cursor)
        wanted = parse_id("conversation", conversation_id)
        with work_of(caller) as work:
            return json_response(200, list_messages(work, caller.user_id, wanted, request))

    return api


def _question(conversation_id: uuid.UUID, body: NewMessageBody) -> Question:
    return Question(
        conversation_id=conversation_id,
        content=body.content,
        route=body.route,
        filters=read_filters(body.filters),
        plan=None if body.plan is None else read_plan(body.plan),
        max_cost_usd=body.max_cost_usd,
        approve_above_usd=body.approve_above_usd,
    )


def _tools() -> AskTools:
    return AskTools(
        database=bootstrap.database(),
        language_model=bootstrap.language_model,
        embedder=bootstrap.embedder,
        vector_index=bootstrap.vector_index,
        workflow=bootstrap.workflow,
        reconcile_queue=bootstrap.reconcile_queue,
        price=bootstrap.price,
        embedding_price=bootstrap.embedding_price,
        deadline_seconds=bootstrap.settings().job_deadline_seconds,
    )
