"""Workers that are killed for real, anywhere: nothing is lost, nothing is done twice."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from census.adapters.postgres.stuck_pages import stuck_pages
from census.domain.crawl import Follow
from tests.pages.house import PageHouse
from tests.pages.site import Site

ROOT = Path(__file__).parents[2]


def kill_at(step: str, house: PageHouse, url: str, page: uuid.UUID) -> None:
    """One message delivered to a worker that is killed at a step."""
    command = [sys.executable, "-m", "tests.pages.dying_worker", url, str(house.tenant_id), str(page), step]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "layers/core")))}
    ended = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize("step", ["after fetch", "after extract"])
def test_a_page_whose_worker_was_killed_is_fetched_by_the_next(
    step: str, house: PageHouse, site: Site, pages_url: str
) -> None:
    page = uuid.UUID(house.post(site.page("/a"))["items"][0]["id"])
    kill_at(step, house, pages_url, page)
    assert house.row(page)["status"] == "processing"

    house.deliver(page, "too early")
    assert house.row(page)["status"] == "processing"
    house.change("claimed_until = now() - interval '1 second'")
    house.deliver(page, "next")
    assert (house.row(page)["status"], house.row(page)["attempts"]) == ("completed", 2)
    assert house.count("extracted_texts") == 1


def test_pages_found_by_a_worker_that_died_before_it_told_are_found_by_the_sweep(
    house: PageHouse, site: Site, pages_url: str
) -> None:
    site.page("/", "/1", "/2")
    for path in ("/1", "/2"):
        site.page(path)
    house.post(site.url("/"), follow=Follow(1, 10, True))
    kill_at("before messages", house, pages_url, house.rows()[site.url("/")]["id"])
    house.change("claimed_until = NULL, updated_at = now() - interval '1 hour'", "status = 'pending'")

    with house.database.system() as work:
        found = [page for tenant, page in stuck_pages(work.session) if tenant == house.tenant_id]
    for page in found:
        house.deliver(page)
    assert {row["status"] for row in house.rows().values()} == {"completed"}
    assert len(found) == 2
