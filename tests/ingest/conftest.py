"""A cloud over HTTP for all tests of this folder, and a house for each."""

import uuid
from collections.abc import Iterator

import boto3
import pytest

from tests.ingest.house import BUCKET, House
from tests.moto_cloud import empty_cloud, moto_server


@pytest.fixture(scope="package")
def cloud() -> Iterator[str]:
    """The endpoint of S3 and SQS, with the versioned documents bucket."""
    with moto_server() as endpoint, empty_cloud(endpoint, "eu-central-1"):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield endpoint


@pytest.fixture
def house(cloud: str, database_url: str) -> Iterator[House]:
    """A house of one tenant in a database of its own."""
    made = House(database_url, uuid.uuid4())
    yield made
    made.database.engine.dispose()
