"""``uv run python -m tests.kills [--only up,runner] [--states COMPILING] [--json]``: kill -9 at each state of a fix."""

import argparse
import json
import signal
import sys
from dataclasses import asdict

from deployments import console
from tests.kills import field, rounds
from tests.kills.rounds import STATES, VICTIMS, Row

_COLUMNS = (
    "killed",
    "at",
    "what that was",
    "end",
    "lost",
    "crashes",
    "orphans",
    "runs",
    "PRs",
    "taken up",
    "s",
    "note",
)


def main() -> int:
    """Play the rounds that were asked for; return 1 where one ends wrong."""
    arguments = argparse.ArgumentParser(prog="tests.kills", description=__doc__)
    arguments.add_argument("--only", default=",".join(VICTIMS), help=f"what is killed ({','.join(VICTIMS)})")
    arguments.add_argument("--states", default=",".join(STATES), help=f"when ({','.join(STATES)})")
    arguments.add_argument("--json", action="store_true", help="end with one JSON line for each round")
    chosen = arguments.parse_args()
    victims, states = chosen.only.split(","), chosen.states.split(",")
    if unknown := [word for word in victims if word not in VICTIMS] + [word for word in states if word not in STATES]:
        arguments.error(f"{unknown[0]} is neither of {', '.join(VICTIMS)} nor of {', '.join(STATES)}")
    # Whoever ends us by SIGTERM gets the field cleared too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    with field.opened() as place:
        for victim in victims:
            for state in states:
                row = rounds.run(place, victim, state)
                rows.append(row)
                console.raw("  ".join(str(cell) for cell in _cells(row)))
    console.table(_COLUMNS, [_cells(row) for row in rows], title="Killed with -9")
    if chosen.json:
        for row in rows:
            console.raw(json.dumps(asdict(row) | {"is_right": row.is_right}))
    return 0 if all(row.is_right for row in rows) else 1


def _cells(row: Row) -> tuple[object, ...]:
    missed = "missed" if not row.killed and not row.note else row.note
    what = row.reason.splitlines()[0][:60] if row.end == "FAILED" and row.reason else ""
    return (
        row.victim,
        row.state,
        row.killed or "-",
        row.end,
        row.lost,
        row.crashes,
        len(row.orphans),
        row.runs,
        row.pull_requests,
        row.taken_up,
        row.seconds,
        " ".join(filter(None, (missed, what, ", ".join(row.orphans)[:100]))),
    )


if __name__ == "__main__":
    sys.exit(main())
