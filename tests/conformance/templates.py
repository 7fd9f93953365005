"""
Do the templates repair what they should, and nothing else?

A case is a folder with ``before.cpp``, ``crash.json`` (one object as ``crashflow analyze --json`` prints it, whose
``location.file`` is ``before.cpp`` and whose ``pattern.slug`` names the pattern), and what is to come of it:
``expect.cpp`` (the file after the fix, byte for byte), ``check.sh`` (run in a copy of the folder after the fix; exit
code 0 says that it is right), or ``refuse.txt`` (nothing must be changed; the file says why, and where it
says that there is no repair, a diagnosis that claims none is right too). The pattern chooses the
template; the slug of a template in its place names that one. Headers in the folder are read too. Adding a folder adds
a case.

Cases come from other people: what ``crash.json`` leaves out or gives as null counts as not known, and a case that can't
be run is ``missed`` with what it lacks.
"""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import re2

from deployments import console
from tasks.clients import process
from tasks.clients.knowledge import pattern_packs
from tasks.core import crash_json, edits, fixes
from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import CrashflowError, EditError, NotFoundError, RefusalError
from tasks.core.fixes import Proposal, Template
from tasks.core.fixes.contract import is_system_file
from tasks.core.fixes.evidence import is_accessor
from tasks.core.patterns import Pattern

CASES = Path(__file__).with_name("cases")
SOURCE = "before.cpp"
TARGETS = {"right": 0.9, "wrong": 0}
_CHECK_TIMEOUT_S = 120.0
_WANTS_DIAGNOSIS = re2.compile(
    r"(?i)diagnos|\bno(?:t|thing)?\b[^.]*\b(?:repair|fix)|can(?:no|')t be (?:repair|fix)|\bcore\b"
)
"""Words of a ``refuse.txt`` that is about the defect, which has no repair, and not about the edit."""


Outcome = Literal["fixed", "refused", "wrong", "missed"]


class CaseError(CrashflowError):
    """A case that can't be run; the text says what is wrong with its folder."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a case. ``fixed`` and ``refused`` are right; ``missed`` left the crash, ``wrong`` did worse."""

    case: str
    outcome: Outcome
    reason: str


def run(folder: Path | None = None) -> dict[str, Any]:
    """Run all cases below a folder, those that ship without one; return figures, targets, and whether they are met."""
    root = folder or CASES
    patterns = {pattern.slug: pattern for pack in pattern_packs() for pattern in pack.patterns}
    results = [run_case(path, path.relative_to(root).as_posix(), patterns) for path in find(root)]
    console.table(
        ("case", "outcome", "reason"),
        [(each.case, each.outcome, each.reason) for each in results if each.outcome in ("wrong", "missed")],
        title="Cases that went wrong",
    )
    groups: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        groups[each.case.rpartition("/")[0] or "all"].append(each)
    outcomes = ("fixed", "refused", "missed", "wrong")
    console.table(
        ("cases", "number", *outcomes),
        [
            (name, len(group), *(sum(each.outcome == outcome for each in group) for outcome in outcomes))
            for name, group in sorted(groups.items())
        ],
        title="Templates",
    )
    counted = {outcome: sum(each.outcome == outcome for each in results) for outcome in outcomes}
    right = (counted["fixed"] + counted["refused"]) / len(results) if results else 0.0
    figures = {"cases": len(results), **counted, "right": round(right, 4)}
    return {
        "name": "templates",
        "cases": [asdict(each) for each in results],
        "figures": figures,
        "targets": TARGETS,
        "met": right >= TARGETS["right"] and counted["wrong"] <= TARGETS["wrong"],
    }


def find(root: Path) -> list[Path]:
    """Return the folders below ``root``, itself included, that hold a case or a part of one."""
    return sorted({path.parent for name in ("crash.json", SOURCE) for path in root.rglob(name)})


