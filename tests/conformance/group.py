"""
Are crashes of one defect put together? The stream that ``crashflow group`` sees, against the labelled groups.

The first crash of a defect is learned, later ones are placed. Right is: a defect's first crash opens a group, every
later one lands in a group that a crash of the same defect opened. What was not read or needs symbols is not right.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from deployments import console
from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers, signature
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.grouping import Grouping
from tasks.core.matching import DefectKey, Shape
from tests.conformance import drift, faults
from tests.conformance.corpus import LabelledText

TARGETS = {"right": 0.97, "wrongly_merged": 0.02}
SEEDS = (0, 1, 2)
LIMIT = 8
_OUTCOMES = ("right", "wrongly_merged", "needlessly_split", "needs_symbols", "missing")
_NOT_PLACED = {
    "missing": "the text was not read",
    "needs_symbols": "no frame of ours, no assertion, no module with its build",
}
_TOP = 10
_SHARE = 0.6


@dataclass(frozen=True, kw_only=True)
class Item:
    """A labelled crash of the stream; ``crash`` is None where the text was not read."""

    text: LabelledText
    crash: Crash | None = None
    shape: Shape = field(default_factory=lambda: Shape(location=None, in_app=()))
    keys: tuple[DefectKey, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a crash was put, and by which other crash that group was opened."""

    item: Item
    verdict: str
    how: str = ""
    score: float = 0.0
    opened_by: Item | None = None


class NaiveGrouping:
    """The plain rule: 60% of the top ten raw names of the new crash are in an older one."""

    def __init__(self) -> None:
        self._known: list[set[str]] = []

    def place(self, item: Item) -> tuple[str, int | None, float]:
        """Return how the crash was placed, the group's number, and the share."""
        frames = item.crash.frames if item.crash else ()
        names = {frame.function for frame in frames[:_TOP] if frame.function}
        if not names:
            return "needs_symbols", None, 0.0
        shares = [(len(names & known) / len(names), -number) for number, known in enumerate(self._known)]
        best, number = max(shares, default=(0.0, 0))
        if best >= _SHARE:
            return "rule", -number, best
        self._known.append(names)
        return "new", len(self._known) - 1, 1.0


class OurGrouping:
    """The placement of ``crashflow group`` and of the database."""

    def __init__(self) -> None:
        self._grouping = Grouping()

    def place(self, item: Item) -> tuple[str, int | None, float]:
        """Return how the crash was placed, the group's number, and the score."""
        placed = self._grouping.place(item.shape, item.keys)
        return placed.how, placed.defect_id, placed.score


