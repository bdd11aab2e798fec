"""Run the server as a process of its own: prints `ready <url>`, ends on SIGTERM and Ctrl-C."""

import argparse
import signal
import sys
import threading

from tests.pinecone_server.index import PineconeIndex
from tests.pinecone_server.server import Faults, PineconeServer


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pinecone_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--api-key", default="test-key")
    parser.add_argument("--dimension", type=int, default=256, help="256 is the built-in embedder's")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds until reads see a write")
    parser.add_argument("--slow", type=float, default=0.0, help="seconds every call takes")
    parser.add_argument("--faults", type=int, nargs="*", default=[], help="statuses of the first calls")
    return parser.parse_args()


def main() -> None:
    """Serve until told to stop."""
    options = _options()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    faults = Faults([(status, {}) for status in options.faults], slow_seconds=options.slow)
    index = PineconeIndex(options.dimension, lag=options.lag)
    with PineconeServer(index, faults, api_key=options.api_key, port=options.port) as server:
        sys.stdout.write(f"ready {server.host}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