def run_case(folder: Path, name: str, patterns: Mapping[str, Pattern]) -> Result:
    """Run one case; a folder that is no case is ``missed``, with what it lacks."""
    outcome: Outcome
    try:
        outcome, reason = _judge(folder, patterns)
    except (CrashflowError, OSError, ValueError) as error:
        outcome, reason = "missed", f"The case can't be run: {error}"
    except Exception as error:  # noqa: BLE001  # the fault of one case, or of one template, is no reason to hide the rest
        outcome, reason = "missed", f"The template failed: {type(error).__name__}: {error}"
    return Result(case=name, outcome=outcome, reason=reason)


def read_crash(value: Mapping[str, Any], headers: Collection[str] = ()) -> Crash:
    """
    Read a crash as another person may have written it.

    A frame that is the location stands in the case's file however it spells it; where none does, the location itself
    is the innermost frame. What a bad access went through above the location, in files of the server that are no part
    of the case, is left out: the location is what was found to have gone wrong. A method that only reads its object
    stays, as one without a source line.
    """
    crash = crash_json.to_crash(value)
    place = value.get("location") or {}
    line = int(place["line"]) if place.get("line") else None
    threads = tuple(
        replace(thread, frames=tuple(_in_case(frame, place) for frame in thread.frames)) for thread in crash.threads
    )
    crashed = next((each for each in threads if each.is_crashed), None)
    if crashed is None:
        # One stack without a mark is that of the crash, as is the one that the object names.
        named = [each for each in threads if each.id == str(value.get("thread"))] or [*threads[:1]]
        crashed = replace(named[0], is_crashed=True) if named else Thread(id="1", is_crashed=True)
    if line and not any(frame.file == SOURCE for each in threads for frame in each.frames):
        top = Frame(index=0, function=place.get("function"), file=SOURCE, line=line)
        crashed = replace(crashed, frames=(top, *(each.numbered(each.index + 1) for each in crashed.frames)))
    if crash.exception.kind == "access_violation":
        first = next((index for index, frame in enumerate(crashed.frames) if frame.file == SOURCE), 0)
        kept = [each for each in crashed.frames[:first] if _is_of_library(each) or each.file in headers]
        if not kept and first and is_accessor(crashed.frames[first - 1].function or ""):
            kept = [crashed.frames[first - 1]._replace(file=None, line=None)]
        frames = [*kept, *crashed.frames[first:]]
        crashed = replace(crashed, frames=tuple(each.numbered(index) for index, each in enumerate(frames)))
    return replace(crash, threads=(crashed, *(each for each in threads if each.id != crashed.id)))


def _is_of_library(frame: Frame) -> bool:
    return (frame.function or "").startswith("std::") or (frame.file is not None and is_system_file(frame.file))


def _in_case(frame: Frame, place: Mapping[str, Any]) -> Frame:
    is_location = (frame.function, frame.line) == (place.get("function"), place.get("line")) and frame.line is not None
    name = (frame.file or "").replace("\\", "/").rpartition("/")[2]
    return frame._replace(file=SOURCE) if name == SOURCE or is_location else frame


def _read(path: Path) -> dict[str, Any]:
    """Read the first object of a file, without the values that are null."""
    text = path.read_bytes().decode("utf-8-sig", "replace").strip()
    value = _without_nulls(json.JSONDecoder().raw_decode(text)[0]) if text else None
    if not isinstance(value, dict):
        raise CaseError(f"{path.name} does not begin with an object.")
    return value


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value if each is not None] if isinstance(value, list) else value


