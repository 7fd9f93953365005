"""
The process that outlives a killed ``crashflow up`` just long enough to end what that one started.

Its standard input is a pipe that ``up`` holds open. When that closes ``up`` is gone, however it went: then everything
with its mark is killed, and the embedded Postgres is stopped unless somebody uses it.
"""

import sys

import filelock

from db import session, settings
from deployments.presence import LOCK_NAME
from tasks.clients import orphans


def main() -> None:
    """Wait for the end of the owner whose mark is the first argument."""
    owner = sys.argv[1]
    sys.stdin.buffer.read()
    orphans.end_of(owner)
    loaded = settings.load()
    try:
        with filelock.FileLock(loaded.state_folder / LOCK_NAME, timeout=0):
            session.stop_unused(loaded)
    except filelock.Timeout:
        return  # the next `up` is there already, and the database is its own


if __name__ == "__main__":
    main()
