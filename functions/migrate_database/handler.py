"""Brings the schema to the newest revision: for a deployment (custom resource), or by a plain call.

Its schedule gives tenants that have grown large the index their searches need.
"""

from typing import TYPE_CHECKING, Any

from census import bootstrap
from census.application.check_vectors import problems_at_start
from census.domain.deployment import refuse_contradictions
from census.domain.errors import CensusError
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger

if TYPE_CHECKING or __package__:
    from functions.migrate_database.custom_resource import CustomResourceAnswer
else:  # on Lambda this folder itself is on the path
    from custom_resource import CustomResourceAnswer

ANSWER_SECONDS = 40
"""Kept of the function's time for the answer: three tries, and the log."""


@observed("migrate_database")
def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A CloudFormation request, {"action": "migrate"} or the schedule's event; what was done."""
    log = logger()
    seconds = max(1.0, context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS)
    if event.get("detail-type") == "Scheduled Event":
        return _index(log, seconds)
    if "ResponseURL" not in event:
        return _migrate(log, seconds)
    with CustomResourceAnswer(event, seconds, log.warning) as answer:
        if event["RequestType"] == "Delete":
            answer.succeeded({})  # the data outlive the stack
            return {}
        try:
            refuse_contradictions(event["ResourceProperties"])
            bootstrap.model_key()  # a secret that is missing is noticed now, not by the first question
            done = _migrate(log, seconds)
        except CensusError as error:
            log.error("The schema was not migrated.", reason=str(error))
            answer.failed(str(error))
            return {"error": str(error)}
        answer.succeeded(done)
        return done


def _migrate(log: Any, seconds: float) -> dict[str, Any]:
    report = bootstrap.database().migrate(bootstrap.settings().vector_store, seconds)
    log.info("Migrated.", revision_before=report.before, revision_after=report.after, built=report.built)
    if report.warning:
        log.warning(report.warning)
    for problem in problems_at_start(bootstrap.embedding()):
        log.warning(problem)
    return {"before": report.before, "after": report.after}


def _index(log: Any, seconds: float) -> dict[str, Any]:
    work = bootstrap.database().index_large_tenants(seconds / 2)
    built, left = [one.index_name for one in work.build], [one.index_name for one in work.left]
    log.info("Looked after large tenants.", built=built, dropped=work.drop)
    if left:
        log.warning("These take longer than a function may: run `make migrate`.", left=left)
    return {"built": built, "dropped": list(work.drop), "left": left}
