"""The stream in memory and the database put the same crashes together."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from db import defects
from db.defects import Sighting
from db.session import Database
from deployments import cli, many
from tasks.clients.knowledge import stack_lists
from tasks.core import matching, signature
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.grouping import Grouping

REPORT = """Program terminated with signal SIGSEGV, Segmentation fault.
#0  0x0000555555555189 in {0} (this=0x0) at {0}.cpp:10
#1  0x0000555555555200 in Shop::sell (this=0x1) at Shop.cpp:{1}
#2  0x0000555555555300 in main () at main.cpp:3
"""


def crash(*names: str, build: str | None = None) -> Crash:
    frames = []
    for index, name in enumerate(names):
        module, _, offset = name.partition("+")
        frame = (
            Frame(index=index, module=module, offset=int(offset, 16)) if offset else Frame(index=index, function=name)
        )
        frames.append(frame)
    thread = Thread(id="1", is_crashed=True, frames=tuple(frames))
    return Crash(format="test", exception=CrashException(kind="access_violation"), threads=(thread,), build=build)


CRASHES = (
    crash("A::f", "B::g", "C::h", "D::i"),
    crash("A::f", "B::g", "C::h", "X::x"),
    crash("A::f", "X::x", "Y::y", "Z::z"),
    crash("A::f", "B::g"),
    crash("E::f", "B::g", "C::h", "D::i"),
    crash("game+0x10", build="one"),
    crash("game+0x10", build="two"),
    crash("game+0x10"),
    crash("game+0x10", "game+0x20", "game+0x30"),
    crash("main"),
    crash(),
)


@pytest.mark.parametrize("seed", range(5))
def test_the_database_places_crashes_as_the_stream_does(database: Database, seed: int) -> None:
    order = [random.Random(seed).choice(CRASHES) for _ in range(60)]
    lists, grouping = stack_lists(), Grouping()
    in_memory, stored = [], []
    for each in order:
        named = signature.generate(each, lists)
        shape, keys = matching.shape(named), matching.keys(each, named)
        placed = grouping.place(shape, keys)
        in_memory.append((placed.how, placed.defect_id, placed.score))
        sighting = Sighting(
            signature=named.signature, shape=shape, keys=keys, occurred_at=datetime.now(UTC), build=each.build
        )
        with database.transaction() as session:
            placed = defects.place(session, sighting, None)
        stored.append((placed.how, placed.defect_id, placed.score))
    assert in_memory == stored


def test_group_prints_a_line_for_each_crash_in_the_order_of_the_files(tmp_path: Path) -> None:
    for number in range(many.FEW + 30):
        (tmp_path / f"{number:03}.txt").write_text(REPORT.format("Bag::take" if number % 3 else "Bank::pay", number))
    result = CliRunner().invoke(cli.app, ["group", str(tmp_path), "--json"])
    assert 0 == result.exit_code
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    expected = [(f"{number:03}.txt", 2 if number % 3 else 1) for number in range(many.FEW + 30)]
    found = [json.loads(line) for line in lines]
    assert expected == [(Path(line["path"]).name, line["group"]) for line in found]
    assert {"path", "index", "group", "score", "how"} == set(found[0])
    assert ["new", "new", "key"] == [line["how"] for line in found[:3]]


def test_group_says_what_it_could_not_read_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("dear diary")
    (tmp_path / "b.txt").write_text(REPORT.format("Bag::take", 7))
    (tmp_path / "c.txt").symlink_to(tmp_path / "nowhere")
    result = CliRunner().invoke(cli.app, ["group", str(tmp_path), "--json"])
    assert 1 == result.exit_code
    assert 1 == result.stdout.count('"how": "new"')
    assert ["a.txt", "c.txt"] == [Path(line.partition(": ")[0]).name for line in result.stderr.splitlines()]


def test_analyze_keeps_the_order_of_the_files_on_all_cores(tmp_path: Path) -> None:
    for number in range(many.FEW + 30):
        (tmp_path / f"{number:03}.txt").write_text(REPORT.format("Bag::take", number))
    result = CliRunner().invoke(cli.app, ["analyze", str(tmp_path), "--json"])
    names = [Path(json.loads(line)["path"]).name for line in result.stdout.splitlines() if line.startswith("{")]
    assert sorted(names) == names
    assert many.FEW + 30 == len(names)
