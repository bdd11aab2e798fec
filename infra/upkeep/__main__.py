"""`python -m infra.upkeep reindex | check-vectors`: against DATABASE_URL and the configured vector store.

The environment is the functions' own: DATABASE_URL, VECTOR_STORE, PINECONE_HOST, PINECONE_API_KEY,
OPENAI_API_KEY, OPENAI_BASE_URL, EMBEDDING_MODEL, EMBEDDING_DIMENSIONS. Exit codes: 0 done or all good, 1 the
stores differ or the work broke off (run it again), 2 the settings are wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from census import bootstrap
from census.application.check_vectors import check_vectors
from census.application.reindex_vectors import reindex_vectors
from census.domain.errors import CensusError
from census.settings import SettingsError

GOOD, NOT_GOOD, NOT_RUN = 0, 1, 2
_OF_FUNCTIONS = (
    "DOCUMENTS_BUCKET", "INGEST_QUEUE_URL", "SCRAPE_QUEUE_URL", "MAP_QUEUE_URL", "RECONCILE_QUEUE_URL",
    "MODEL_NAME", "STRONG_MODEL_NAME",
)  # fmt: skip
_NUMBERS_OF_FUNCTIONS = (
    "MODEL_TIMEOUT_SECONDS", "MODEL_CALLS_IN_FLIGHT", "JOB_DEADLINE_SECONDS", "RECONCILE_SECONDS",
    "UPLOAD_EXPIRY_SECONDS",
)  # fmt: skip


def reindex() -> int:
    """Embed every text by the configured model and let searches use that."""
    done = reindex_vectors(bootstrap.embedding(), _say)
    _say(f"Done: {done} texts embedded.")
    return GOOD


def check() -> int:
    """Compare database and index, tenant by tenant."""
    with bootstrap.database().system() as work:
        tenants = work.open_work.tenants()
    good = True
    for tenant_id in tenants:
        found = check_vectors(
            bootstrap.database(), bootstrap.vector_index(), tenant_id, bootstrap.embedder().model
        )
        good = good and found.good
        if not found.good:
            _say(
                f"Tenant {tenant_id}: {found.missing} vectors missing, {found.orphans} without a passage, "
                f"{found.unembedded} texts not embedded. Run `make reindex`."
            )
    _say(f"{len(tenants)} tenants checked: {'both stores agree' if good else 'the stores differ'}.")
    return GOOD if good else NOT_GOOD


COMMANDS: Mapping[str, Callable[[], int]] = {"reindex": reindex, "check-vectors": check}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m infra.upkeep", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args().command
    # What only functions need has no part in this; the settings ask for it all the same.
    unused = dict.fromkeys(_OF_FUNCTIONS, "-") | dict.fromkeys(_NUMBERS_OF_FUNCTIONS, "1")
    os.environ.update(unused | dict(os.environ))
    try:
        return COMMANDS[command]()
    except SettingsError as error:
        _say(str(error))
        return NOT_RUN
    except CensusError as error:
        _say(f"{error} Nothing is lost: run the command again.")
        return NOT_GOOD


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
