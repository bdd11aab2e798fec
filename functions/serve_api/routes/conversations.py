"""/conversations: a user's own."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from census import bootstrap
from census.application.delete_conversation import delete_conversation
from census.application.list_conversations import conversation_to_json, list_conversations
from census.domain.cursor import DEFAULT_LIMIT
from census.lambda_support.http import caller_of, json_response, new_router, parse_id, work_of

from .bodies import NewConversationBody
from .inputs import ConversationId, CursorText, Limit, page_request
from .responses import described
from .shapes import ConversationShape, ConversationsShape

TAGS = ["conversations"]


def router() -> Router:
    """The operations on conversations."""
    api = new_router()

    @api.post(
        "/conversations",
        summary="Start a conversation",
        responses=described({201: ConversationShape}, 400, 415, 422),
        tags=TAGS,
        operation_id="start_conversation",
    )
    def post(body: Annotated[NewConversationBody | None, Body()] = None) -> Response[Any]:
        caller, title = caller_of(api.current_event), body.title if body else None
        with work_of(caller) as work:
            made = conversation_to_json(work.conversations.add(caller.user_id, title))
        return json_response(201, made, {"Location": f"/conversations/{made['id']}"})

    @api.get(
        "/conversations",
        summary="List your conversations, newest first",
        responses=described({200: ConversationsShape}, 422),
        tags=TAGS,
        operation_id="list_conversations",
    )
    def get_all(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> Response[Any]:
        caller, request = caller_of(api.current_event), page_request(limit, cursor)
        with work_of(caller) as work:
            return json_response(200, list_conversations(work, caller.user_id, request))

    @api.get(
        "/conversations/<conversation_id>",
        summary="One conversation",
        responses=described({200: ConversationShape}, 404),
        tags=TAGS,
        operation_id="get_conversation",
    )
    def get_one(conversation_id: ConversationId) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("conversation", conversation_id)
        with work_of(caller) as work:
            return json_response(200, conversation_to_json(work.conversations.get(caller.user_id, wanted)))

    @api.delete(
        "/conversations/<conversation_id>",
        summary="Delete a conversation with its messages and jobs",
        responses=described({204: None}, 404),
        tags=TAGS,
        operation_id="delete_conversation",
    )
    def delete(conversation_id: ConversationId) -> Response[Any]:
        caller, wanted = caller_of(api.current_event), parse_id("conversation", conversation_id)
        delete_conversation(bootstrap.database(), bootstrap.workflow(), caller, wanted)
        return Response(204, None, "")

    return api
