"""Ask: answered at once where a few passages or a count of rows suffice, else by a job over the collection.

Model calls happen outside of transactions, and each is charged to the user as soon as it is made. One
transaction then writes the question, the answer (or the job that will give it, and takes the charge over) and
the Idempotency-Key, so that a request is either done or never was.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from census.application.answer_lookup import LookupTools, answer_lookup
from census.application.answer_metadata import answer_metadata
from census.application.charge_usage import charge_embedding, charge_now, hand_to_job
from census.application.check_budget import check_budget
from census.application.choose_route import ChosenRoute, choose_route, with_filters
from census.application.describe_job import describe_job
from census.application.list_conversations import answer_to_json
from census.application.open_job import open_job
from census.application.plan_question import PLANS_REMEMBERED, plan_question, plans_from_json
from census.application.start_job import start_job
from census.domain.errors import FieldProblem, FieldsInvalidError, IdempotencyConflictError
from census.domain.identity import Caller, sha256
from census.domain.plan import Filters, JsonObject, Plan
from census.domain.plan_codec import filters_to_json, plan_to_json
from census.domain.routing import Route, Routing
from census.ports.conversation_store import StoredRequest
from census.ports.embedder import Embedder
from census.ports.job_store import JobQuestion
from census.ports.language_model import LanguageModel, LanguageModelError, PlanReply, PlanRequest, Usage
from census.ports.queue import Queue
from census.ports.unit_of_work import Database, TenantWork
from census.ports.vector_index import VectorIndex
from census.ports.workflow import Workflow


@dataclass(frozen=True)
class Question:
    """A question as asked; `route` is `auto`, `lookup` or `collection`; a `plan` is never planned anew."""

    conversation_id: uuid.UUID
    content: str
    route: str = "auto"
    filters: Filters = field(default_factory=Filters)
    plan: Plan | None = None
    max_cost_usd: Decimal | None = None
    approve_above_usd: Decimal | None = None

    @property
    def fingerprint(self) -> str:
        """Hash of all of it: the same key with another fingerprint is another request."""
        asked = {
            **{name: str(value) for name, value in vars(self).items()},
            "filters": filters_to_json(self.filters),
            "plan": plan_to_json(self.plan) if self.plan else None,
        }
        return sha256(json.dumps(asked, sort_keys=True))


@dataclass(frozen=True)
class AskTools:
    """What asking needs of the world; what is not always needed is built when it is."""

    database: Database
    language_model: Callable[[], LanguageModel]
    embedder: Callable[[], Embedder]
    vector_index: Callable[[], VectorIndex]
    workflow: Callable[[], Workflow]
    reconcile_queue: Callable[[], Queue]
    price: Callable[[Usage], Decimal]
    embedding_price: Callable[[Usage], Decimal]
    deadline_seconds: int

    def priced_model(self) -> LanguageModel:
        """The model, if it has a price: one without is told before a call, not after it was paid.

        Raises UnknownPriceError.
        """
        self.price(Usage())
        return self.language_model()


@dataclass(frozen=True)
class Reply:
    """What HTTP answers: 201 with the answer, or 202 with the job at `location`."""

    status: int
    body: JsonObject
    location: str | None = None

    def to_json(self) -> JsonObject:
        """As it is kept with an Idempotency-Key."""
        return {"status": self.status, "body": self.body, "location": self.location}


@dataclass(frozen=True)
class _Draft:
    """What will be written: an answer, or a job with its plan, where there is one, and what planning cost."""

    routing: Routing
    content: str | None = None
    citations: tuple[JsonObject, ...] | None = None
    plan: Plan | None = None
    planning: Usage = field(default_factory=Usage)


def ask_question(tools: AskTools, caller: Caller, question: Question, key: str | None = None) -> Reply:
    """Answer, or open a job. With `key`, the same question again gets the same reply and does nothing.

    What the model's calls cost is charged whatever comes of them; with a budget used up there is none. Raises
    NotFoundError (conversation), FieldsInvalidError, IdempotencyConflictError, UnavailableError,
    BudgetUsedUpError, UnknownPriceError, LanguageModelError.
    """
    with tools.database.tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        known = work.conversations.find_request(caller.user_id, key) if key else None
        if known is not None:
            return _replayed(known, question)
        work.conversations.get(caller.user_id, question.conversation_id)
        earlier = work.conversations.recent_plans(question.conversation_id, PLANS_REMEMBERED)
    try:
        draft = _draft(tools, caller, question, _route(tools, caller, question, earlier))
    except LanguageModelError as error:
        charge_now(tools.database, tools.price, caller, error.usage)
        raise
    reply, job_id = _write(tools, caller, question, draft, key)
    if job_id is not None:
        start_job(tools.database, tools.workflow(), tools.reconcile_queue(), caller.tenant_id, job_id)
    return reply


def _route(tools: AskTools, caller: Caller, question: Question, earlier: Sequence[JsonObject]) -> ChosenRoute:
    if question.plan is not None:
        if question.route == Route.LOOKUP:
            raise FieldsInvalidError([FieldProblem("plan", "does not go with route lookup")])
        return ChosenRoute(
            Routing(Route.COLLECTION, "Whole collection: you gave a plan."), plan=question.plan
        )

    def plan(forced: bool) -> PlanReply:
        _check_budget(tools, caller)
        request = PlanRequest(question.content, plans_from_json(earlier), forced)
        return plan_question(tools.database, tools.priced_model(), caller.tenant_id, request)

    chosen = choose_route(question.content, question.route, plan)
    charge_now(tools.database, tools.price, caller, chosen.usage)
    if question.filters != Filters() and chosen.routing.route in (Route.LOOKUP, Route.METADATA):
        wanted = (
            "filters apply to questions over the whole collection; set route to collection, or leave them out"
        )
        raise FieldsInvalidError([FieldProblem("filters", wanted)])
    return chosen


def _check_budget(tools: AskTools, caller: Caller) -> None:
    with tools.database.tenant(caller.tenant_id) as work:
        check_budget(work, caller.user_id)


def _draft(tools: AskTools, caller: Caller, question: Question, chosen: ChosenRoute) -> _Draft:
    match chosen.routing.route:
        case Route.COLLECTION:
            plan = with_filters(chosen.plan, question.filters) if chosen.plan else None
            return _Draft(chosen.routing, plan=plan, planning=chosen.usage)
        case Route.CLARIFICATION:
            return _Draft(chosen.routing, content=chosen.clarification)
        case Route.METADATA:
            with tools.database.tenant(caller.tenant_id) as work:
                return _Draft(chosen.routing, content=answer_metadata(work))
        case Route.LOOKUP:
            _check_budget(tools, caller)
            found = answer_lookup(_lookup_tools(tools, caller), caller.tenant_id, question.content)
            charge_now(tools.database, tools.price, caller, found.usage)
            citations = tuple(citation.to_json() for citation in found.citations)
            return _Draft(chosen.routing, content=found.content, citations=citations)


def _lookup_tools(tools: AskTools, caller: Caller) -> LookupTools:
    charge = partial(charge_embedding, tools.database, tools.embedding_price, caller)
    return LookupTools(tools.database, tools.priced_model(), tools.embedder(), tools.vector_index(), charge)


def _write(
    tools: AskTools, caller: Caller, question: Question, draft: _Draft, key: str | None
) -> tuple[Reply, uuid.UUID | None]:
    """The reply, and the job to start if this very call opened one."""
    with tools.database.tenant(caller.tenant_id) as work:
        known = _claim(work, caller, question, key)
        if known is not None:
            return _replayed(known, question), None
        work.conversations.get(caller.user_id, question.conversation_id)
        work.conversations.add_question(question.conversation_id, question.content)
        answer = work.conversations.add_answer(question.conversation_id, draft.content, draft.citations)
        message = answer_to_json(answer)
        route = {"kind": draft.routing.route.value, "reason": draft.routing.reason}
        job_id = None
        reply = Reply(201, {"message": message, "route": route})
        if draft.routing.route is Route.COLLECTION:
            job_id = _open(tools, work, caller, question, draft, answer.id)
        if job_id is not None:
            hand_to_job(work, tools.price, caller.user_id, draft.planning, job_id)
            job = describe_job(work, caller.user_id, job_id)
            body = {"message": {**message, "job_id": str(job_id)}, "route": route, "job": job}
            reply = Reply(202, body, f"/jobs/{job_id}")
        if key is not None:
            work.conversations.keep_response(caller.user_id, key, reply.to_json())
        return reply, job_id


def _claim(work: TenantWork, caller: Caller, question: Question, key: str | None) -> StoredRequest | None:
    return work.conversations.claim_request(caller.user_id, key, question.fingerprint) if key else None


def _open(
    tools: AskTools,
    work: TenantWork,
    caller: Caller,
    question: Question,
    draft: _Draft,
    message_id: uuid.UUID,
) -> uuid.UUID:
    asked = JobQuestion(
        user_id=caller.user_id,
        conversation_id=question.conversation_id,
        message_id=message_id,
        question=question.content,
        plan=draft.plan,
        filters=question.filters,
        max_cost_usd=question.max_cost_usd,
        approve_above_usd=question.approve_above_usd,
    )
    job_id = open_job(work, asked, tools.deadline_seconds)
    work.conversations.link_job(message_id, job_id)
    return job_id


def _replayed(known: StoredRequest, question: Question) -> Reply:
    if known.request_hash != question.fingerprint:
        raise IdempotencyConflictError(
            "This Idempotency-Key was used for another request; take a new key for a new question."
        )
    kept = known.response
    return Reply(kept["status"], kept["body"], kept["location"])
