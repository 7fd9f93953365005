"""``uv run python -m tests.faults [--only WORD] [--json]``: each fault around a fix, and what became of it."""

import argparse
import json
import signal
import subprocess
import sys
from dataclasses import asdict

from deployments import console
from tasks.core.errors import CrashflowError
from tests.faults import place
from tests.faults.rows import ANALYSTS, FAULTS, HOSTILE, RED_GATES, Row, play

_COLUMNS = ("fault", "end", "reason", "left over", "next run", "s", "right")
_REASON = 90
EVERYTHING = (*FAULTS, *RED_GATES, *HOSTILE, *ANALYSTS)


def main() -> int:
    """Make the faults that were asked for; return 1 where one ends wrong."""
    arguments = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    arguments.add_argument("--only", default="", help="a part of the names of the faults to make")
    arguments.add_argument("--json", action="store_true", help="end with one JSON line for each fault")
    wanted = arguments.parse_args()
    chosen = [fault for fault in EVERYTHING if wanted.only in fault.name]
    if not chosen:
        arguments.error(f"no fault has {wanted.only!r} in its name; there are: {', '.join(f.name for f in EVERYTHING)}")
    # Whoever ends us by SIGTERM gets the place cleared too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    with place.opened() as opened:
        for number, fault in enumerate(chosen, 1):
            console.step(f"{number} of {len(chosen)}: {fault.name}")
            try:
                rows.append(play(opened, fault))
            except (CrashflowError, subprocess.SubprocessError) as error:
                rows.append(Row(fault=fault.name, wanted=fault.wanted, end="not played", reason=str(error)))
    console.table(_COLUMNS, [_cells(row) for row in rows], title="Faults around a fix")
    if wanted.json:
        for row in rows:
            console.raw(json.dumps(asdict(row) | {"is_right": row.is_right}))
    return 0 if all(row.is_right for row in rows) else 1


def _cells(row: Row) -> tuple[object, ...]:
    if row.skipped:
        return row.fault, "not made", row.skipped, "", "", "", "-"
    reason = " ".join(row.reason.split())
    shown = reason if len(reason) <= _REASON else f"{reason[: _REASON // 2]} ... {reason[-_REASON // 2 :]}"
    right = "yes" if row.is_right else "NO"
    return row.fault, row.end, shown, ", ".join(row.remains), row.next_end, row.seconds, right


if __name__ == "__main__":
    sys.exit(main())
