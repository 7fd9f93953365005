"""Does the time of any reader grow faster than its text? Absurd runs of characters, in every line of every format."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from deployments import console
from tasks.core import parsers
from tasks.core.errors import DumpError
from tasks.core.parsers import TextFormat
from tests.fuzz import samples

TARGETS = {"worst_growth": 6.0, "worst_s_per_mb": 5.0}
"""Four times the text may take six times as long; and a text made to be slow is read in seconds."""

RUNS = (
    *(
        "(",
        ")",
        "<",
        ">",
        "[",
        "{",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\0",
        '"',
        "`",
        "!",
        ":",
        ".",
        "7",
        "f",
        "a ",
        "a<",
        "a::",
    ),
    *("#0 ", " at ", " in ", "0x1 ", "+0x1 ", "a=", "a,", "/a", "operator<", "(anonymous namespace)::", "#1 f ()\n"),
)
_SIZE = 24_000
_NOTICED_S = 0.1
"""Below this, noise is larger than growth."""


def run() -> dict[str, Any]:
    """Time each run of characters at the end of each line of each sample, and in four times the length."""
    worst_growth = worst_rate = 0.0
    for reader in parsers.FORMATS:
        for text in samples.BY_FORMAT[reader.NAME]:
            lines = text.splitlines(keepends=True)
            for number, line in enumerate(lines):
                for matter in RUNS:
                    growth, rate = _measure(reader, _filled(lines, number, matter.encode()))
                    if growth > TARGETS["worst_growth"] or rate > TARGETS["worst_s_per_mb"]:
                        where = f"{reader.NAME}, {matter!r} in {line[:40]!r}"
                        console.line(f"{where}: {growth:.1f} times as long, {rate:.2f} s a MB")
                    worst_growth, worst_rate = max(worst_growth, growth), max(worst_rate, rate)
    figures = {"worst_growth": round(worst_growth, 1), "worst_s_per_mb": round(worst_rate, 2)}
    is_met = all(figures[name] <= target for name, target in TARGETS.items())
    return {"name": "growth", "figures": figures, "targets": TARGETS, "met": is_met}


def _filled(lines: list[bytes], number: int, matter: bytes) -> Callable[[int], bytes]:
    line = lines[number].rstrip(b"\r\n")
    before, behind = b"".join(lines[:number]) + line, b"\n" + b"".join(lines[number + 1 :])
    return lambda size: before + matter * (size // len(matter)) + behind


def _measure(reader: TextFormat, make: Callable[[int], bytes]) -> tuple[float, float]:
    """Return how many times as long four times the text takes (0 where that is too little to tell), and s a MB."""
    long = make(4 * _SIZE)
    seconds = _time(reader, long)
    if seconds < _NOTICED_S:
        return 0.0, seconds / len(long) * 1e6
    seconds = min(seconds, _time(reader, long))
    return seconds / min(_time(reader, make(_SIZE)), _time(reader, make(_SIZE))), seconds / len(long) * 1e6


def _time(reader: TextFormat, content: bytes) -> float:
    start = time.process_time()
    reader.sniff(content)
    with contextlib.suppress(DumpError):
        reader.parse(content)
    return time.process_time() - start
