"""A worker in a process of its own, to be killed: map_batch, a line of messages an invocation.

Arguments: database URL, a file that takes a line for every call, seconds a call takes, and a text that ends
the process which reads it (`-` for none). It answers a line with the messages that it sent back to the queue.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from census.adapters.postgres.database import PostgresDatabase
from census.application.map_batch import batch_message, map_batch
from census.domain.plan import JsonObject
from census.ports.language_model import ReadAtom, ReadReply, ReadRequest, ReadStatus, Usage
from tests.engine.house import LEASE_SECONDS, EngineHouse
from tests.fakes.scripted_model import ScriptedLanguageModel

NO_POISON = "-"
LINE_LENGTH = 40
"""Of a text, as the file of calls has it: enough to tell the documents apart."""


@dataclass
class NotedModel(ScriptedLanguageModel):
    """Notes each call in a file, which outlives the process; every document matches, poison kills."""

    calls_file: str = ""
    seconds: float = 0.0
    poison: str = NO_POISON

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """See the class."""
        words = "".join(window.text[:LINE_LENGTH].splitlines()[0] + "\n" for window in request.windows)
        with open(self.calls_file, "a", encoding="utf-8") as file:
            file.write(words)
        if self.poison != NO_POISON and self.poison in words:
            os._exit(1)
        time.sleep(self.seconds)
        found = {w.id: {a.name: _quoting(w.text) for a in request.atoms} for w in request.windows}
        return ReadReply(found, Usage(1, 100, 10), self.name)


def _quoting(text: str) -> ReadAtom:
    return ReadAtom(ReadStatus.MATCH, (text[:LINE_LENGTH].splitlines()[0],))


def main() -> None:
    """Serve until standard input ends."""
    url, calls_file, seconds, poison = sys.argv[1:]
    model = NotedModel(calls_file=calls_file, seconds=float(seconds), poison=poison)
    house = EngineHouse(PostgresDatabase(url), model)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        messages = [batch_message(message) for message in json.loads(line)]
        map_batch(house.map_tools(), messages, LEASE_SECONDS)
        house.queue.advance(900)
        sys.stdout.write(json.dumps(house.queue.receive(100)) + "\n")
        sys.stdout.flush()


@dataclass
class WorkerProcess:
    """The other end of such a process."""

    process: "subprocess.Popen[str]"

    def read(self, messages: Sequence[JsonObject]) -> bool:
        """Have it read these batches; whether it lived to the end. `back` is what it sent to the queue."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(list(messages)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return False
        self.back: list[JsonObject] = json.loads(self.process.stdout.readline() or "null") or []
        return self.process.poll() is None and not self._ended()

    def _ended(self) -> bool:
        try:
            self.process.wait(0.01)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> int:
        """SIGKILL; the exit status."""
        self.process.kill()
        return self.end()

    def end(self) -> int:
        """Wait for its end, which the end of its input is; the exit status."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        return self.process.wait(60)


def start_worker(url: str, calls: Path, seconds: float = 0.0, poison: str = NO_POISON) -> WorkerProcess:
    """A worker that is ready."""
    command = [sys.executable, "-m", "tests.engine.worker_process", url, str(calls), str(seconds), poison]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return WorkerProcess(process)


def calls_in(file: Path) -> Counter[str]:
    """How often each document was sent to the model, by the beginning of its text."""
    return Counter(file.read_text("utf-8").splitlines()) if file.exists() else Counter()


if __name__ == "__main__":
    main()
