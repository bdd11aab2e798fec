"""Closes this process's memory and environment to the processes it starts.

A reader of untrusted files gets no credential, but runs as the same user: without this it could read ours in
/proc, or attach to us as a debugger. A process of root still can.
"""

import ctypes
import logging
import os
import sys
from functools import cache

LOG = logging.getLogger(__name__)
_PR_SET_DUMPABLE = 4


@cache
def close_memory() -> None:
    """Once, before the first reader is started: PR_SET_DUMPABLE (man 2 prctl). Linux only."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        reason = os.strerror(ctypes.get_errno())
        LOG.warning("Readers of files could read this process's memory: prctl failed (%s).", reason)
