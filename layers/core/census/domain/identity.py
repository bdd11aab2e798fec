"""Work and things are named by their identity, so that doing something twice is doing it once."""

import hashlib
import uuid
from dataclasses import dataclass

UPLOAD_PREFIX = "uploads"
EXPORT_PREFIX = "exports"
_NAMESPACE = uuid.UUID("6d2f1c52-9f0a-5c3e-8b1e-6a2f7c1d4e90")


@dataclass(frozen=True)
class Caller:
    """Who asks: a user within a tenant."""

    user_id: uuid.UUID
    tenant_id: uuid.UUID


def caller_from_claims(issuer: str, subject: str, tenant: str) -> Caller:
    """The caller of a checked token. A subject or tenant that is no UUID becomes one, the same every time."""
    return Caller(_identifier("user", issuer, subject), _identifier("tenant", issuer, tenant))


def _identifier(kind: str, issuer: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        return uuid.uuid5(_NAMESPACE, f"{kind}\n{issuer}\n{value}")


def execution_name(job_id: uuid.UUID, generation: int) -> str:
    """One execution a job and generation: starting it twice starts it once."""
    return f"{job_id}-{generation}"


def upload_key(tenant_id: uuid.UUID, file_id: uuid.UUID) -> str:
    """Where the object of a file lies; the key alone says whose it is."""
    return f"{UPLOAD_PREFIX}/{tenant_id}/{file_id}"


def parse_upload_key(key: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Tenant and file of an upload key; None for a key that is not ours."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != UPLOAD_PREFIX:
        return None
    try:
        return uuid.UUID(parts[1]), uuid.UUID(parts[2])
    except ValueError:
        return None


def unpacked_id(archive_id: uuid.UUID, path: str) -> uuid.UUID:
    """The id of a file that came out of an archive: unpacking it again makes the same ones."""
    return uuid.uuid5(archive_id, path)


def sha256(data: bytes | str) -> str:
    """The SHA-256 of bytes, or of a text's UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def rows_key(tenant_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Where a job's rows too many for an answer are put for download."""
    return f"{EXPORT_PREFIX}/{tenant_id}/jobs/{job_id}.csv"


def export_key(tenant_id: uuid.UUID, text_id: uuid.UUID) -> str:
    """Where a text too long for an answer is put for download."""
    return f"{EXPORT_PREFIX}/{tenant_id}/{text_id}.txt"
