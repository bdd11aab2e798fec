"""Turns what can go wrong in a step of ingestion into what the file's row will say."""

from collections.abc import Iterator
from contextlib import contextmanager

from census.domain.errors import CensusError, NotFoundError, UnavailableError
from census.domain.extraction_errors import ArchiveFoundError, ExtractionError
from census.domain.processing_error import ProcessingError
from census.domain.vectors import VectorDimensionError
from census.ports.embedder import EmbedderRejectedError, EmbedderUnavailableError
from census.ports.vector_index import VectorIndexRejectedError

UPLOAD_EXPIRED = ProcessingError(
    "upload_expired",
    "receive",
    "The file was announced but never uploaded. Ask for an upload with POST /files again and send the file.",
)


def crashed(cause: str) -> ProcessingError:
    """What a row says whose workers died."""
    return ProcessingError(
        "ingest_crashed",
        "process",
        f"Processing broke off without a result ({cause}). Try again with POST /files/{{id}}/retry; if that "
        "fails as well, save the document anew or in another format and upload that.",
        retryable=True,
    )


class IngestStoppedError(CensusError):
    """A step could not be done. `again`: a service was down, so the step is tried again by itself.

    `is_archive`: there was nothing to extract because the file is an archive, which can be unpacked.
    """

    def __init__(
        self,
        error: ProcessingError,
        *,
        again: bool = False,
        after: float | None = None,
        is_archive: bool = False,
    ) -> None:
        self.error = error
        self.again = again
        self.after = after
        self.is_archive = is_archive
        super().__init__(error.message)


@contextmanager
def during(stage: str) -> Iterator[None]:
    """Names the stage in whatever goes wrong within; errors that nobody foresaw pass through."""
    try:
        yield
    except EmbedderUnavailableError as error:
        raise _stopped("embedder_unavailable", stage, error, again=True, after=error.retry_after) from error
    except UnavailableError as error:
        raise _stopped("service_unavailable", stage, error, again=True) from error
    except NotFoundError as error:
        told = "The uploaded bytes are not there (any more). Upload the file again with POST /files."
        raise IngestStoppedError(ProcessingError("upload_missing", stage, told, retryable=True)) from error
    except ExtractionError as error:
        told_error = ProcessingError(error.code, stage, error.message, error.retryable)
        archive = isinstance(error, ArchiveFoundError)
        raise IngestStoppedError(told_error, is_archive=archive) from error
    except EmbedderRejectedError as error:
        raise _stopped("embedder_rejected", stage, error) from error
    except VectorIndexRejectedError as error:
        raise _stopped("vectors_rejected", stage, error) from error
    except VectorDimensionError as error:
        raise _stopped("vector_dimension", stage, error) from error


def _stopped(
    code: str, stage: str, error: Exception, *, again: bool = False, after: float | None = None
) -> IngestStoppedError:
    told = ProcessingError(code, stage, str(error), retryable=True)
    return IngestStoppedError(told, again=again, after=after)
