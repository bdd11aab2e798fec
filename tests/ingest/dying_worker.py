"""A worker in a process of its own that is killed at a step. Arguments: database URL, tenant, step.

The event comes on standard input.
"""

import os
import signal
import sys
import uuid

from tests.ingest.house import House


def main() -> None:
    url, tenant, step = sys.argv[1:]
    house = House(url, uuid.UUID(tenant))
    house.doors.at[step] = lambda: os.kill(os.getpid(), signal.SIGKILL)
    house.deliver(sys.stdin.read())


if __name__ == "__main__":
    main()
