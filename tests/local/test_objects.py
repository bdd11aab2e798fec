"""Uploads obey their policy, events are S3's own, and objects outlive the process."""

import json
import urllib.parse
import uuid
from typing import Any

import pytest

from tests.local.multipart_form import form
from tests.local.rig import BUCKET, Answer, Rig, eventually, fetch


def policy(rig: Rig, key: str, largest: int = 1000, seconds: int = 60) -> dict[str, Any]:
    conditions = [["content-length-range", 1, largest], {"Content-Type": "text/plain"}]
    return rig.s3.generate_presigned_post(
        BUCKET, key, Fields={"Content-Type": "text/plain"}, Conditions=conditions, ExpiresIn=seconds
    )


def upload(post: dict[str, Any], content: bytes, **changes: str) -> Answer:
    body, content_type = form({**post["fields"], **changes}, content)
    return fetch(post["url"], "POST", body, Content_Type=content_type)


def events(rig: Rig, key: str) -> list[dict[str, Any]]:
    bodies = [json.loads(row["body"]) for batch in rig.records("batches") for row in batch["records"]]
    found = [row for body in bodies for row in body.get("Records", [])]
    return [row for row in found if row["s3"]["object"]["key"] == key]


def test_an_upload_within_its_policy_is_stored_with_its_type(rig: Rig) -> None:
    answer = upload(policy(rig, "uploads/good.txt"), b"hello")
    assert answer.status == 204
    stored = rig.s3.get_object(Bucket=BUCKET, Key="uploads/good.txt")
    assert stored["Body"].read() == b"hello"
    assert stored["ContentType"] == "text/plain"
    assert answer.headers["ETag"] == stored["ETag"]


def test_an_upload_is_told_to_the_queue_as_s3_tells_it(rig: Rig) -> None:
    upload(policy(rig, "uploads/t/a name+plus.txt"), b"hello")
    (event,) = eventually(lambda: events(rig, "uploads/t/a+name%2Bplus.txt"))
    assert (event["eventSource"], event["eventName"]) == ("aws:s3", "ObjectCreated:Post")
    assert event["s3"]["bucket"]["name"] == BUCKET
    assert event["s3"]["object"]["size"] == 5
    assert event["s3"]["object"]["eTag"] == "5d41402abc4b2a76b9719d911017c592"
    newest = rig.s3.head_object(Bucket=BUCKET, Key="uploads/t/a name+plus.txt")
    assert event["s3"]["object"]["versionId"] == newest["VersionId"]


def test_a_put_is_told_with_a_growing_sequencer(rig: Rig) -> None:
    for content in (b"one", b"two"):
        rig.s3.put_object(Bucket=BUCKET, Key="uploads/twice.txt", Body=content)
    eventually(lambda: len(events(rig, "uploads/twice.txt")) == 2)
    by_size = sorted(events(rig, "uploads/twice.txt"), key=lambda row: str(row["s3"]["object"]["sequencer"]))
    assert [row["eventName"] for row in by_size] == ["ObjectCreated:Put"] * 2
    newest = rig.s3.head_object(Bucket=BUCKET, Key="uploads/twice.txt")["VersionId"]
    assert by_size[-1]["s3"]["object"]["versionId"] == newest


def test_a_key_outside_the_prefix_is_not_told(rig: Rig) -> None:
    rig.s3.put_object(Bucket=BUCKET, Key="exports/x.txt", Body=b"x")
    rig.s3.put_object(Bucket=BUCKET, Key="uploads/after.txt", Body=b"x")
    eventually(lambda: events(rig, "uploads/after.txt"))
    assert not events(rig, "exports/x.txt")


def test_the_queue_got_a_test_event_first(rig: Rig) -> None:
    bodies = [json.loads(row["body"]) for batch in rig.records("batches") for row in batch["records"]]
    tests = [body for body in bodies if body.get("Event") == "s3:TestEvent"]
    assert [body["Bucket"] for body in tests] == [BUCKET]


