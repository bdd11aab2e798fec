"""Brings lost work back: one job or file a message, everything that is due at each sweep."""

import json
from typing import Any
from uuid import UUID

from census import bootstrap
from census.application.reconcile_work import reconcile_file, reconcile_job
from census.application.sweep import sweep
from census.lambda_support.invocation import observed
from census.lambda_support.logging import logger


@observed("reconcile_work")
def handle(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Messages of the reconcile queue, or the schedule's event."""
    if "Records" not in event:
        checked = sweep(bootstrap.reconcile_tools())
        _measure_health()
        return {"checked": checked}
    failed = [record["messageId"] for record in event["Records"] if not _checked(record)]
    _measure_health()  # work is open, so the database is awake
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _measure_health() -> None:
    try:
        bootstrap.health().measure()
    except Exception:  # noqa: BLE001  # what was repaired is repaired, whoever could not look at it
        logger().exception("The health of the rows could not be measured: docs/database.md, 'Monitoring'.")


def _checked(record: dict[str, Any]) -> bool:
    try:
        _check(json.loads(record["body"]))
    except Exception:  # noqa: BLE001  # one check that breaks off must not stop the others
        logger().exception("A check broke off and will be repeated.", message_id=record["messageId"])
        return False
    return True


def _check(message: dict[str, Any]) -> None:
    logger().append_keys(**message)
    tools = bootstrap.reconcile_tools()
    if "sweep_again" in message:
        sweep(tools, int(message["sweep_again"]))
    elif "job_id" in message:
        reconcile_job(tools, UUID(message["tenant_id"]), UUID(message["job_id"]))
    else:
        reconcile_file(tools, UUID(message["tenant_id"]), UUID(message["file_id"]))
