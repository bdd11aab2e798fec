"""A worker in a process of its own that is killed at a step, or when it comes there for the nth time.

Arguments: database URL, tenant, step, n. It embeds few passages at once: a document takes several requests.

The event comes on standard input.
"""

import os
import signal
import sys
import uuid

from tests.ingest.house import House

EMBEDDED_AT_ONCE = 20


def main() -> None:
    url, tenant, step, times = sys.argv[1:]
    house = House(url, uuid.UUID(tenant))
    house.doors.embedded_at_once = EMBEDDED_AT_ONCE

    def come() -> None:
        if house.doors.passed.count(step) == int(times):
            os.kill(os.getpid(), signal.SIGKILL)

    house.doors.at[step] = come
    house.deliver(sys.stdin.read())


if __name__ == "__main__":
    main()
