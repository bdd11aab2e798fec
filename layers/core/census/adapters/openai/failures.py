"""From what the SDK raises to the errors of the port: who must act, and when trying again makes sense."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from census.ports.language_model import (
    LanguageModelError,
    ModelBusyError,
    ModelRefusalError,
    ModelUnusableError,
    Usage,
)

if TYPE_CHECKING:
    from openai import APIError, APIStatusError


def one_call(model: str) -> Usage:
    """The usage of a call that failed before it was billed."""
    return Usage(calls=1, model=model)


_NO_FUNDS = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_DECLINED = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
_TRANSIENT = frozenset({408, 409, 425, 429})
_ADVICE = {
    400: "The request does not suit this model: check that it supports structured outputs (json_schema).",
    401: "Check the API key (OPENAI_API_KEY, or the secret that MODEL_KEY_SECRET_ARN names).",
    403: "The API key may not use this model, project or region: check its permissions.",
    404: "Check MODEL_NAME, STRONG_MODEL_NAME and the base URL (OPENAI_BASE_URL, MODEL_BASE_URL).",
}


def failure_of(error: "APIError", model: str, secret: str) -> LanguageModelError:
    """The port's error for an SDK error. The message never carries `secret`, the API key.

    A status decides; without one (time-out, no connection, a reply cut off) the model counts as busy.
    """
    status = getattr(error, "status_code", None)
    said = _shortened(error.message.replace(secret, "***") if secret else error.message)
    if status is None:
        return ModelBusyError(f"The model API gave no answer: {said}", usage=one_call(model))
    about = f"The model API answered {status} for {model}: {said}"
    if error.code in _NO_FUNDS or error.type in _NO_FUNDS:
        return ModelUnusableError(
            f"{about} The account has no funds left: check its billing.", one_call(model)
        )
    if error.code in _DECLINED:
        return ModelRefusalError(about, one_call(model))
    if status in _TRANSIENT or status >= 500:
        return ModelBusyError(about, retry_after(_headers(error)), one_call(model))
    return ModelUnusableError(f"{about} {_ADVICE.get(status, _ADVICE[400])}", one_call(model))


def _headers(error: "APIError | APIStatusError") -> Mapping[str, str]:
    response = getattr(error, "response", None)
    return response.headers if response is not None else {}


def _shortened(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 300 else line[:299] + "…"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by `retry-after-ms` or `retry-after` (seconds or an HTTP date); None if not told."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    told = headers.get("retry-after")
    seconds = _number(told)
    return seconds if seconds is not None or told is None else _until(told, now or datetime.now(UTC))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
