"""A stored processing error as the interface shows it, whatever wrote the column."""

import json

from census.domain.plan import JsonObject

UPLOAD_EXPIRED = "upload_expired"


def shown_error(text: str | None) -> JsonObject | None:
    """The four fields of a stored error; plain text from before Census kept codes becomes `unknown`."""
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "message" not in found:
        return {"code": "unknown", "stage": None, "message": text, "retryable": True}
    return {
        "code": str(found.get("code") or "unknown"),
        "stage": found.get("stage"),
        "message": str(found["message"]),
        "retryable": found.get("retryable") is True,
    }
