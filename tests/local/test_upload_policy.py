"""The policy of a presigned POST, as a pure function."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.deployment import ACCESS_KEY
from infra.local.signatures import ALGORITHM, S3Error, sign
from infra.local.upload_policy import SizeRange, check_upload

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SCOPE = "20260131/us-east-1/s3/aws4_request"
SIGNED = [{"x-amz-algorithm": ALGORITHM}, ["starts-with", "$x-amz-credential", ACCESS_KEY]]
NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)


def fields(
    conditions: list[Any], *, expires: datetime = NOW + timedelta(minutes=5), **others: str
) -> dict[str, str]:
    document = {"expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "conditions": [*SIGNED, *conditions]}
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    return {
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": f"{ACCESS_KEY}/{SCOPE}",
        "policy": policy,
        "x-amz-signature": sign(policy, SCOPE),
        **{name.replace("_", "-"): value for name, value in others.items()},
    }


def test_the_range_of_sizes_is_that_of_the_policy() -> None:
    form = fields([["content-length-range", 5, 10], {"key": "a"}], key="a")
    assert check_upload(form, "bucket", NOW) == SizeRange(5, 10)


@given(prefix=st.text(max_size=8), rest=st.text(max_size=8))
def test_starts_with_accepts_exactly_what_starts_so(prefix: str, rest: str) -> None:
    check_upload(fields([["starts-with", "$key", prefix]], key=prefix + rest), "bucket", NOW)
    if prefix:
        with pytest.raises(S3Error, match="Policy Condition failed"):
            check_upload(fields([["starts-with", "$key", prefix]], key="!" + prefix), "bucket", NOW)


@given(name=NAMES)
def test_a_field_that_no_condition_names_is_refused(name: str) -> None:
    form = fields([{"key": "a"}], key="a") | {f"x-amz-meta-{name}": "v"}
    with pytest.raises(S3Error, match="Extra input fields"):
        check_upload(form, "bucket", NOW)


def test_ignored_fields_need_no_condition() -> None:
    check_upload(fields([{"key": "a"}], key="a", x_ignore_this="v"), "bucket", NOW)


def test_the_bucket_of_the_address_must_be_the_policys() -> None:
    check_upload(fields([{"bucket": "mine"}]), "mine", NOW)
    with pytest.raises(S3Error, match="Policy Condition failed"):
        check_upload(fields([{"bucket": "mine"}]), "yours", NOW)


@given(late=st.integers(min_value=1, max_value=10**6))
def test_a_policy_ends_with_its_expiration(late: int) -> None:
    form = fields([])
    check_upload(form, "bucket", NOW + timedelta(minutes=5))
    with pytest.raises(S3Error, match="Policy expired"):
        check_upload(form, "bucket", NOW + timedelta(minutes=5, seconds=late))


@given(position=st.integers(min_value=0, max_value=63))
def test_a_changed_signature_is_refused(position: int) -> None:
    form = fields([])
    old = form["x-amz-signature"]
    changed = "0" if old[position] != "0" else "1"
    form["x-amz-signature"] = old[:position] + changed + old[position + 1 :]
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        check_upload(form, "bucket", NOW)


def test_another_access_key_is_unknown() -> None:
    form = fields([]) | {"x-amz-credential": f"AKIAOTHER/{SCOPE}"}
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        check_upload(form, "bucket", NOW)


def test_the_older_signature_version_is_refused() -> None:
    with pytest.raises(S3Error, match="AWS4-HMAC-SHA256"):
        check_upload({"policy": "e30=", "signature": "x", "awsaccesskeyid": ACCESS_KEY}, "bucket", NOW)


@pytest.mark.parametrize(
    ("size", "code"), [(4, "EntityTooSmall"), (5, None), (10, None), (11, "EntityTooLarge")]
)
def test_both_ends_of_a_size_range_belong_to_it(size: int, code: str | None) -> None:
    if code is None:
        SizeRange(5, 10).check(size)
        return
    with pytest.raises(S3Error, match=code):
        SizeRange(5, 10).check(size)
