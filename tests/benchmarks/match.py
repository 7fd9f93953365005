"""How long do placing and matching take with the database asked, among how many defects, and against a plain scan?"""

import os
import random
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from db import copying, placing
from db.placing import Arrival
from deployments import console
from tasks.core import matching, signature
from tasks.core.configuration import ServerSettings
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.matching import PatternIndex, Shape
from tasks.core.patterns import Pattern
from tasks.steps import telling
from tasks.steps.workspace import Workspace
from tests.benchmarks import load

TARGETS = {"p50_ms": 1.0, "p99_ms": 5.0, "flat": 2.0, "naive_times": 100.0}
SIZES = (1_000, 10_000, 100_000)
PATTERNS = 500
_DEPTH = 14
_PROBES = 500
_LEARNED = 500
_SCANS = 5
_AT = datetime(2025, 10, 31, tzinfo=UTC)


def run(largest: int) -> dict[str, Any]:
    """Measure each size up to ``largest``; return figures, targets, and whether they are met."""
    figures: dict[str, Any] = {}
    index = PatternIndex(_patterns())
    with load.installation(ServerSettings(name="s")) as (room, _):
        known = 0
        for size in (each for each in SIZES if each <= largest):
            rate = _learn(room, range(known, size))
            known = size
            times = sorted(_probe(room, index, size))
            naive = _naive(room, index, size)
            told = {
                "p50_ms": round(statistics.median(times), 3),
                "p99_ms": round(times[len(times) * 99 // 100], 3),
                "learned_per_s": round(rate),
                "naive_ms": round(naive, 1),
                "naive_times": round(naive / statistics.median(times), 1),
            }
            figures |= {f"{size}_{name}": value for name, value in told.items()}
            console.line(f"{size} defects: " + ", ".join(f"{name} {value}" for name, value in told.items()))
    figures["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    figures["load"] = round(os.getloadavg()[0], 1)
    figures["flat"] = round(figures[f"{known}_p50_ms"] / figures[f"{SIZES[0]}_p50_ms"], 2)
    is_met = (
        figures[f"{known}_p50_ms"] < TARGETS["p50_ms"]
        and figures[f"{known}_p99_ms"] < TARGETS["p99_ms"]
        and figures["flat"] < TARGETS["flat"]
        and figures[f"{known}_naive_times"] >= TARGETS["naive_times"]
    )
    return {"name": "match", "figures": figures, "targets": TARGETS, "met": is_met}


def crash(number: int, *, variant: int = 0) -> Crash:
    """Return a crash of the defect of a number; a ``variant`` misses one frame of it below the location."""
    chosen = random.Random(number)
    names = [f"Module{number}::Handle{number % 7}"]
    names += [f"Layer{chosen.randrange(5000)}::Call{chosen.randrange(9)}" for _ in range(_DEPTH - 3)]
    if variant:
        del names[3 + variant % 4]
    names += ["Map::Update", "World::Update"]
    frames = tuple(
        Frame(index=index, function=name, file=f"/src/game/{name.partition('::')[0]}.cpp", line=100 + index)
        for index, name in enumerate(names)
    )
    return Crash(
        format="gdb",
        exception=CrashException(kind="access_violation", signal="SIGSEGV", address=0x10),
        threads=(Thread(id="1", is_crashed=True, frames=frames),),
    )


def _patterns() -> list[Pattern]:
    """Every pattern knows the place of one defect in two hundred of the largest size, and some of its callers."""
    return [
        Pattern(
            slug=f"pattern-{number}",
            version=1,
            title=f"Pattern {number}",
            location=rf"^Module{number * 200}::Handle\d|Module{number * 200}\.cpp:\d+$",
            stack=(rf"^Module{number * 200}::", r"^Layer\d+::Call[0-4]", r"^Map::Update$"),
            severity="high",
            category="null pointer",
            root_cause="a pointer is null",
        )
        for number in range(PATTERNS)
    ]


def _learn(room: Workspace, numbers: range) -> float:
    """Store the defects of these numbers; return how many were learned a second, with all of their rows."""
    values = [crash(number) for number in numbers]
    sightings = [telling.sighting(value, signature.generate(value, room.lists), _AT) for value in values]
    start = time.perf_counter()
    for first in range(0, len(sightings), _LEARNED):
        with room.database.transaction() as session:
            chunk = sightings[first : first + _LEARNED]
            ids = copying.draw_ids(session, "crash", len(chunk))
            arrivals = [Arrival(crash_id=each, sighting=seen) for each, seen in zip(ids, chunk, strict=True)]
            placing.lock(session, chunk)
            placing.count(session, arrivals, placing.place_all(session, arrivals, None))
    seconds = time.perf_counter() - start
    with room.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return len(sightings) / seconds


def _probe(room: Workspace, index: PatternIndex, size: int) -> list[float]:
    """Match and place crashes of known defects, each with its queries, half of them by key and half by the rule."""
    chosen = random.Random(size)
    numbers = [chosen.randrange(size) for _ in range(_PROBES)]
    lists = room.lists
    crashes = [crash(number, variant=position % 2 * (1 + position % 4)) for position, number in enumerate(numbers)]
    named = [(each, signature.generate(each, lists)) for each in crashes]
    times = []
    with room.database.transaction() as session:
        for position, (value, name) in enumerate(named):
            start = time.perf_counter()
            matching.best_pattern(value, name, index)
            seen = telling.sighting(value, name, _AT)
            placing.lock(session, [seen])
            (placement,) = placing.find_all(session, [seen])
            times.append((time.perf_counter() - start) * 1000)
            if placement is None or placement.how != ("rule" if position % 2 else "key"):
                raise RuntimeError(f"crash {position} of {size} was placed by {placement}")
    return times


def _naive(room: Workspace, index: PatternIndex, size: int) -> float:
    """Return how many milliseconds one crash takes where every defect and every pattern is tried."""
    shapes = [
        (number, matching.shape(signature.generate(crash(number), room.lists))) for number in range(min(size, 20_000))
    ]
    scale = size / len(shapes)
    times = []
    for number in range(_SCANS):
        value = crash(number * (size // _SCANS), variant=1)
        name = signature.generate(value, room.lists)
        assert name.location is not None
        start = time.perf_counter()
        for pattern in index.patterns:
            pattern.match(value, name.location.frame)
        patterns_s = time.perf_counter() - start
        start = time.perf_counter()
        _scan(matching.shape(name), shapes)
        times.append((patterns_s + (time.perf_counter() - start) * scale) * 1000)
    return statistics.median(times)


def _scan(shape: Shape, shapes: Sequence[tuple[int, Shape]]) -> int:
    """The rule as it is stated first: the share of frames with every defect, whatever its location."""
    ours = set(shape.in_app)
    return sum(len(ours & set(other.in_app)) / max(len(ours), len(other.in_app), 1) >= 0.6 for _, other in shapes)
