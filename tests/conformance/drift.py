"""
Crashes made from a crash: the same defect as it drifts between builds and tools, and other defects that look like it.

Both are made by changing the frames of a read crash, so each real stack says how much of a change the rules bear.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tasks.core import matching, signature
from tasks.core.crash import Crash, Frame
from tasks.core.frames import StackLists, in_app_name
from tasks.core.grouping import Grouping
from tasks.core.names import normalise

Change = Callable[[list[Frame], Sequence[int]], list[Frame] | None]
"""From frames and the positions of those that are ours to other frames; None where the stack is too short for it."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How often one change was made, and how often the crash was put where it belongs after it."""

    change: str
    is_same_defect: bool
    cases: int
    right: int


def measure(crashes: Iterable[Crash], lists: StackLists) -> list[Tried]:
    """Make every change on every crash that has a named location, and place it after the one that it was made from."""
    placeable = [crash for crash in crashes if signature.generate(crash, lists).fingerprint and _ours(crash, lists)]
    tried = []
    for is_same, changes in ((True, SAME), (False, OTHER)):
        for name, change in changes.items():
            made = [(crash, changed) for crash in placeable if (changed := _changed(crash, change, lists))]
            right = sum(_are_together(one, other, lists) == is_same for one, other in made)
            tried.append(Tried(change=name, is_same_defect=is_same, cases=len(made), right=right))
    return tried


def share(tried: Iterable[Tried], *, is_same_defect: bool) -> float:
    """Return the share of the cases that were put where they belong, of drifted crashes or of look-alikes."""
    chosen = [each for each in tried if each.is_same_defect == is_same_defect]
    return round(sum(each.right for each in chosen) / max(1, sum(each.cases for each in chosen)), 4)


def _ours(crash: Crash, lists: StackLists) -> list[int]:
    positions = [i for i, frame in enumerate(crash.frames) if frame.function and in_app_name(frame, lists)]
    named = signature.generate(crash, lists)
    first = next((i for i in positions if named.innermost and crash.frames[i] is named.innermost.frame), None)
    return [] if first is None else [i for i in positions if i >= first]


def _changed(crash: Crash, change: Change, lists: StackLists) -> Crash | None:
    frames = change(list(crash.frames), _ours(crash, lists))
    thread = crash.crashing_thread
    if frames is None or thread is None:
        return None
    numbered = tuple(frame._replace(index=index) for index, frame in enumerate(frames))
    exception = replace(crash.exception, address=None)
    return replace(crash, build="other", exception=exception, threads=(replace(thread, frames=numbered),))


def _are_together(one: Crash, other: Crash, lists: StackLists) -> bool:
    grouping = Grouping()
    places = []
    for crash in (one, other):
        named = signature.generate(crash, lists)
        places.append(grouping.place(matching.shape(named), matching.keys(crash, named)).defect_id)
    return places[0] is not None and places[0] == places[1]


def _other_lines(frames: list[Frame], _: Sequence[int]) -> list[Frame]:
    return [
        frame._replace(line=frame.line + 17 if frame.line else None, address=None, arguments="this=0x0")
        for frame in frames
    ]


def _other_folder(frames: list[Frame], ours: Sequence[int]) -> list[Frame]:
    moved = {i: "/elsewhere/" + (frames[i].file or "").replace("\\", "/").rpartition("/")[2] for i in ours}
    return [frame._replace(file=moved[i]) if i in moved and frame.file else frame for i, frame in enumerate(frames)]


def _with_arguments(frames: list[Frame], ours: Sequence[int]) -> list[Frame]:
    """Other tools print the types of the arguments, the return type, and what was cloned."""
    result = list(frames)
    for i in ours:
        name = normalise(frames[i].function or "")
        if not name.endswith("(lambda)"):
            result[i] = frames[i]._replace(
                function=f"{name}<std::pair<int, char> >(int, Bag<int>*) const [clone .isra.0]"
            )
    return result


def _without_files(frames: list[Frame], _: Sequence[int]) -> list[Frame]:
    return [frame._replace(file=None, line=None) for frame in frames]


def _handled(frames: list[Frame], ours: Sequence[int]) -> list[Frame]:
    above = ("raise", "abort", "std::terminate", "__cxa_throw", "std::__throw_out_of_range", "std::vector<int>::at")
    return [Frame(index=0, function=name) for name in above] + frames[ours[0] :]


def _library_between(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    inner = Frame(index=0, function="std::__invoke_impl<void, Bag*>", file="/usr/include/c++/13/bits/invoke.h")
    return [*frames[: ours[1]], inner, *frames[ours[1] :]] if len(ours) > 1 else None


def _one_inlined(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    return [frame for i, frame in enumerate(frames) if i != ours[2]] if len(ours) > 4 else None


def _caller_inlined(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    return [frame for i, frame in enumerate(frames) if i != ours[1]] if len(ours) > 4 else None


def _one_outlined(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    new = Frame(index=0, function="Harbour::helper", file="src/Harbour.cpp", line=3)
    return [*frames[: ours[2]], new, *frames[ours[2] :]] if len(ours) > 3 else None


def _deeper(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    tail = [Frame(index=0, function=name) for name in ("Harbour::serve", "Map::Update", "World::Update", "main")]
    return [*frames[: ours[-1] + 1], *tail] if len(ours) > 4 else None


def _shallower(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    return frames[: ours[-1]] if len(ours) > 4 else None


def _renamed(frames: list[Frame], at: Sequence[int]) -> list[Frame]:
    result = list(frames)
    for i in at:
        name = normalise(frames[i].function or "").removesuffix("::(lambda)").replace("operator", "other")
        result[i] = frames[i]._replace(function=f"{name}Otherwise")
    return result


def _other_function(frames: list[Frame], ours: Sequence[int]) -> list[Frame]:
    """The same callers down to the loop that calls everything; only the crashing function is another one."""
    first = normalise(frames[ours[0]].function or "")
    recursion = [i for i in ours if normalise(frames[i].function or "") == first]
    return _renamed(frames, recursion)


def _other_class(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    name = normalise(frames[ours[0]].function or "")
    if "::" not in name or "(" in name:
        return None
    result = list(frames)
    result[ours[0]] = frames[ours[0]]._replace(function=f"Another{name}")
    return result


def _one_further_out(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    """The caller crashes itself: its stack is the rest of the other's."""
    names = [normalise(frames[i].function or "") for i in ours]
    outer = next((i for i, name in zip(ours, names, strict=True) if name != names[0]), None)
    return frames[outer:] if outer is not None and names[0] not in names[ours.index(outer) :] else None


def _other_callers(frames: list[Frame], ours: Sequence[int]) -> list[Frame] | None:
    return _renamed(frames, ours[1:]) if len(ours) > 4 else None


SAME: dict[str, Change] = {
    "other lines, addresses, values": _other_lines,
    "another folder": _other_folder,
    "types of arguments and templates, clones": _with_arguments,
    "no files": _without_files,
    "functions of the abort above": _handled,
    "a function of the library between": _library_between,
    "the caller inlined": _caller_inlined,
    "another frame inlined": _one_inlined,
    "a frame outlined": _one_outlined,
    "deeper below": _deeper,
    "cut off below": _shallower,
}
OTHER: dict[str, Change] = {
    "another function, same callers": _other_function,
    "another class, same callers": _other_class,
    "the caller itself": _one_further_out,
    "other callers": _other_callers,
}
