"""
Are the crash texts read right? Kind, crashing function, and the top three in-app functions against the labels.

Labels and crashes are compared by normalised names, without anonymous namespaces, which some of the labels leave out,
and without the frames that crashflow's lists call the system's. Where that fails, a label that lists the whole stack is
compared with the whole stack, and a fuzzer's label may leave out what its tool skips.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deployments import console
from tasks.clients.knowledge import stack_lists
from tasks.core import parsers, signature
from tasks.core.crash import Crash, Frame
from tasks.core.errors import DumpError
from tasks.core.frames import StackLists, in_app_name
from tasks.core.names import ANONYMOUS, normalise
from tests.conformance import faults
from tests.conformance.corpus import LabelledText

TARGETS = {"read": 1.0, "kind_right": 0.98, "first_right": 0.98, "top_three_right": 0.98}
_TOP = 3
_WHOLE = 5
_NO_NAME = "??"
"""How a label that lists the whole stack spells a frame without a symbol."""

_CUT = 80
"""A fuzzer's crash state is cut at 80 characters a line, in the middle of names."""

_ANY_CRASH = frozenset({"gnome-parse-stacktrace"})
"""Sources whose labels are of any crash in the text; those of the others are of the first."""

_SKIPPED_BY_FUZZERS = re.compile(
    r"WTF::.*|absl::.*|operator\(\)|at|NewForOverwrite|\w*Abort\w*|fx_logger.*|fidl::.*|HandleOnePc|.*assert\w*"
)
"""Frames of ours that the fuzzer's tool has on its own list of what to skip."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What of a text was read right; None where the label does not say. ``misses`` say what was not, and why."""

    text: LabelledText
    is_read: bool = False
    is_kind_right: bool | None = None
    is_first_right: bool | None = None
    is_order_right: bool | None = None
    misses: tuple[str, ...] = ()


def run(texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Print the table and the misses; return figures, targets, and whether they are met."""
    lists = stack_lists()
    verdicts = [judge(text, lists) for text in texts]
    figures = _figures(verdicts)
    _show(verdicts, figures)
    is_met = all(figures[name] >= target for name, target in TARGETS.items())
    return {"name": "parse", "figures": figures, "targets": TARGETS, "met": is_met}


def judge(text: LabelledText, lists: StackLists) -> Verdict:
    """Read a text and compare it with its label; any error but the named one is not caught."""
    try:
        crashes = parsers.parse(text.content())
    except DumpError as error:
        return Verdict(text=text, misses=(f"not read: {error}",))
    is_any = text.source in _ANY_CRASH
    verdicts = [_compare(text, crash, lists) for crash in (crashes if is_any else crashes[:1])]
    return min(verdicts, key=lambda verdict: len(verdict.misses))


def _compare(text: LabelledText, crash: Crash, lists: StackLists) -> Verdict:
    kind = crash.exception.kind
    is_kind_right = kind in text.kinds if text.kinds else None
    misses = [] if is_kind_right in {None, True} else [f"kind {kind}, the label says {_either(text.kinds)}"]
    first, order = _compare_functions(text, crash, lists)
    if False in {first, order}:
        found = ", ".join(signature.generate(crash, lists).in_app[:_TOP]) or "no function of ours"
        misses.append(f"functions {found}; the label says {', '.join(text.functions[:_TOP])}")
    return Verdict(
        text=text,
        is_read=True,
        is_kind_right=is_kind_right,
        is_first_right=first,
        is_order_right=order,
        misses=tuple(misses),
    )


def _compare_functions(text: LabelledText, crash: Crash, lists: StackLists) -> tuple[bool | None, bool | None]:
    if not text.functions:
        return None, None
    result = signature.generate(crash, lists)
    shown = result.in_app or ((result.location.name,) if result.location else ())
    raw = [frame.function or _NO_NAME for frame in crash.frames]
    whole = [name for name in raw if name != _NO_NAME]
    died = [name for name in whole if normalise(name) not in lists.machinery]
    ours, below = _ours(text.functions, lists), _ours(text.below, lists)
    if any(_agrees(labelled, shown) for labelled in (ours, below) if labelled):
        return True, True
    if any(_agrees(text.functions[:_WHOLE], stack) for stack in (raw, whole, died)):
        return True, True
    if text.source == "clusterfuzz" and ours:
        kept = [name for name in shown if not _SKIPPED_BY_FUZZERS.fullmatch(name)]
        return _agrees(ours[:1], kept), _agrees(ours, kept)
    return any(_agrees(labelled[:1], shown) for labelled in (ours, below) if labelled), False


def _ours(labelled: Sequence[str], lists: StackLists) -> list[str]:
    frames = (Frame(index=0, function=name) for name in labelled)
    return [frame.function or "" for frame in frames if in_app_name(frame, lists)][:_TOP]


def _agrees(labelled: Sequence[str], found: Iterable[str]) -> bool:
    """Tell whether the labelled functions are the innermost ones, in order."""
    names = [_bare(name) for name in found][: len(labelled)]
    return len(names) == len(labelled) and all(map(_is_same, labelled, names))


def _is_same(labelled: str, found: str) -> bool:
    wanted = _bare(labelled)
    return wanted == found or (len(labelled) >= _CUT and found.startswith(wanted))


def _bare(name: str) -> str:
    return normalise(name).replace(f"{ANONYMOUS}::", "")


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(sorted(kinds))


def _share(values: Iterable[bool | None]) -> tuple[int, int]:
    known = [value for value in values if value is not None]
    return sum(known), len(known)


def _figures(verdicts: Sequence[Verdict]) -> dict[str, float]:
    def share(values: Iterable[bool | None]) -> float:
        right, known = _share(values)
        return round(right / known, 4) if known else 1.0

    return {
        "texts": len(verdicts),
        "read": share(verdict.is_read for verdict in verdicts),
        "kind_right": share(verdict.is_kind_right for verdict in verdicts),
        "first_right": share(verdict.is_first_right for verdict in verdicts),
        "top_three_right": share(verdict.is_order_right for verdict in verdicts),
    }


def _show(verdicts: Sequence[Verdict], figures: dict[str, float]) -> None:
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.text.source, verdict.text.format), []).append(verdict)
    rows = [(*key, len(group), *_cells(group)) for key, group in sorted(groups.items())]
    columns = ("source", "format", "texts", "read", "kind right", "first right", "top three right")
    console.table(columns, [*rows, ("all", "", len(verdicts), *_cells(verdicts))], title="Crash texts against labels")
    console.line()
    for verdict in verdicts:
        for miss in verdict.misses:
            reason = faults.READING.get(verdict.text.id)
            console.line(f"{verdict.text.id}: {miss}" + (f" [the label: {reason}]" if reason else ""))
    console.line(
        f"Targets: {', '.join(f'{name} {figures[name]:.4f} of {target}' for name, target in TARGETS.items())}."
    )


def _cells(group: Sequence[Verdict]) -> tuple[str, ...]:
    columns = (
        [verdict.is_read for verdict in group],
        [verdict.is_kind_right for verdict in group],
        [verdict.is_first_right for verdict in group],
        [verdict.is_order_right for verdict in group],
    )
    return tuple("{} of {}".format(*_share(column)) if _share(column)[1] else "-" for column in columns)
