"""How long does a template take for a file as long as the longest of these servers?"""

import gc
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from deployments import console
from tasks.core import crash_json, edits, fixes
from tasks.core.crash import Crash
from tasks.core.fixes import Proposal, syntax
from tests.conformance import templates

TARGETS = {"best_s": 0.5}
LINES = 27_000
"""Unit.cpp and Player.cpp of these servers have as many."""

_RUNS = 7
_SOURCE = templates.SOURCE
_FILLER = """\
void Filler{0}::Update(uint32 diff)
{{
    if (m_timer <= diff)
    {{
        m_timer = {0};
        for (Unit* unit : m_units)
            if (unit && unit->IsAlive())
                unit->ModifyHealth(int32(diff) * {0});
    }}
    else
        m_timer -= diff;

    SetFloatValue(UNIT_FIELD_FILLER + {0}, float(m_timer) / float(diff)); // a comment, as every file has
}}

"""


def run() -> dict[str, Any]:
    """
    Put the first case that each template fixes in the middle of a long file; return figures, targets, and the verdict.

    A fix is the proposal and its edits applied, from bytes to bytes. The best of several runs counts, as others may use
    the machine; beside it stands the time to parse the file alone, which each fix begins with.
    """
    rows = [(template.slug, *_measure(template.slug)) for template in fixes.TEMPLATES]
    columns = ("template", "best ms", "median ms", "parsing ms", "fix / parsing")
    console.table(
        columns,
        [
            (slug, *(f"{seconds * 1000:.0f}" for seconds in (best, median, parsing)), f"{best / parsing:.2f}")
            for slug, best, median, parsing in rows
        ],
        title=f"A fix in a file of {LINES:,} lines",
    )
    figures = {f"{slug}_best_s": round(best, 4) for slug, best, _, _ in rows}
    figures |= {f"{slug}_times_parsing": round(best / parsing, 2) for slug, best, _, parsing in rows}
    is_met = all(best < TARGETS["best_s"] for _, best, _, _ in rows)
    return {"name": "fix", "figures": figures, "targets": TARGETS, "met": is_met}


def long_case(slug: str) -> tuple[Crash, dict[str, bytes], bytes]:
    """
    Return a crash, the sources at hand, and the fixed file: the first case of a template, with much code around it.

    Only cases whose file ends no line with a carriage return are taken, as the code around it does not either.
    """
    for folder in templates.find(templates.CASES / slug):
        before, expected = folder / _SOURCE, folder / "expect.cpp"
        if not expected.exists() or b"\r" in before.read_bytes():
            continue
        head, tail = _filler(before.read_bytes().count(b"\n"))
        moved = head.count(b"\n")
        value = json.loads((folder / "crash.json").read_bytes())
        for frame in (frame for thread in value["threads"] for frame in thread["frames"]):
            if frame.get("file") == _SOURCE:
                frame["line"] += moved
        headers = {path.name: path.read_bytes() for path in folder.glob("*.h")}
        sources = {_SOURCE: head + before.read_bytes() + tail, **headers}
        return crash_json.to_crash(value), sources, head + expected.read_bytes() + tail
    raise RuntimeError(f"The template {slug} has no case that it fixes.")


def _filler(taken: int) -> tuple[bytes, bytes]:
    pieces = (LINES - taken) // _FILLER.count("\n") + 1
    texts = [_FILLER.format(number + 1).encode() for number in range(pieces)]
    return b"".join(texts[: pieces // 2]), b"\n" + b"".join(texts[pieces // 2 :])


def _measure(slug: str) -> tuple[float, float, float]:
    """Return best and median seconds of a fix, and the best of parsing the file."""
    crash, sources, expected = long_case(slug)
    template = fixes.template(slug)

    def fix() -> bytes:
        proposal: Proposal = template.propose(crash, sources)
        return edits.apply(sources[_SOURCE], proposal.edits)

    if fix() != expected:
        raise RuntimeError(f"The template {slug} did not edit the long file as it edits its case.")
    times = [_seconds(fix) for _ in range(_RUNS)]
    parsing = min(_seconds(partial(syntax.parse, sources[_SOURCE])) for _ in range(_RUNS))
    return min(times), statistics.median(times), parsing


def _seconds(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    action()
    return time.process_time() - start
