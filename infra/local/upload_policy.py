"""The policy of a presigned POST, enforced as S3 does. Pure: fields in, a size range or an S3Error out.

Source of the rules: Amazon S3 User Guide, "POST policy" and "Creating a POST policy (Signature Version 4)".
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local.signatures import ALGORITHM, S3Error, scope_of, sign, signature_mismatch

UNCHECKED_FIELDS = {"x-amz-signature", "file", "policy", "bucket"}
LARGEST_POST = 5 * 1024**3


@dataclass(frozen=True)
class SizeRange:
    """Bytes an upload may have, both ends included."""

    smallest: int = 0
    largest: int = LARGEST_POST

    def check(self, size: int) -> None:
        """Raises S3Error when `size` bytes are too few or too many."""
        if size > self.largest:
            message = "Your proposed upload exceeds the maximum allowed size"
            details = {"ProposedSize": size, "MaxSizeAllowed": self.largest}
            raise S3Error(400, "EntityTooLarge", message, **details)
        if size < self.smallest:
            message = "Your proposed upload is smaller than the minimum allowed size"
            details = {"ProposedSize": size, "MinSizeAllowed": self.smallest}
            raise S3Error(400, "EntityTooSmall", message, **details)


def check_upload(fields: Mapping[str, str], bucket: str, now: datetime) -> SizeRange:
    """Checks the form `fields` (names in lower case, `key` complete) sent before the file.

    Returns the sizes the policy allows; raises S3Error when the signature is not ours, the policy expired, a
    condition fails, or a field is not covered by any condition.
    """
    encoded = fields.get("policy")
    if not encoded:
        raise S3Error(403, "AccessDenied", "Access Denied")
    _check_signature(fields, encoded)
    policy = _decode(encoded)
    if now > _expiration(policy):
        raise _violation("Policy expired.")
    return _check_conditions(policy["conditions"], {**fields, "bucket": bucket})


def _check_signature(fields: Mapping[str, str], encoded: str) -> None:
    if fields.get("x-amz-algorithm") != ALGORITHM:
        message = f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}."
        raise S3Error(400, "InvalidRequest", message)
    scope = scope_of(fields.get("x-amz-credential", ""))
    if not hmac.compare_digest(sign(encoded, scope), fields.get("x-amz-signature", "")):
        raise signature_mismatch()


def _decode(encoded: str) -> dict[str, Any]:
    try:
        policy = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as error:
        raise S3Error(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from error
    if not isinstance(policy, dict) or not isinstance(policy.get("conditions"), list):
        raise S3Error(400, "InvalidPolicyDocument", "Invalid Policy: Missing conditions.")
    return policy


def _expiration(policy: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(policy["expiration"]).replace("Z", "+00:00"))
    except (KeyError, ValueError) as error:
        raise S3Error(400, "InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_conditions(conditions: list[Any], fields: Mapping[str, str]) -> SizeRange:
    sizes = SizeRange()
    covered = set(UNCHECKED_FIELDS)
    for condition in conditions:
        operator, name, operand = _triple(condition)
        if operator == "content-length-range":
            sizes = SizeRange(int(name), int(operand))
            continue
        field = name.removeprefix("$").lower()
        covered.add(field)
        if not _holds(operator, fields.get(field, ""), operand):
            raise _violation(f"Policy Condition failed: {json.dumps([operator, '$' + field, operand])}")
    extra = sorted(field for field in fields if field not in covered and not field.startswith("x-ignore-"))
    if extra:
        raise _violation(f"Extra input fields: {', '.join(extra)}")
    return sizes


def _triple(condition: Any) -> tuple[str, str, str]:
    """A condition as (operator, field or lower bound, operand or upper bound)."""
    if isinstance(condition, dict) and len(condition) == 1:
        ((name, operand),) = condition.items()
        return "eq", str(name), str(operand)
    if isinstance(condition, list) and len(condition) == 3:
        return str(condition[0]).lower(), str(condition[1]), str(condition[2])
    raise S3Error(400, "InvalidPolicyDocument", "Invalid Policy: Invalid condition.")


def _holds(operator: str, value: str, operand: str) -> bool:
    if operator == "eq":
        return value == operand
    if operator == "starts-with":
        return value.startswith(operand)
    raise S3Error(400, "InvalidPolicyDocument", f"Invalid Policy: Invalid operator '{operator}'.")


def _violation(what: str) -> S3Error:
    return S3Error(403, "AccessDenied", f"Invalid according to Policy: {what}")
