"""``uv run python -m tests.conformance [parse|group|patterns|templates] [--json]``: all without a name; JSON last."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from deployments import console
from tests.conformance import corpus, group, parse, patterns, templates

TABLES = {"parse": parse.run, "group": group.run, "patterns": patterns.run}


def main() -> int:
    """Print the tables that were asked for; return 1 where a target is missed."""
    arguments = argparse.ArgumentParser(prog="tests.conformance", description=__doc__)
    names = (*TABLES, "templates")
    arguments.add_argument("names", nargs="*", metavar="NAME", help=f"{' or '.join(names)}; all without a name")
    arguments.add_argument("--json", action="store_true", help="end with one JSON line for each table")
    arguments.add_argument("--cases", type=Path, metavar="DIR", help="the cases of `templates`, instead of ours")
    chosen = arguments.parse_args()
    if unknown := [name for name in chosen.names if name not in names]:
        arguments.error(f"there is no table {unknown[0]}; choose {' or '.join(names)}")
    if chosen.cases is not None and not chosen.cases.is_dir():
        arguments.error(f"there is no folder {chosen.cases}")
    wanted = chosen.names or names
    results = _of_the_corpus([name for name in wanted if name in TABLES])
    results += [templates.run(chosen.cases)] if "templates" in wanted else []
    if chosen.json:
        for result in results:
            console.raw(json.dumps(result))
    return 0 if all(result["met"] for result in results) else 1


def _of_the_corpus(names: list[str]) -> list[dict[str, Any]]:
    root = corpus.folder() if names else None
    if root is None:
        if names:
            console.line(f"Skipped: there is no corpus; {corpus.VARIABLE} names its folder.")
        return []
    texts = corpus.load(root)
    return [TABLES[name](texts) for name in names]


if __name__ == "__main__":
    sys.exit(main())
