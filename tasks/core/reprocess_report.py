"""What reading the stored crashes again moves, or would move, as a Markdown table. Signatures come from dumps."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.core import markdown

SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Move:
    """Crashes of one defect that are read alike; ``target`` is None for a new defect, or for none at all."""

    source: int | None
    target: int | None
    crashes: int
    before: str
    after: str
    is_new: bool = False

    @property
    def is_elsewhere(self) -> bool:
        """True when the crashes leave their defect; otherwise they are only named or judged anew."""
        return self.is_new or self.source != self.target


def render(moves: Sequence[Move], seen: int, rules: str) -> str:
    """Return the report of a dry run: what would move, the most crashes first."""
    moving = sum(move.crashes for move in moves if move.is_elsewhere)
    changing = sum(move.crashes for move in moves)
    lines = [
        "# What reprocess-history would change",
        "",
        (
            f"Of {seen} crashes, {moving} would move to another defect, {changing - moving} would be named or judged"
            f" anew; the rules are {markdown.code(rules)}. Nothing was written."
        ),
    ]
    if moves:
        lines += ["", "| crashes | from | to | signature before | signature after |", "|--:|--:|--:|---|---|"]
    ordered = sorted(moves, key=lambda move: (not move.is_elsewhere, -move.crashes, move.source or 0))
    for move in ordered[:SHOWN]:
        before, after = markdown.cell(move.before, limit=120), markdown.cell(move.after, limit=120)
        lines.append(f"| {move.crashes} | {move.source or 'none'} | {_target(move)} | {before} | {after} |")
    if len(ordered) > SHOWN:
        lines += ["", f"{len(ordered) - SHOWN} more rows are not shown."]
    return "\n".join(lines) + "\n"


def _target(move: Move) -> str:
    if move.is_new:
        return "a new defect"
    if move.target is None:
        return "none"
    return str(move.target) if move.is_elsewhere else "stays"
