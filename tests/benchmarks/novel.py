"""Twenty novel crashes at once: has each its own checkout, are as many analysed at once as may be, and none twice?"""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import text

from db import settings
from deployments import console, demo_model, pipeline, prefect_services
from deployments.catalogue import LIMITS
from deployments.pipeline import Served
from deployments.prefect_api import PrefectApi
from tasks.clients import scripted_model
from tasks.clients.scripted_model import Body, Turn
from tasks.steps.detection import detect
from tasks.steps.workspace import Workspace, open_workspace
from tests.faults import place

TARGETS = {"times_ideal": 1.3}
THINKING_S = 1.5
"""How long the model takes for a reply: a real one takes longer, which hides what is ours."""

_COMPILE = """\
sleep 0.5; pwd >> {log}; if grep -q 'GetMembers()' src/modules/Playerbot/BotLootMgr.cpp; \
then echo 'error: class Group has no member named GetMembers' >&2; exit 1; fi"""
_REPORT = """\
Program terminated with signal SIGABRT, Aborted.
#0  0x00007f1c2d0a9e3c in __pthread_kill_implementation () at ./nptl/pthread_kill.c:44
#1  0x00007f1c2d05afb2 in raise () at ../sysdeps/posix/raise.c:26
#2  0x00007f1c2d045472 in abort () at ./stdlib/abort.c:79
#3  0x000055d0c8a1b2c4 in std::vector<unsigned long>::at (this=0x55d0ca3412a0) at /usr/include/c++/12/bits/stl_vector.h:1153
#4  0x000055d0c8a1c010 in Bot{name}Mgr::Choose{name} (this=0x55d0ca3412a0) at /srv/demo/src/modules/Playerbot/Bot{name}.cpp:34
#5  0x000055d0c8a1d7f2 in Bot{name}Action::Execute (this=0x55d0ca341000) at /srv/demo/src/modules/Playerbot/{name}Action.cpp:30
#6  0x000055d0c8a1e7f2 in main () at /srv/demo/src/server/worldserver/Main.cpp:30
"""  # noqa: E501
_NAMES = (
    *("Loot", "Quest", "Trade", "Guild", "Mail", "Arena", "Craft", "Fishing", "Travel", "Taxi"),
    *("Vendor", "Trainer", "Talent", "Glyph", "Mount", "Pet", "Follow", "Combat", "Heal", "Auction"),
    "Alone",
)
_COUNTS = {
    "defects": "SELECT count(*) FROM defect",
    "drafts": "SELECT count(*) FROM fix f JOIN pull_request p ON p.fix_id = f.id WHERE f.state = 'AWAITING_APPROVAL'",
    "questions": "SELECT count(*) FROM analysis",
    "attempts": "SELECT count(*) FROM fix_attempt",
    "replies": "SELECT count(*) FROM analysis_step WHERE kind = 'reply'",
    "held": "SELECT count(*) FROM fix WHERE lease_until IS NOT NULL",
}


@dataclass(kw_only=True)
class _Desk:
    """Who thinks at this moment, and how many thought at once at most."""

    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, body: Body) -> Turn:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(THINKING_S)
        with self._lock:
            self._now -= 1
        return demo_model.script(body)


def run(count: int = len(_NAMES) - 1) -> dict[str, Any]:
    """
    Let so many novel crashes wait at once for a scripted model; return figures, targets, and the verdict.

    The ideal is the time that one more takes alone, times their number, divided by how many may be analysed at once.
    """
    desk, log = _Desk(), Path(os.path.realpath("/tmp")) / f"crashflow-novel-{os.getpid()}.log"
    try:
        with ExitStack() as stack:
            room, served = stack.enter_context(_opened(desk, log))
            *paths, last = _write(room.settings.state_folder / "demo" / "reports", count)
            seconds = _follow(room, served, paths)
            alone = _follow(room, served, [last])
            figures = _figures(room)
            remains = sorted(path.name for path in (room.settings.state_folder / "worktrees").glob("*"))
            room.database.close()
        places = log.read_text(encoding="utf-8").split()
    finally:
        log.unlink(missing_ok=True)
    ideal = count * alone / LIMITS["claude"]
    figures |= {
        "checkouts": len(set(places)),
        "builds": len(places),
        "most_at_once": desk.most,
        "seconds": round(seconds, 1),
        "alone_s": round(alone, 1),
        "times_ideal": round(seconds / ideal, 2),
        "worktrees_left": len(remains),
    }
    console.table(("figure", "value"), [(name, str(value)) for name, value in figures.items()], title="Novel at once")
    expected = {"defects": 1, "drafts": 1, "questions": 2, "attempts": 2, "builds": 2, "checkouts": 1, "replies": 6}
    is_right = all(figures[name] == each * (count + 1) for name, each in expected.items())
    is_right = is_right and (figures["held"], len(remains), desk.most) == (0, 0, LIMITS["claude"])
    is_met = is_right and seconds / ideal <= TARGETS["times_ideal"]
    return {"name": "novel", "figures": figures, "targets": TARGETS, "met": is_met}


@contextmanager
def _opened(desk: _Desk, log: Path) -> Any:
    """Give an installation whose analyst is the script, with a Prefect server and a runner."""
    key = {"CRASHFLOW_ANTHROPIC_API_KEY": "key-of-the-benchmark"}
    with scripted_model.serve(desk.script) as model, mock.patch.dict(os.environ, key), place.opened() as opened:
        build: dict[str, place.Value] = {
            "configure": place.shell("true"),
            "compile": place.shell(_COMPILE.format(log=log)),
            "test": place.shell("true"),
            "replay": place.shell("true"),
            "sandbox": "off",
            "analyzers": (),
        }
        analyst = f'\n[analyst]\nback_end = "api"\nmodel = "scripted"\nbase_url = "{model.url}"\n'
        analyst += "limits = {analyses_per_day = 100}\n"
        loaded = settings.load(opened.configure(build, analyst=analyst))
        api = PrefectApi(url=opened.api)
        with prefect_services.runner(loaded, api) as check:
            yield open_workspace(loaded), Served(api=api, check=check)


def _write(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in (*_NAMES[:count], _NAMES[-1]):
        path = folder / f"{name}.txt"
        path.write_text(_REPORT.format(name=name), encoding="utf-8")
        paths.append(path)
    return paths


def _follow(room: Workspace, served: Served, paths: Sequence[Path]) -> float:
    """Return how many seconds it takes from the dumps to their drafts."""
    done: set[str] = set()

    def tell(line: str) -> None:
        if line.endswith("AWAITING_APPROVAL"):
            done.add(line)
            console.step(f"{len(done)} of {len(paths)} drafts")

    dumps = [detect(room.database, room.settings.configuration.server[0], path) for path in paths]
    start = time.monotonic()
    pipeline.follow(room, served, dumps, tell)
    return time.monotonic() - start


def _figures(room: Workspace) -> dict[str, Any]:
    with room.database.transaction() as session:
        return {name: int(session.execute(text(query)).scalar_one()) for name, query in _COUNTS.items()}
