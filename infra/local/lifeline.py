"""Runs the Lambda runtime client in a process that ends with the local stack, even when that is killed.

Usage: python -S -P lifeline.py <read end of the stack's pipe> <handler>

The stack holds the only write end of the pipe. When the stack is gone, reading ends, and this process takes
its whole group with it. That works on every POSIX system, where a parent-death signal would be Linux only
(and would fire with the thread that started the process).
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_the_stack(pipe: int) -> None:
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Starts the watch, then becomes `python -m awslambdaric <handler>`."""
    pipe, handler = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(pipe, False)
    threading.Thread(target=_end_with_the_stack, args=(pipe,), daemon=True).start()
    sys.argv = ["awslambdaric", handler]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
