"""Run the server as a process of its own: prints `ready <url>`, ends on SIGTERM and Ctrl-C."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.model_server.brains import Brain, ScriptedBrain
from tests.model_server.faults import ALL_FAULTS, Fault, FaultPlan
from tests.model_server.gold import GoldBrain
from tests.model_server.server import Latency, ModelServer

PURPOSES = ("read", "plan", "lookup", "fold")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.model_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--gold", type=Path, help="folder with gold.jsonl and txt/; without, all is no_match")
    parser.add_argument("--fault-rate", type=float, default=0.0)
    parser.add_argument("--faults", nargs="+", type=Fault, default=list(ALL_FAULTS), metavar="KIND")
    parser.add_argument("--fault-purposes", nargs="+", default=["read"], choices=list(PURPOSES))
    parser.add_argument("--slow-seconds", type=float, default=60.0, help="how long the fault `slow` waits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="median seconds of a call")
    parser.add_argument("--sigma", type=float, default=0.35, help="spread of the latency (lognormal)")
    parser.add_argument("--requests-per-minute", type=int, help="more get a 429; without, there is no limit")
    return parser.parse_args()


def main() -> None:
    """Serve until told to stop."""
    options = _options()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    brain: Brain = GoldBrain.load(options.gold) if options.gold else ScriptedBrain()
    faults = FaultPlan(
        rate=options.fault_rate,
        seed=options.seed,
        kinds=tuple(options.faults),
        purposes=frozenset(options.fault_purposes),
        slow_seconds=options.slow_seconds,
    )
    latency = Latency(options.latency, options.sigma, options.seed)
    limit = options.requests_per_minute
    with ModelServer(brain, faults, latency, options.port, requests_per_minute=limit) as server:
        sys.stdout.write(f"ready {server.base_url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
