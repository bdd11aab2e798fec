"""A line of the log names whose work it is about, whatever stood in the message."""

import json
import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from census.lambda_support.named_work import named_work

TENANT, JOB, OTHER, FILE = (str(uuid.uuid4()) for _ in range(4))
KEYS = ["tenant_id", "job_id", "file_id", "batch", "Records", "s3", "object", "key"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


def message(**more: Any) -> str:
    return json.dumps({"tenant_id": TENANT, **more})


def test_messages_of_one_job_name_the_job_and_its_batches() -> None:
    found = named_work([message(job_id=JOB, generation=1, batch=n) for n in (3, 4)])
    assert found == {"tenant_id": TENANT, "job_id": JOB, "batches": [3, 4]}


def test_messages_of_several_jobs_name_them_all() -> None:
    found = named_work([message(job_id=job, generation=1, batch=1) for job in (JOB, OTHER)])
    assert found == {"tenant_id": TENANT, "job_ids": sorted([JOB, OTHER]), "batches": [1, 1]}


def test_a_notification_of_an_upload_names_its_file() -> None:
    record = {
        "eventName": "ObjectCreated:Post",
        "s3": {"object": {"key": f"uploads/{TENANT}/{FILE}", "size": 1}},
    }
    assert named_work([json.dumps({"Records": [record]})]) == {"tenant_id": TENANT, "file_id": FILE}


@given(st.text() | JSON.map(json.dumps))
def test_nothing_of_a_broken_message_is_told_but_ids(body: str) -> None:
    for name, value in named_work([body]).items():
        if name == "batches":
            assert all(type(one) is int for one in value)
        else:
            assert [str(uuid.UUID(one)) for one in ([value] if isinstance(value, str) else value)]
