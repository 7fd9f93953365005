"""
What the rules make of a set of crash texts, as one text that a reviewer can compare: names, keys, groups and reasons.

The texts below ``texts/`` are our own. ``expected.txt`` is what the rules of today say; a changed rule is a diff of it.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path

from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers, signature
from tasks.core.crash import Crash, Frame
from tasks.core.errors import DumpError
from tasks.core.grouping import Grouping
from tasks.core.matching import Placement
from tasks.core.signature import SignatureResult

FOLDER = Path(__file__).parent
EXPECTED = FOLDER / "expected.txt"
_SHOWN = 8


def now() -> str:
    """Read, name and place all texts in the order of their names, and write down what came of it."""
    lists, grouping = stack_lists(), Grouping()
    blocks = []
    for path in sorted((FOLDER / "texts").glob("*.txt")):
        try:
            crashes = parsers.parse(path.read_bytes())
        except DumpError as error:
            blocks.append(f"{path.stem}\n  not read: {error}\n")
            continue
        for index, crash in enumerate(crashes):
            named = signature.generate(crash, lists)
            placed = grouping.place(matching.shape(named), matching.keys(crash, named))
            title = path.stem if len(crashes) == 1 else f"{path.stem} [{index}]"
            blocks.append("\n".join([title, *(f"  {line}" for line in _lines(crash, named, placed))]) + "\n")
    return "\n".join(blocks)


def difference(before: str, after: str) -> str:
    """Return a unified diff with enough of each crash to see which one it is; empty where nothing changed."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "expected", "now", n=12, lineterm="")
    return "\n".join(lines)


def _lines(crash: Crash, named: SignatureResult, placed: Placement) -> Iterator[str]:
    where = named.location
    yield f"format:      {crash.format}, {crash.exception.kind}"
    yield f"signature:   {named.signature}"
    yield f"location:    {f'{where.name}{_at(where.frame)}' if where else 'none'}"
    more = f" and {len(named.in_app) - _SHOWN} more" if len(named.in_app) > _SHOWN else ""
    yield f"in app:      {' < '.join(named.in_app[:_SHOWN]) or 'none'}{more}"
    yield f"compared:    {' < '.join(named.distinctive) or 'nothing'}"
    if named.assertion:
        yield f"stated:      {named.assertion}"
    yield f"fingerprint: {named.fingerprint or 'none'}"
    yield from (f"key:         {key.kind} {key.value}" for key in matching.keys(crash, named))
    yield f"group:       {placed.defect_id or 'none'} ({placed.how}, {placed.score:.2f})"
    yield from (f"note:        {note}" for note in named.notes)


def _at(frame: Frame) -> str:
    return f" at {frame.file}:{frame.line}" if frame.file else ""
