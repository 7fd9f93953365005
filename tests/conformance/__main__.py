"""``uv run python -m tests.conformance [parse|group|patterns] [--json]``: all tables without a name; JSON last."""

import argparse
import json
import sys

from deployments import console
from tests.conformance import corpus, group, parse, patterns

TABLES = {"parse": parse.run, "group": group.run, "patterns": patterns.run}


def main() -> int:
    """Print the tables that were asked for; return 1 where a target is missed."""
    arguments = argparse.ArgumentParser(prog="tests.conformance", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=f"{' or '.join(TABLES)}; all without a name")
    arguments.add_argument("--json", action="store_true", help="end with one JSON line for each table")
    chosen = arguments.parse_args()
    if unknown := [name for name in chosen.names if name not in TABLES]:
        arguments.error(f"there is no table {unknown[0]}; choose {' or '.join(TABLES)}")
    root = corpus.folder()
    if root is None:
        console.line(f"Skipped: there is no corpus; {corpus.VARIABLE} names its folder.")
        return 0
    texts = corpus.load(root)
    results = [TABLES[name](texts) for name in chosen.names or TABLES]
    if chosen.json:
        for result in results:
            console.raw(json.dumps(result))
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
