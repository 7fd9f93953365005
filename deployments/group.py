"""``crashflow group``: which of many reports are the same defect, without any database."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deployments import console, many
from deployments.analyze import crashes_of, expand
from tasks.clients import knowledge
from tasks.core import matching, signature
from tasks.core.grouping import Grouping
from tasks.core.matching import DefectKey, Placement, Shape
from tasks.steps.reading import DebuggerSettings

_NAMED = 3
"""Reports that are named for each group."""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What grouping needs to know of a crash."""

    signature: str
    shape: Shape
    keys: tuple[DefectKey, ...]


@dataclass(frozen=True, kw_only=True)
class FileSightings:
    """The crashes of one file, in its order; ``error`` says why there are none."""

    path: Path
    crashes: tuple[Sighting, ...] = ()
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A crash and its place among those before it."""

    path: Path
    index: int
    sighting: Sighting
    placement: Placement


def group(paths: Sequence[Path], *, is_json: bool) -> bool:
    """Print which crashes belong together, in the order of the files; return False where a file could not be read."""
    failed: list[FileSightings] = []
    files = expand(paths)
    if not files:
        console.step(f"There is no file in {', '.join(str(path) for path in paths)}.")
        return False
    placed = place(many.read(files, read), failed)
    if is_json:
        for each in placed:
            console.raw(json.dumps(_line(each), ensure_ascii=True))
    else:
        _show(list(placed))
    for file in failed:
        console.step(f"{file.path}: {file.error}")
    return not failed


def read(paths: Iterable[Path]) -> Iterator[FileSightings]:
    """Read files, one result for each."""
    lists = knowledge.stack_lists()
    for path in paths:
        found = crashes_of(path, DebuggerSettings())
        if not found.crashes:
            yield FileSightings(path=path, error=found.reason)
            continue
        named = [(crash, signature.generate(crash, lists)) for crash in found.crashes]
        sightings = (
            Sighting(signature=name.signature, shape=matching.shape(name), keys=matching.keys(crash, name))
            for crash, name in named
        )
        yield FileSightings(path=path, crashes=tuple(sightings))


def place(files: Iterable[FileSightings], failed: list[FileSightings]) -> Iterator[Placed]:
    """Place the crashes one after the other; files without any go to ``failed``."""
    grouping = Grouping()
    for file in files:
        if file.error is not None:
            failed.append(file)
        for index, sighting in enumerate(file.crashes):
            placement = grouping.place(sighting.shape, sighting.keys)
            yield Placed(path=file.path, index=index, sighting=sighting, placement=placement)


def _line(placed: Placed) -> dict[str, object]:
    return {
        "path": str(placed.path),
        "index": placed.index,
        "group": placed.placement.defect_id,
        "score": round(placed.placement.score, 4),
        "how": placed.placement.how,
    }


def _show(placed: Sequence[Placed]) -> None:
    groups: dict[int | None, list[Placed]] = {}
    for each in placed:
        groups.setdefault(each.placement.defect_id, []).append(each)
    parked = groups.pop(None, [])
    rows = [
        (number, len(members), members[0].sighting.signature, _names(members))
        for number, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    console.table(
        ("group", "crashes", "signature", "reports"),
        rows,
        title=f"{_count(len(placed), 'crash', 'crashes')}, {_count(len(rows), 'defect', 'defects')}",
    )
    if parked:
        console.line(f"{len(parked)} crashes need symbols before they can be grouped: {_names(parked)}.")


def _count(number: int, one: str, many_of_them: str) -> str:
    return f"{number} {one if number == 1 else many_of_them}"


def _names(members: Sequence[Placed]) -> str:
    names = list(dict.fromkeys(str(member.path) for member in members))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
