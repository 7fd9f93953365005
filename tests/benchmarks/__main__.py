"""``uv run python -m tests.benchmarks [NAME...] [--json]``: all without a name; the last lines are JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from deployments import console
from tests.benchmarks import detect, fix, growth, history, load, logs, match, novel, parse, storm

BENCHMARKS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "parse": lambda _: parse.run(),
    "growth": lambda _: growth.run(),
    "detect": lambda chosen: detect.run(chosen.seconds),
    "match": lambda chosen: match.run(chosen.defects),
    "ingest": lambda chosen: load.run(chosen.dumps),
    "storm": lambda chosen: storm.run(chosen.dumps),
    "logs": lambda _: logs.run(),
    "fix": lambda _: fix.run(),
    "novel": lambda _: novel.run(),
    "history": lambda chosen: history.run(chosen.rows),
}


def main() -> int:
    """Run the benchmarks that were asked for; return 1 where a target is missed."""
    arguments = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all without a name")
    arguments.add_argument("--json", action="store_true", help="end with one JSON line for each benchmark")
    arguments.add_argument("--seconds", type=int, default=60, help="how long each rate of `detect` lasts (60)")
    arguments.add_argument("--rows", type=int, default=1_000_000, help="the crashes of `history` (1,000,000)")
    arguments.add_argument("--dumps", type=int, default=10_000, help="dumps of `ingest` and `storm` (10000)")
    arguments.add_argument("--defects", type=int, default=100_000, help="the most defects of `match` (100000)")
    chosen = arguments.parse_args()
    if unknown := [name for name in chosen.names if name not in BENCHMARKS]:
        arguments.error(f"there is no benchmark {unknown[0]}; choose among {', '.join(BENCHMARKS)}")
    results = [BENCHMARKS[name](chosen) for name in chosen.names or BENCHMARKS]
    if chosen.json:
        for result in results:
            console.raw(json.dumps(result))
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