def _judge(folder: Path, patterns: Mapping[str, Pattern]) -> tuple[Outcome, str]:
    for name in (SOURCE, "crash.json"):
        if not (folder / name).is_file():
            raise CaseError(f"it has no {name}.")
    before = (folder / SOURCE).read_bytes()
    value = _read(folder / "crash.json")
    headers = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".h", ".hpp")}
    crash, pattern = read_crash(value, headers), value.get("pattern")
    slug = cast("str | None", pattern.get("slug") if isinstance(pattern, Mapping) else pattern)
    is_refusal = (folder / "refuse.txt").exists()
    try:
        template = _template(slug, patterns)
        proposal = _propose(template, crash, {SOURCE: before, **headers})
    except RefusalError as error:
        return ("refused" if is_refusal else "missed"), str(error)
    if is_refusal and not proposal.is_repair and _WANTS_DIAGNOSIS.search((folder / "refuse.txt").read_text("utf-8")):
        return "refused", f"No repair, only a diagnosis: {proposal.explanation}"
    if is_refusal:
        return "wrong", f"It should have been refused: {proposal.explanation}"
    try:
        after = edits.apply(before, proposal.edits)
    except EditError as error:
        return "wrong", str(error)
    fault = _compare(folder, after) or _fault_of_a_second_run(template, crash, before, after, headers)
    return ("wrong", fault) if fault else ("fixed", proposal.explanation)


def _template(slug: str | None, patterns: Mapping[str, Pattern]) -> Template:
    pattern = patterns.get(slug or "")
    if pattern is not None and pattern.template is None:
        raise RefusalError(f"The pattern {slug} has no template: {pattern.remedy or pattern.root_cause}")
    try:
        return fixes.template(pattern.template if pattern is not None and pattern.template else slug or "")
    except NotFoundError:
        named = pattern.template if pattern is not None else None
        raise CaseError(
            f"the pattern {slug} names a template {named!r} that does not exist."
            if named
            else f"there is no pattern {slug!r}: `crashflow patterns list` names them."
        ) from None


def _propose(template: Template, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
    proposal = template.propose(crash, sources)
    if any(edit.path != SOURCE for edit in proposal.edits):
        raise CaseError("an edit names another file.")
    return proposal


def _compare(folder: Path, after: bytes) -> str:
    expected = folder / "expect.cpp"
    if expected.exists():
        return "" if expected.read_bytes() == after else f"The file differs from {expected.name}."
    if not (folder / "check.sh").exists():
        raise CaseError("it has neither expect.cpp nor check.sh nor refuse.txt.")
    with tempfile.TemporaryDirectory() as copy:
        place = Path(copy, "case")
        shutil.copytree(folder, place)
        (place / SOURCE).write_bytes(after)
        done = process.run(
            [shutil.which("bash") or "sh", "check.sh"], cwd=place, timeout_s=_CHECK_TIMEOUT_S, is_merged=True
        )
    return "" if done.is_success else f"check.sh ended with {done.returncode}: {done.output.strip()[-300:]}"


def _fault_of_a_second_run(
    template: Template, crash: Crash, before: bytes, after: bytes, headers: Mapping[str, bytes]
) -> str:
    """What a second run does to the fixed file: with the lines of before, and as the first run moved them."""
    for each in (crash, _moved(crash, before, after)):
        try:
            again = template.propose(each, {SOURCE: after, **headers})
        except RefusalError:
            continue
        if again.edits:
            return f"A second run changes the fixed file: {again.explanation}"
    return ""


def _moved(crash: Crash, before: bytes, after: bytes) -> Crash:
    threads = tuple(
        replace(thread, frames=tuple(_frame_moved(frame, before, after) for frame in thread.frames))
        for thread in crash.threads
    )
    return replace(crash, threads=threads)


def _frame_moved(frame: Frame, before: bytes, after: bytes) -> Frame:
    """Put a frame to the first line from its own on that has the text of its line."""
    lines, later = before.splitlines(), after.splitlines()
    if frame.file != SOURCE or not frame.line or frame.line > len(lines):
        return frame
    text = lines[frame.line - 1].strip()
    wanted = [index for index, line in enumerate(later) if text and text in line]
    nearest = min(wanted, key=lambda index: abs(index + 1 - (frame.line or 0)), default=None)
    return frame if nearest is None else frame._replace(line=nearest + 1)
