"""Announced and never sent. This runs last of its folder: by then the time for the upload is over."""

import pytest

from infra.local.api_shapes import FileRow
from tests.stack.conftest import UPLOAD_EXPIRY_SECONDS, Forgotten
from tests.stack.processes import wait_for

pytestmark = pytest.mark.stack


def test_an_upload_never_made_becomes_a_failed_row_that_says_so(forgotten: Forgotten) -> None:
    def ended() -> list[FileRow]:
        return forgotten.person.client.files("failed")

    (row,) = wait_for(ended, "the upload to expire", UPLOAD_EXPIRY_SECONDS + 60, every=0.5)
    error = row["processing_error"]
    assert row["id"] == forgotten.file_id
    assert error is not None
    assert error["code"] == "upload_expired"
    assert "never uploaded" in error["message"]
    assert forgotten.pending_at_first
