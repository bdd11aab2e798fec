"""A cloud over HTTP for all tests of this folder, and a house for each."""

import uuid
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from census.adapters.aws_clients import aws_client
from tests.ingest.house import BUCKET, House


@pytest.fixture(scope="package")
def cloud() -> Iterator[str]:
    """The endpoint of S3 and SQS, with the versioned documents bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        aws_client.cache_clear()
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield f"http://{host}:{port}"
        aws_client.cache_clear()
    server.stop()


@pytest.fixture
def house(cloud: str, database_url: str) -> Iterator[House]:
    """A house of one tenant in a database of its own."""
    made = House(database_url, uuid.uuid4())
    yield made
    made.database.engine.dispose()
