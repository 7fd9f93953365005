"""
Reading thousands of files on all cores: results come in the order of the files, progress goes to standard error.

A batch of files is the unit of work, so that what every process has to know is made once for many files.
"""

import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import TypeVar

from deployments import console
from tasks.core.errors import CrashflowError

FEW = 50
"""Up to this many files are read in this process: starting others would take longer."""

_BATCH = 32
_SHARES = 8
_GARBAGE_THRESHOLD = 50_000
"""New objects between two looks for garbage."""


T = TypeVar("T")


def read(paths: Sequence[Path], work: Callable[[Sequence[Path]], Iterator[T]]) -> Iterator[T]:
    """
    Yield one result for each file, in the order of the files.

    ``work`` goes to other processes: a function of a module, or a ``functools.partial`` of one, whose results can be
    pickled.

    Raises:
        CrashflowError: a process was killed; the text names the files that it was reading.
    """
    cores = _cores()
    results = work(paths) if len(paths) <= FEW or cores == 1 else _in_processes(paths, work, cores)
    return _with_progress(results, len(paths))


def _in_processes(paths: Sequence[Path], work: Callable[[Sequence[Path]], Iterator[T]], cores: int) -> Iterator[T]:
    size = max(1, min(_BATCH, len(paths) // (cores * _SHARES)))
    batches = [paths[start : start + size] for start in range(0, len(paths), size)]
    waiting = iter(batches)
    with ProcessPoolExecutor(max_workers=cores, initializer=_prepare) as pool:
        # No more than a few batches ahead: results wait in memory until it is their turn.
        running = [(batch, pool.submit(_collect, work, batch)) for batch in islice(waiting, cores * _SHARES)]
        try:
            while running:
                batch, future = running.pop(0)
                yield from future.result()
                running += [(each, pool.submit(_collect, work, each)) for each in islice(waiting, 1)]
        except BrokenProcessPool as error:
            names = f"{batch[0]} to {batch[-1]}"
            message = f"A process died, perhaps for want of memory, while the files {names} were read: try them alone."
            raise CrashflowError(message) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    """Leave interrupts to the parent; look for garbage seldom, as a batch leaves little and its frames are many."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)


def _collect(work: Callable[[Sequence[Path]], Iterator[T]], batch: Sequence[Path]) -> list[T]:
    return list(work(batch))


def _with_progress(results: Iterator[T], total: int) -> Iterator[T]:
    with progress(total, "files") as advance:
        for result in results:
            yield result
            advance(1)


@contextlib.contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, elsewhere a line at every tenth of many; the block tells how many more are done."""
    if total <= 1 or (total <= FEW and not console.is_watched()):
        yield lambda _: None
    elif not console.is_watched():
        yield _Tenths(total, what).advance
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console.progress(), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda count: bar.advance(task, count)


class _Tenths:
    """Prints a line whenever another tenth is done."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what, self._done = total, what, 0

    def advance(self, count: int) -> None:
        before = self._done
        self._done += count
        if self._done * 10 // self._total > before * 10 // self._total:
            console.step(f"{self._done} of {self._total} {self._what}")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
