"""S3 and a database for operators' commands."""

from collections.abc import Iterator

import boto3
import pytest

from tests.ingest.house import BUCKET
from tests.moto_cloud import empty_cloud, moto_server


@pytest.fixture(scope="package")
def cloud() -> Iterator[str]:
    """The endpoint of S3, with the versioned documents bucket."""
    with moto_server() as endpoint, empty_cloud(endpoint, "eu-central-1"):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield endpoint
