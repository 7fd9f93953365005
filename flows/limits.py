"""Prefect's concurrency limits, as our flows occupy them. The catalogue names and makes them."""

import contextlib
from collections.abc import Iterator

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency

from tasks.core.errors import CrashflowError

LEASE_S = 60
"""A killed run gives its place back after this time: the living renew theirs."""


@contextlib.contextmanager
def occupied(name: str) -> Iterator[None]:
    """
    Hold one place of a limit for the block, waiting for it as long as it takes.

    A server that is away for a while does not end the work. A limit that is missing does: it would limit nothing.

    Raises:
        CrashflowError: the server gives no place, now or later.
    """
    place = concurrency(name, occupy=1, strict=True, lease_duration=LEASE_S, raise_on_lease_renewal_failure=False)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(place)
        except ConcurrencySlotAcquisitionError as error:
            raise CrashflowError(
                f"The Prefect server could not give this run its turn: {error}. What was recorded is kept; see whether"
                " the server's disk is full and what its log says, then run this again."
            ) from error
        yield
