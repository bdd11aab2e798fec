"""What a parser that was taken over can reach of the process that started it: nothing of its secrets."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos.seeds import seeds

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and prctl are Linux's")

# Root may read everything, so a test run by root goes on as nobody; that change of user closes the memory as
# well, so it is opened again, as it is in any process that was started as the user it runs as.
AS_SOMEBODY = """
import ctypes, os, sys
from census.adapters.closed_memory import close_memory
from census.adapters.extraction.reader import limit_this_process
if os.getuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)

def child_can(do):
    pid = os.fork()
    if pid == 0:
        try:
            do(os.getppid())
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

def read_environment(parent):
    open(f"/proc/{parent}/environ", "rb").read(1)

def read_memory(parent):
    open(f"/proc/{parent}/mem", "rb").close()

def start_another(parent):
    limit_this_process(1 << 30, 5)
    if os.fork() == 0:
        os._exit(0)
"""


def told(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PYTHONPATH": str(ROOT / "layers" / "core"), "OPENAI_API_KEY": "secret"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("reads", ["read_environment", "read_memory"])
def test_a_child_cannot_read_the_secrets_of_its_parent(reads: str) -> None:
    program = f"{AS_SOMEBODY}before = child_can({reads}); close_memory(); print(before, child_can({reads}))"
    assert told(program) == "True False"


def test_a_reader_starts_no_process_that_could_outlive_it() -> None:
    assert told(f"{AS_SOMEBODY}print(child_can(start_another))") == "False"


@pytest.mark.parametrize(
    "starts",
    [
        "census.adapters.extraction_child import run_child; run_child(['true'], {}, b'', deadline=0.0,"
        " max_output=1)",
        "census.adapters.warm_readers import WarmReaders; readers = WarmReaders(lambda: dict(os.environ));"
        " readers.run(b'{}', deadline=0.0, max_output=1); readers.close()",
        "census.adapters.subprocess_archive_reader import SubprocessArchiveReader; from pathlib import Path;"
        " SubprocessArchiveReader().entries(Path('a.zip'), deadline=0.0).__enter__()",
    ],
    ids=["a single reader", "a warm reader", "an archive's reader"],
)
def test_whoever_starts_a_reader_closes_its_memory_first(starts: str) -> None:
    dumpable = "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    assert told(f"import ctypes, os\n{dumpable}\nfrom {starts}\n{dumpable}") == "1\n0"


EVERY_FORMAT = """
import os, resource, sys
from pathlib import Path
from census.adapters.extraction.reader import answer

folder = Path(sys.argv[1])
folder.chmod(0o755)

def answers():
    for path in sorted(folder.iterdir()):
        for fallback in (False, True) if path.suffix == ".pdf" else (False,):
            limits = {"content_type": None, "use_fallback": fallback, "max_chars": 1_000_000}
            yield answer({"path": str(path), "filename": path.name, **limits})

list(answers())  # imports what another user may not be able to
if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
print([told[:80] for told in answers() if not told.startswith(b'{"extracted"')])
"""


def test_every_format_is_read_without_a_thread_or_process_of_its_own() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in seeds().items():
            (Path(folder) / name).write_bytes(data)
        assert told(EVERY_FORMAT, folder) == "[]"
