"""Announce a file and say where to upload it. The upload itself starts the work."""

import uuid
from dataclasses import dataclass

from census.application.send_hint import send_hint
from census.domain.errors import FieldProblem, FieldsInvalidError
from census.domain.identity import Caller, upload_key
from census.domain.plan import JsonObject
from census.ports.file_store import NewFile
from census.ports.object_store import ObjectStore
from census.ports.queue import Queue
from census.ports.unit_of_work import Database

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_FORM_SECONDS = 300


@dataclass(frozen=True)
class UploadRequest:
    """A file to upload, its fields checked. `size` in bytes."""

    filename: str
    content_type: str | None = None
    size: int | None = None
    replaces: uuid.UUID | None = None
    tags: tuple[str, ...] = ()


def upload_file(
    database: Database,
    objects: ObjectStore,
    reconcile_queue: Queue,
    caller: Caller,
    request: UploadRequest,
    expiry_seconds: int,
) -> JsonObject:
    """Make the row and the presigned form; `{id, status, upload: {url, fields}}`.

    An upload not made within `expiry_seconds` fails the row. Raises FieldsInvalidError when `replaces` is no
    file of the tenant, UnavailableError when no form can be made (then there is no row either).
    """
    file_id = uuid.uuid4()
    key = upload_key(caller.tenant_id, file_id)
    with database.tenant(caller.tenant_id) as work:
        work.conversations.ensure_profile(caller.user_id)
        if request.replaces is not None and not work.files.exists(request.replaces):
            raise FieldsInvalidError([FieldProblem("replaces", f"there is no file {request.replaces}")])
        work.files.add(_new_file(file_id, key, caller, request, expiry_seconds))
        upload = objects.presign_upload(
            key,
            content_type=request.content_type,
            size=request.size,
            max_size=MAX_UPLOAD_BYTES,
            seconds=min(MAX_FORM_SECONDS, expiry_seconds),
        )
    message = {"tenant_id": str(caller.tenant_id), "file_id": str(file_id)}
    send_hint(reconcile_queue, message, expiry_seconds)
    form = {"url": upload.url, "fields": dict(upload.fields)}
    return {"id": str(file_id), "status": "pending", "upload": form}


def _new_file(
    file_id: uuid.UUID, key: str, caller: Caller, request: UploadRequest, expiry_seconds: int
) -> NewFile:
    return NewFile(
        id=file_id,
        user_id=caller.user_id,
        filename=request.filename,
        content_type=request.content_type,
        size=request.size,
        replaces=request.replaces,
        tags=request.tags,
        object_key=key,
        upload_expires_in_seconds=expiry_seconds,
    )
