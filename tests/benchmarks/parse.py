"""How fast and in how much memory are text reports read, and how many a second does ``crashflow analyze`` read?"""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deployments import console
from tasks.core import parsers
from tests.benchmarks import reports

TARGETS = {"100_kb_ms": 3.0, "5_mb_ms": 150.0, "peak_times_size": 10.0}
_SIZES = {"100_kb": 100_000, "5_mb": 5_000_000}
_RUNS = {"100_kb": 30, "5_mb": 7}
_FILES = 1_000
_FILE_SIZE = 10_000
_CORES = 2


def run() -> dict[str, Any]:
    """
    Measure each format and size; return figures, targets, and whether they are met.

    The figures are medians of processor time, and the targets hold for them on an idle core. On a machine that others
    use, the best times say more.
    """
    rows = [
        (name, size, *_measure(make, _SIZES[size], _RUNS[size]))
        for name, make in reports.MAKERS.items()
        for size in _SIZES
    ]
    columns = ("format", "size", "median ms", "best ms", "peak memory / size", "crashes", "threads")
    console.table(columns, [(*row[:2], *(f"{x:.2f}" for x in row[2:5]), *row[5:]) for row in rows], title="Parsing")
    rate = _analyze_rate()
    console.line(
        f"{rate:.0f} texts of {_FILE_SIZE // 1000} KB a second: `analyze` on {_FILES} files with {_CORES} cores."
    )
    figures: dict[str, float] = {}
    for name, size, median, _, peak, *_ in rows:
        figures[f"{name}_{size}_ms"] = round(median, 3)
        figures[f"{name}_{size}_peak_times_size"] = round(peak, 2)
    figures["analyze_texts_per_s"] = round(rate)
    is_met = all(
        value <= target for name, target in TARGETS.items() for key, value in figures.items() if key.endswith(name)
    )
    return {"name": "parse", "figures": figures, "targets": TARGETS, "met": is_met}


def _measure(make: Callable[[int, int], bytes], size: int, runs: int) -> tuple[float, float, float, int, int]:
    """
    Return median and best time in ms, peak memory as a multiple of the size, and how much was found.

    Each run reads a text of its own, of which nothing was read before: what a reader keeps of one file is no help.
    The garbage of the run before is collected outside the clock. What was imported is left out of that: to walk through
    it would empty the processor's caches before each run, as nothing does between two files of one process.
    """
    parsers.parse(make(size, 0))
    gc.collect()
    gc.freeze()
    times = []
    for seed in range(1, runs + 1):
        content = make(size, seed)
        gc.collect()
        start = time.process_time()
        parsers.parse(content)
        times.append((time.process_time() - start) * 1000)
    content = make(size, runs + 1)
    gc.collect()
    tracemalloc.start()
    crashes = parsers.parse(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    gc.unfreeze()
    threads = sum(len(crash.threads) for crash in crashes)
    return statistics.median(times), min(times), peak / len(content), len(crashes), threads


def _analyze_rate() -> float:
    """Run the command itself on many files, its start included, bound to two cores."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(_FILES):
            make = (reports.wheaty, reports.gdb)[number % 2]
            Path(folder, f"{number:04}.txt").write_bytes(make(_FILE_SIZE + number % 97, number))
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, set(sorted(before)[:_CORES]))
        start = time.perf_counter()
        try:
            command = (sys.executable, "-c", "from deployments.cli import main; main()", "analyze", folder, "--json")
            done = subprocess.run(command, capture_output=True, check=True)
        finally:
            os.sched_setaffinity(0, before)
        seconds = time.perf_counter() - start
    printed = len(done.stdout.splitlines())
    if printed < _FILES:
        raise RuntimeError(f"analyze printed {printed} results for {_FILES} files")
    return _FILES / seconds
