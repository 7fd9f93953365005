"""How long does a template take for the longest file of these servers, and a fix from its dump to its draft?"""

import gc
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import select

from db import models, settings
from deployments import console, pipeline, prefect_services, walkthrough
from deployments.pipeline import Served
from deployments.prefect_api import PrefectApi
from tasks.core import crash_json, edits, fixes, timeline
from tasks.core.crash import Crash
from tasks.core.fixes import Proposal, syntax
from tasks.core.timeline import Step
from tasks.steps import stories
from tasks.steps.detection import detect
from tasks.steps.workspace import open_workspace
from tests.conformance import templates
from tests.faults import place
from tests.faults.rows import BUILT

TARGETS = {"best_s": 0.5, "way_own_s": 10.0}
LINES = 27_000
"""Unit.cpp and Player.cpp of these servers have as many."""

_RUNS = 7
_WAYS = 3
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
    the machine; beside it stands the time to parse the file alone, which each fix begins with. Then a crash of the demo
    goes the whole way several times, with a Prefect server and a runner that are up; compiler, tests, analysis and
    replay are taken from its time.
    """
    way = _way()
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
    figures |= {"way_own_s": round(way.own_seconds, 2), "way_program_s": round(way.program_seconds, 2)}
    is_met = all(best < TARGETS["best_s"] for _, best, _, _ in rows) and way.own_seconds < TARGETS["way_own_s"]
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


def _way() -> Step:
    """Print how long each step from a dump to its draft takes, the median of some runs; return all of them as one."""
    with place.opened() as opened:
        loaded = settings.load(opened.configure({**BUILT, "test": walkthrough.TEST}))
        room, api = open_workspace(loaded), PrefectApi(url=opened.api)
        server = loaded.configuration.server[0]
        with prefect_services.runner(loaded, api) as check:
            ways = []
            for number in range(_WAYS):
                console.step(f"dump to draft, {number + 1} of {_WAYS}")
                opened.clear()
                dump = detect(room.database, server, opened.core())
                pipeline.follow(room, Served(api=api, check=check), [dump], lambda _: None)
                with room.database.transaction() as session:
                    (fix,) = session.exec(select(models.Fix)).all()
                    ways.append(stories.steps_of(session, fix))
        room.database.close()
    steps = [
        Step(
            name=name,
            seconds=statistics.median(part.seconds for way in ways for part in way if part.name == name),
            program_seconds=statistics.median(
                part.program_seconds for way in ways for part in way if part.name == name
            ),
        )
        for name, _, _ in timeline.STEPS
    ]
    whole = timeline.total(steps)
    console.table(
        ("step", "s", "of it programs of the gates", "the rest"),
        [
            (step.name, *(f"{seconds:.2f}" for seconds in (step.seconds, step.program_seconds, step.own_seconds)))
            for step in (*steps, whole)
        ],
        title=f"From the dump to the draft, the median of {_WAYS}",
    )
    return whole


def _seconds(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    action()
    return time.process_time() - start
