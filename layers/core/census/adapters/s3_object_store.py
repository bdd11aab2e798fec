"""S3 behind the object store's port."""

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from census.adapters.aws_clients import aws_client, error_code, translated_errors
from census.domain.errors import NotFoundError
from census.ports.object_store import PresignedUpload

_MISSING = {"NoSuchKey", "NoSuchVersion", "404"}


class S3ObjectStore:
    """One bucket. Implements census.ports.object_store.ObjectStore."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def presign_upload(
        self, key: str, *, content_type: str | None, size: int | None, max_size: int, seconds: int
    ) -> PresignedUpload:
        """See the port."""
        sizes = [size, size] if size is not None else [0, max_size]
        conditions: list[Any] = [["content-length-range", *sizes]]
        fields: dict[str, str] = {}
        if content_type:
            conditions.append({"Content-Type": content_type})
            fields["Content-Type"] = content_type
        with translated_errors("Preparing the upload"):
            signed = aws_client("s3").generate_presigned_post(
                self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=seconds
            )
        return PresignedUpload(signed["url"], signed["fields"])

    def presign_download(self, key: str, *, filename: str, seconds: int) -> str:
        """See the port."""
        wanted = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
        }
        with translated_errors("Preparing the download"):
            return str(aws_client("s3").generate_presigned_url("get_object", wanted, ExpiresIn=seconds))

    def download(self, key: str, version: str | None, target: Path) -> None:
        """See the port."""
        which = {"VersionId": version} if version else {}
        with translated_errors("Reading the uploaded object"):
            try:
                body = aws_client("s3").get_object(Bucket=self._bucket, Key=key, **which)["Body"]
            except ClientError as error:
                if error_code(error) in _MISSING:
                    raise NotFoundError("object", key) from error
                raise
            with target.open("wb") as file:
                for chunk in body.iter_chunks(1 << 20):
                    file.write(chunk)

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """See the port."""
        with translated_errors("Storing an object"):
            aws_client("s3").put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def put_file(self, key: str, path: Path) -> None:
        """See the port."""
        with translated_errors("Storing an object"), path.open("rb") as file:
            aws_client("s3").put_object(Bucket=self._bucket, Key=key, Body=file)

    def is_there(self, key: str) -> bool:
        """See the port."""
        with translated_errors("Looking for the uploaded object"):
            try:
                aws_client("s3").head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return False
                raise
        return True

    def delete(self, key: str) -> None:
        """See the port."""
        client = aws_client("s3")
        with translated_errors("Deleting an object"):
            found = client.list_object_versions(Bucket=self._bucket, Prefix=key)
            entries = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
            for entry in entries:
                if entry["Key"] == key:
                    client.delete_object(Bucket=self._bucket, Key=key, VersionId=entry["VersionId"])
