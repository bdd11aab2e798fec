"""Each function may do its own work on the things it works on: no queue too few, no folder too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from infra.gates.access_checks import allowed_resources
from infra.gates.application import Application

BUCKET, UPLOADS, EXPORTS = "documentsbucket", "documentsbucket/uploads/*", "documentsbucket/exports/*"
EXECUTIONS = "execution:AnswerJob:*"
_REMOVES = {"s3:DeleteObjectVersion": {UPLOADS, EXPORTS}, "s3:ListBucketVersions": {BUCKET}}
_INGESTS = {
    **_REMOVES,
    "s3:GetObject": {UPLOADS},
    "s3:GetObjectVersion": {UPLOADS},
    "s3:PutObject": {UPLOADS},
    "s3:ListBucket": {BUCKET},
}
_ANSWERS_TOKENS = {"states:SendTaskSuccess": {"*"}, "states:SendTaskFailure": {"*"}}
_DEAD_LETTERS = {"MapDeadLetters", "IngestDeadLetters", "ScrapeDeadLetters"}
WORK: Mapping[str, Mapping[str, Set[str]]] = {
    "MigrateDatabase": {},
    "ServeApi": {
        **_REMOVES,
        "s3:PutObject": {UPLOADS, EXPORTS},
        "s3:GetObject": {EXPORTS},
        "sqs:SendMessage": {"IngestQueue", "ScrapeQueue", "ReconcileQueue"},
        "states:StartExecution": {"stateMachine:AnswerJob"},
        "states:StopExecution": {EXECUTIONS},
    },
    "IngestFile": {**_INGESTS, "sqs:SendMessage": {"IngestQueue"}},
    "ScrapePage": {"sqs:SendMessage": {"ScrapeQueue"}},
    "PlanJob": {},
    "DispatchBatches": {**_ANSWERS_TOKENS, "sqs:SendMessage": {"MapQueue", "ReconcileQueue"}},
    "MapBatch": {**_ANSWERS_TOKENS, "sqs:SendMessage": {"MapQueue"}},
    "ReduceJob": {},
    "SettleJob": {},
    "ReconcileWork": {
        **_REMOVES,
        **_ANSWERS_TOKENS,
        "sqs:SendMessage": {"ReconcileQueue", "MapQueue", "IngestQueue", "ScrapeQueue"},
        "states:StartExecution": {"stateMachine:AnswerJob"},
        "states:StopExecution": {EXECUTIONS},
        "states:DescribeExecution": {EXECUTIONS},
    },
    "DrainDeadLetters": {
        **_INGESTS,
        **_ANSWERS_TOKENS,
        "sqs:SendMessage": {
            "MapQueue", "IngestQueue", "ScrapeQueue", *_DEAD_LETTERS,
        },
        "sqs:GetQueueUrl": _DEAD_LETTERS,
    },
}  # fmt: skip
"""What a function works on, by action; what Lambda does in its name to poll its queues is checked beside it.

An archive's files become uploads of their own; the outbox of deletions names uploads and exports, in all
versions; a dead letter goes back to its dead letter queue to run alone.
"""
NEEDS_NO_MODEL = {"DispatchBatches"}
"""Everybody else calls the model, embeds, or checks the keys at a deployment."""
POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}


def functions_may_do_their_work(app: Application) -> Iterator[str]:
    """Exactly what WORK says, resource by resource."""
    for function in app.functions():
        wanted = WORK.get(function, {})
        role = f"{function}Role"
        actions = {action for owner, row in app.statements() if owner == role for action in _listed(row)}
        for action in sorted((actions - POLLING) | wanted.keys()):
            found = {_short(resource) for resource in allowed_resources(app, role, action)}
            for resource in sorted(found ^ wanted.get(action, set())):
                verb = "may" if resource in found else "may not"
                yield f"{function}: {verb} {action} on {resource}"


def _listed(statement: Mapping[str, object]) -> list[str]:
    action = statement["Action"]
    return [str(one) for one in action] if isinstance(action, list) else [str(action)]


def _short(arn: str) -> str:
    """A queue's name, a bucket's path, `stateMachine:NAME`."""
    return ":".join(arn.split(":")[5:]) if arn.startswith("arn:") else arn


def functions_carry_what_they_all_need(app: Application) -> Iterator[str]:
    """Logs, traces and the database's secret; the model's keys where a model is called."""
    for function in app.functions():
        carried = app.resources[f"{function}Role"]["Properties"].get("ManagedPolicyArns", [])
        keys = {"Fn::If": ["HasKeys", {"Ref": "ModelKeys"}, {"Ref": "AWS::NoValue"}]}
        wanted = [{"Ref": "EveryFunction"}, *([] if function in NEEDS_NO_MODEL else [keys])]
        if carried != wanted:
            yield f"{function}: carries {carried}"


CHECKS = (functions_may_do_their_work, functions_carry_what_they_all_need)
