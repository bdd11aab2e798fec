"""What is built, not what is in the source tree: it starts fast, loads little, and does the main job."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.gates.access_checks import allowed_actions
from infra.gates.application import Application
from infra.local.folders import Folders
from infra.local.stack import LocalStack
from tests.data_folder import data_folder
from tests.stack.person import somebody
from tests.stack.quotes import check_ledger
from tests.stack.running import ROOT
from tests.template.built import ARCH, PYTHON, Built
from tests.template.rights import ALSO_NEEDED, NEEDED_ELSEWHERE

pytestmark = pytest.mark.stack

EVERYTHING = (
    "aws_lambda_powertools.event_handler,aws_lambda_powertools.event_handler.openapi.models,"
    "aws_lambda_powertools.metrics,sqlalchemy.orm,pg8000.dbapi,pgvector.sqlalchemy,alembic.command,"
    "openai,pinecone,rapidfuzz,Stemmer,boto3"
)
DATABASE = "census.adapters.postgres.database"
WORKER = (
    f"handler,{DATABASE},census.adapters.sqs_queue,census.adapters.step_functions_workflow,"
    "census.adapters.rapidfuzz_quote_aligner"
)
WORKER_SHARE, API_SHARE = 0.30, 0.40
NOBODY = {"openai", "pinecone", "httpx", "httpx2", "alembic"}
PARSERS = {"lxml", "protego", "pypdf", "pypdfium2", "python_calamine", "selectolax", "ssrfguard"}
NEVER_AT_START = {
    "map_batch": NOBODY | PARSERS | {"boto3", "sqlalchemy"},
    "plan_job": NOBODY | PARSERS | {"boto3", "rapidfuzz"},
    "reduce_job": NOBODY | PARSERS | {"boto3"},
    "ingest_file": NOBODY | PARSERS | {"boto3"},
    "scrape_page": NOBODY | PARSERS | {"boto3"},
    "serve_api": NOBODY | PARSERS | {"rapidfuzz", "Stemmer"},
    "migrate_database": {"openai", "pinecone", "rapidfuzz", "Stemmer"} | PARSERS,
}


@pytest.fixture(scope="module")
def built() -> Iterator[Built]:
    with data_folder() as folder:
        yield Built.into(folder / "artefacts")


@pytest.fixture(scope="module")
def everything(built: Built) -> float:
    """Processor seconds to import all packages at once, without bytecode."""
    return min(built.load("map_batch", EVERYTHING, bytecode=False).seconds for _ in range(2))


@pytest.mark.parametrize(
    ("function", "modules", "then", "share"),
    [
        ("map_batch", WORKER, "", WORKER_SHARE),
        ("serve_api", f"handler,{DATABASE}", "import handler; handler.app()", API_SHARE),
    ],
)
def test_a_cold_start_imports_a_small_share_of_everything(
    built: Built, everything: float, function: str, modules: str, then: str, share: float
) -> None:
    seconds = min(built.load(function, modules, then).seconds for _ in range(3))

    assert seconds / everything <= share


@pytest.mark.parametrize("function", NEVER_AT_START)
def test_a_function_starts_without_what_it_may_not_need(built: Built, function: str) -> None:
    assert built.load(function, "handler").vendors & NEVER_AT_START[function] == set()


@pytest.fixture(scope="module")
def rights(built: Built) -> Iterator[dict[str, set[str]]]:
    """Files, a whole job, a page, a deletion, on the artefacts: what each function had to be allowed."""
    with data_folder() as data:
        folders = Folders(built.folder, ROOT / ".build" / "local", data / "run")
        with LocalStack(built.folder / "template.yaml", data, folders=folders) as stack:
            _main_job(stack.url)
            found: dict[str, set[str]] = {}
            for function, right in stack.counters.rights:
                found.setdefault(function, set()).add(right)
            yield found


def _main_job(url: str) -> None:
    person = somebody(url)
    texts = {f"{n}.txt": f"Agreement {n}. Neither party may assign this agreement." for n in range(4)}
    files = person.send_texts({**texts, "notes.txt": "A shopping list: apples and pears."})
    assert {row["status"] for row in files.values()} == {"completed"}
    job = person.answer('How many documents contain the word "assign"?')
    assert job["status"] == "completed", job
    check_ledger(job, len(files))
    person.call("POST", "/pages", {"urls": ["http://127.0.0.1:9/"]})
    (file, *_) = files.values()
    assert person.call("DELETE", f"/files/{file['id']}").status == 204


def test_the_artefacts_do_the_main_job_within_their_rights(
    rights: dict[str, set[str]], app: Application
) -> None:
    """What a function called is what its role allows, and no more is allowed than is needed somewhere."""
    assert {"ServeApi", "IngestFile", "DispatchBatches"} <= set(rights)
    for function in app.functions():
        allowed = allowed_actions(app, f"{function}Role")
        used = rights.get(function, set())
        assert used <= allowed, function
        explained = set(ALSO_NEEDED) | NEEDED_ELSEWHERE.get(function, {}).keys()
        assert allowed - used <= explained, function


def test_reasons_are_given_only_for_rights_that_exist(app: Application) -> None:
    for function, reasons in NEEDED_ELSEWHERE.items():
        assert set(reasons) <= allowed_actions(app, f"{function}Role"), function


def test_a_build_has_the_bytecode_of_its_interpreter(built: Built) -> None:
    for folder in ("layers/core", "layers/deps", "layers/ingest", "functions/serve_api"):
        sources, compiled = (set((built.folder / folder).rglob(pattern)) for pattern in ("*.py", "*.pyc"))
        assert len(compiled) >= 0.95 * len(sources) > 0, folder  # a few vendors' files are templates


def test_the_migrations_travel_as_a_package(built: Built) -> None:
    assert (built.folder / "migrations/python/migrations/versions").is_dir()
    assert not list(Path(built.folder / "layers" / "deps").rglob("boto3"))


def test_the_same_sources_give_the_same_bytes_wherever_they_are_built() -> None:
    """So that a deployment without changes changes nothing, and a stranger can check what runs."""
    with data_folder() as folder:
        built = []
        for name in ("here", "there/and/further"):
            target = folder / name
            subprocess.run(
                ["bash", str(ROOT / "infra/build/artefact.sh"), "CoreLayer"],
                cwd=ROOT / "layers" / "core",
                env={**os.environ, "ARTIFACTS_DIR": str(target), "ARCH": ARCH, "PY": PYTHON},
                check=True,
            )
            files = sorted(path for path in target.rglob("*") if path.is_file())
            assert any(path.suffix == ".pyc" for path in files)
            built.append({str(path.relative_to(target)): path.read_bytes() for path in files})
    assert built[0] == built[1]
