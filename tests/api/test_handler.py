"""The function as Lambda loads it: from its own folder, with the layers beside it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys, handler
assert "boto3" not in sys.modules and "openai" not in sys.modules, "imported before it is used"
class Context:
    get_remaining_time_in_millis = staticmethod(lambda: 29_000)
answer = handler.handle({event!r}, Context)
print(answer["statusCode"])
"""


def test_the_handler_runs_from_its_folder_and_imports_no_client_before_it_is_used() -> None:
    from_gateway = {
        "version": "2.0",
        "rawPath": "/docs",
        "headers": {},
        "requestContext": {
            "requestId": "r",
            "stage": "$default",
            "http": {"method": "GET", "path": "/docs"},
        },
    }

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(event=from_gateway)],
        cwd=ROOT / "functions" / "serve_api",
        env={"PYTHONPATH": str(ROOT / "layers" / "core")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "200"


def test_the_handler_is_short_enough_to_read_at_a_glance() -> None:
    handler = ROOT / "functions" / "serve_api" / "handler.py"

    assert len(handler.read_text().splitlines()) <= 60
