"""Command line of the local stack: `up`, `demo` and `upload`."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

from infra.local.folders import Folders
from infra.local.loopback_server import PortInUseError
from infra.local.postgres import PostgresError
from infra.local.stack import LocalStack, StackError, to_stderr

PASSED_ON = (
    "DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL_NAME", "STRONG_MODEL_NAME", "MODEL_PRICES",
    "VECTOR_STORE", "EMBEDDING_MODEL", "EMBEDDING_DIMENSIONS",
)  # fmt: skip
PASSED_ON_PREFIX = "PINECONE_"
USAGE_ERROR = 2
LAST_PORT = 65_535


def passed_on(caller: dict[str, str]) -> dict[str, str]:
    """The part of the caller's environment that functions get to see."""
    return {
        name: value
        for name, value in caller.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIX)
    }


def up(argv: list[str]) -> int:
    """Runs the stack until SIGTERM or Ctrl-C. Exit code 2 when it cannot start as asked, 1 when it fails."""
    parser = argparse.ArgumentParser(prog="infra.local up", description="Run Census on this machine.")
    parser.add_argument("--port", type=_port, default=8080)
    parser.add_argument("--data", type=Path, default=Path(".census"))
    parser.add_argument("--template", type=Path, default=Path("template.yaml"))
    parser.add_argument(
        "--wheels", type=Path, help="installed layers; default .build/local beside the template"
    )
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return _run(_stack(options), stop)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; choose one from 1 to {LAST_PORT} (PORT=8081)")
    return int(text)


def _stack(options: argparse.Namespace) -> LocalStack:
    root, data = options.template.resolve().parent, options.data.resolve()
    folders = Folders(root, (options.wheels or root / ".build" / "local").resolve(), data / "run")
    return LocalStack(
        options.template,
        data,
        options.port,
        dict(pair.partition("=")[::2] for pair in options.parameter),
        passed_on(dict(os.environ)),
        folders=folders,
        report=to_stderr,
    )


def _run(stack: LocalStack, stop: threading.Event) -> int:
    from infra.local.template import TemplateError

    try:
        stack.start()
    except PortInUseError as error:
        to_stderr(f"error: {error}; stop what listens there, or choose another port (PORT=8081)")
        return USAGE_ERROR
    except OSError as error:
        to_stderr(f"error: {error}; the data needs a folder that can be written (DATA=…)")
        return USAGE_ERROR
    except (StackError, TemplateError, PostgresError) as error:
        to_stderr(f"error: {error}")
        return USAGE_ERROR if "another stack" in str(error) else 1
    try:
        print(f"ready {stack.url}", flush=True)
        stop.wait()
        to_stderr("stopping")
    finally:
        stack.stop()
    return 0


def main(argv: list[str]) -> int:
    """Runs one command. `demo` and `upload` live in modules of their own with `main(argv) -> int`."""
    command, rest = (argv or ["help"])[0], argv[1:]
    if command == "up":
        return up(rest)
    if command in ("demo", "upload"):
        code: int = importlib.import_module(f"infra.local.{command}").main(rest)
        return code
    to_stderr("usage: python -m infra.local up|demo|upload [options]")
    return USAGE_ERROR


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.exit(code)