def run(texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Print the table and every miss; return figures, targets, and whether they are met."""
    items = read(texts)
    outcomes = [stream(items, seed, OurGrouping(), faults.mended_group) for seed in SEEDS]
    as_labelled = [stream(items, seed, OurGrouping(), _labelled_group) for seed in SEEDS]
    naive = [stream(items, seed, NaiveGrouping(), faults.mended_group) for seed in SEEDS]
    pairs = across_formats(items)
    tried = drift.measure([item.crash for item in items if item.crash], stack_lists())
    _show(items, outcomes, as_labelled, naive)
    _show_misses([outcome for each in as_labelled for outcome in each], [o for each in outcomes for o in each])
    _show_pairs(pairs)
    _show_drift(tried)
    ours = _mean(outcomes)
    figures = {
        "crashes": len(items),
        "groups": len({faults.mended_group(item.text) for item in items}),
        **ours,
        "as_labelled": _mean(as_labelled),
        "naive": _mean(naive),
        "across_formats": _share_of(pairs),
        "drifted_together": drift.share(tried, is_same_defect=True),
        "look_alikes_apart": drift.share(tried, is_same_defect=False),
    }
    is_met = ours["right"] >= TARGETS["right"] and ours["wrongly_merged"] <= TARGETS["wrongly_merged"]
    return {"name": "group", "figures": figures, "targets": TARGETS, "met": is_met}


def read(texts: Iterable[LabelledText]) -> list[Item]:
    """Read at most eight texts of a group and format: two defects make up most of the corpus."""
    lists = stack_lists()
    seen: Counter[tuple[str, str]] = Counter()
    items = []
    for text in texts:
        if text.group is None:
            continue
        seen[text.group, text.format] += 1
        if seen[text.group, text.format] > LIMIT:
            continue
        try:
            crash = parsers.parse(text.content())[0]
        except DumpError:
            items.append(Item(text=text))
            continue
        result = signature.generate(crash, lists)
        items.append(Item(text=text, crash=crash, shape=matching.shape(result), keys=matching.keys(crash, result)))
    return items


def stream(
    items: Sequence[Item],
    seed: int,
    grouping: OurGrouping | NaiveGrouping,
    group_of: Callable[[LabelledText], str | None],
) -> list[Outcome]:
    """Place the crashes in a shuffled order and say of each whether it is where it belongs."""
    order = list(items)
    random.Random(seed).shuffle(order)
    openers: dict[int, Item] = {}
    outcomes = []
    for item in order:
        if item.crash is None:
            outcomes.append(Outcome(item=item, verdict="missing"))
            continue
        how, number, score = grouping.place(item)
        opener = openers.get(number) if number is not None else None
        group = group_of(item.text)
        if number is None:
            verdict = "needs_symbols"
        elif how == "new":
            opener = next((each for each in openers.values() if group_of(each.text) == group), None)
            verdict = "right" if opener is None else "needlessly_split"
            openers[number] = item
        else:
            verdict = "right" if opener and group_of(opener.text) == group else "wrongly_merged"
        outcomes.append(Outcome(item=item, verdict=verdict, how=how, score=score, opened_by=opener))
    return outcomes


def across_formats(items: Sequence[Item]) -> list[tuple[Item, Item, str]]:
    """Pair the crashes of one defect that exist in several formats, and place each pair alone."""
    pairs = []
    readable = [item for item in items if item.crash is not None]
    for one, other in combinations(readable, 2):
        is_pair = faults.mended_group(one.text) == faults.mended_group(other.text)
        if is_pair and one.text.format != other.text.format:
            grouping = OurGrouping()
            grouping.place(one)
            pairs.append((one, other, grouping.place(other)[0]))
    return pairs


def _labelled_group(text: LabelledText) -> str | None:
    return text.group


def _mean(streams: Sequence[Sequence[Outcome]]) -> dict[str, float]:
    counted = Counter(outcome.verdict for outcomes in streams for outcome in outcomes)
    total = counted.total()
    return {name: round(counted[name] / total, 4) for name in _OUTCOMES}


def _share_of(pairs: Sequence[tuple[Item, Item, str]]) -> float:
    return round(sum(how in {"key", "rule"} for _, _, how in pairs) / len(pairs), 4) if pairs else 1.0


def _show(items: Sequence[Item], *methods: Sequence[Sequence[Outcome]]) -> None:
    names = ("crashflow", "crashflow, labels as they are", "60% of raw names")
    rows = []
    for name, streams in zip(names, methods, strict=True):
        rows += [(name, seed, *_mean([outcomes]).values()) for seed, outcomes in zip(SEEDS, streams, strict=True)]
        rows.append((name, "mean", *_mean(streams).values()))
    title = f"{len(items)} crashes in {len({faults.mended_group(item.text) for item in items})} groups"
    console.table(("method", "seed", *(name.replace("_", " ") for name in _OUTCOMES)), rows, title=title)
    formats: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in (outcome for outcomes in methods[0] for outcome in outcomes):
        formats.setdefault((outcome.item.text.source, outcome.item.text.format), []).append(outcome)
    rows = [(*key, len(each) // len(SEEDS), *_mean([each]).values()) for key, each in sorted(formats.items())]
    console.line()
    console.table(("source", "format", "crashes", *(name.replace("_", " ") for name in _OUTCOMES)), rows)


def _show_misses(as_labelled: Sequence[Outcome], mended: Sequence[Outcome]) -> None:
    console.line()
    still = {(outcome.verdict, outcome.item.text.id) for outcome in mended}
    shown = set()
    for outcome in (*as_labelled, *mended):
        key = (outcome.verdict, outcome.item.text.id)
        if outcome.verdict == "right" or key in shown:
            continue
        shown.add(key)
        fault = faults.reason_of_group(outcome.item.text)
        blame = f" [the label: {fault}]" if fault and key not in still else ""
        console.line(f"{outcome.verdict.replace('_', ' ')}: {outcome.item.text.id}: {_why(outcome)}{blame}")


def _why(outcome: Outcome) -> str:
    item, opener = outcome.item, outcome.opened_by
    ours = _describe(item.shape)
    if opener is None:
        return _NOT_PLACED[outcome.verdict]
    theirs = f"{opener.text.id}: {_describe(opener.shape)}"
    if outcome.verdict == "wrongly_merged":
        return f"by {outcome.how} ({outcome.score:.2f}) with {theirs}"
    if item.shape.location != opener.shape.location:
        return f"other location: {ours}; {theirs}"
    if item.shape.assertion != opener.shape.assertion:
        return f"other assertion: {ours}; {theirs}"
    return f"{matching.similarity(item.shape, opener.shape):.2f} shared: {ours}; {theirs}"


def _describe(shape: Shape) -> str:
    names = " < ".join(shape.in_app[:4]) or "no name"
    return f"{shape.assertion!r} in {names}" if shape.assertion else names


def _show_pairs(pairs: Sequence[tuple[Item, Item, str]]) -> None:
    together: dict[tuple[str, str], list[bool]] = {}
    for one, other, how in pairs:
        formats = tuple(sorted((one.text.format, other.text.format)))
        together.setdefault((formats[0], formats[1]), []).append(how in {"key", "rule"})
    rows = [(" and ".join(key), len(each), sum(each)) for key, each in sorted(together.items())]
    console.line()
    console.table(("one defect in two formats", "pairs", "together"), rows)
    for one, other, how in pairs:
        if how not in {"key", "rule"}:
            console.line(f"apart: {one.text.id} and {other.text.id}: {_describe(one.shape)}; {_describe(other.shape)}")


def _show_drift(tried: Sequence[drift.Tried]) -> None:
    rows = [(each.change, "together" if each.is_same_defect else "apart", each.cases, each.right) for each in tried]
    console.line()
    console.table(("made from each crash", "belongs", "cases", "right"), rows)