@pytest.mark.parametrize(
    ("content", "changes", "status", "code", "said"),
    [
        (b"x" * 1001, {}, 400, "EntityTooLarge", "exceeds the maximum allowed size"),
        (b"", {}, 400, "EntityTooSmall", "smaller than the minimum"),
        (b"hello", {"key": "uploads/other"}, 403, "AccessDenied", "Policy Condition failed"),
        (b"hello", {"Content-Type": "text/html"}, 403, "AccessDenied", "Policy Condition failed"),
        (b"hello", {"x-amz-meta-extra": "1"}, 403, "AccessDenied", "Extra input fields: x-amz-meta-extra"),
        (b"hello", {"x-amz-signature": "0" * 64}, 403, "SignatureDoesNotMatch", "does not match"),
        (b"hello", {"policy": "e30="}, 403, "SignatureDoesNotMatch", "does not match"),
        (b"hello", {"policy": ""}, 403, "AccessDenied", "Access Denied"),
    ],
)
def test_an_upload_outside_its_policy_is_refused(
    rig: Rig, content: bytes, changes: dict[str, str], status: int, code: str, said: str
) -> None:
    key = f"uploads/{uuid.uuid4()}"
    answer = upload(policy(rig, key), content, **changes)
    assert answer.status == status
    assert f"<Code>{code}</Code>" in answer.body.decode()
    assert said in answer.body.decode()
    assert "Contents" not in rig.s3.list_objects_v2(Bucket=BUCKET, Prefix=key)


def test_an_expired_policy_is_refused(rig: Rig) -> None:
    answer = upload(policy(rig, "uploads/late", seconds=-1), b"hello")
    assert answer.status == 403
    assert "Invalid according to Policy: Policy expired." in answer.body.decode()


def test_an_upload_far_too_large_is_refused_after_the_client_has_sent_it(rig: Rig) -> None:
    answer = upload(policy(rig, "uploads/huge"), b"x" * 30_000_000)
    assert answer.status == 400
    assert "<MaxSizeAllowed>1000</MaxSizeAllowed>" in answer.body.decode()


def test_a_post_that_is_no_form_is_refused(rig: Rig) -> None:
    post = policy(rig, "uploads/x")
    assert fetch(post["url"], "POST", b"hello", Content_Type="text/plain").status == 412
    assert fetch(post["url"], "POST", b"hello", Content_Type="multipart/form-data; boundary=b").status == 400


def test_a_presigned_link_works_until_it_expires_and_only_unchanged(rig: Rig) -> None:
    rig.s3.put_object(Bucket=BUCKET, Key="exports/a b.csv", Body=b"1,2")
    parameters = {"Bucket": BUCKET, "Key": "exports/a b.csv", "ResponseContentDisposition": "attachment"}
    link = rig.s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=60)
    assert fetch(link).body == b"1,2"
    assert fetch(link.replace("a%20b", "c")).status == 403
    expired = rig.s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=1)
    old = urllib.parse.urlsplit(expired)
    query = dict(urllib.parse.parse_qsl(old.query)) | {"X-Amz-Date": "20200101T000000Z"}
    answer = fetch(old._replace(query=urllib.parse.urlencode(query)).geturl())
    assert answer.status == 403
    assert "Request has expired" in answer.body.decode()


def test_every_version_and_marker_is_on_disk_before_the_client_hears_of_it(rig: Rig) -> None:
    key = "exports/kept.txt"
    first = rig.s3.put_object(Bucket=BUCKET, Key=key, Body=b"one", Metadata={"origin": "test"})["VersionId"]
    rig.s3.put_object(Bucket=BUCKET, Key=key, Body=b"two")
    marker = rig.s3.delete_object(Bucket=BUCKET, Key=key)["VersionId"]
    folder = rig.folder.parent / "data" / "objects" / "Files" / "exports%2Fkept%2Etxt"
    rows = {row["version_id"]: row for row in map(json.loads, (p.read_text() for p in folder.glob("*.json")))}
    assert len(rows) == 3
    assert rows[first]["metadata"]["x-amz-meta-origin"] == "test"
    assert rows[marker]["delete_marker"]
    rig.s3.delete_object(Bucket=BUCKET, Key=key, VersionId=first)
    assert not (folder / f"{first}.bin").exists()


def test_a_deletion_of_many_is_on_disk_too(rig: Rig) -> None:
    for name in ("a & b", "c"):
        rig.s3.put_object(Bucket=BUCKET, Key=f"exports/many/{name}", Body=b"x")
    objects: Any = [{"Key": "exports/many/a & b"}, {"Key": "exports/many/c"}]
    rig.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    folder = rig.folder.parent / "data" / "objects" / "Files" / "exports%2Fmany%2Fa%20%26%20b"
    rows = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert sorted(row["delete_marker"] for row in rows) == [False, True]
