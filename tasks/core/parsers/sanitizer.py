"""
Reports of AddressSanitizer, its siblings (UBSan, TSan, MSan, LSan, HWASan) and libFuzzer.

A report is a headline, stacks with a line above each that says what they are, and a summary. Only the first stack is
the crash; the others say where memory was allocated and freed, or what the other thread did. One file can hold several
reports, and the same report twice: symbolised, then raw.
"""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import last_words, sanitizer_frames, sanitizer_reports, sanitizer_words, signal_cause
from tasks.core.parsers.sanitizer_frames import FrameLine
from tasks.core.parsers.sanitizer_reports import FRAMES_LIMIT, REPORTS_LIMIT, STACKS_LIMIT, Report, Stack

NAME = "sanitizer"

_SUMMARY_PLACE = re.compile(r"(?:^| )(\S+?):(\d{1,9})(?::\d{1,9})? in (\S.*)$")
_PLACE = re.compile(r"(.*?):(\d{1,9})(?::\d{1,9})?$")
_LIBRARY = re.compile(r"\.(?:so(?:\.\d+)*|dll|dylib)$|^\[|^<", re.IGNORECASE)
_WORDS_WINDOW = 512 * 1024
_REACH = 2000
_TRIES_LIMIT = 100_000
_ACCESS_KINDS = frozenset({"access_violation", "bus_error", "stack_overflow", "sanitizer"})
_OWN_SIGNALS = frozenset({"SIGABRT", "SIGILL", "SIGTRAP", "SIGFPE"})


_SECTIONS = (
    ("freed by", "freed by"),
    ("previously allocated by", "allocated by"),
    ("allocated by", "allocated by"),
    ("created by", "created by"),
    ("Previous ", "other access by"),
    ("is located in stack of", "frame that holds the address"),
    ("value was stored", "stored at"),
    ("value was created", "created at"),
    ("leak of ", "leaked memory allocated at"),
    ("Mutex ", "mutex"),
    ("defined in", "defined at"),
    ("is located", "allocated by"),
)


def sniff(head: bytes) -> bool:
    """Tell whether a text holds the headline of a sanitizer's report."""
    for sign in sanitizer_reports.SIGNS:
        position = head.find(sign)
        for _ in range(_TRIES_LIMIT):
            if position < 0:
                break
            start = max(0, position - _REACH)
            start = max(head.rfind(b"\n", start, position) + 1, start)
            end = head.find(b"\n", position, position + _REACH)
            end = end if end >= 0 else position + _REACH
            if sanitizer_reports.opening(head[start:end], start):
                return True
            position = head.find(sign, end)
    return False


def parse(content: bytes) -> list[Crash]:
    """
    Read every report of a text, each once, in the order of the text.

    Raises:
        UnrecognisedError: the text holds no report.
    """
    reports, left_out = sanitizer_reports.read(content)
    if not reports:
        raise UnrecognisedError("The text names a sanitizer but holds no report: give the output from `ERROR:` on.")
    crashes = list(_without_repeats(_crash(report, content) for report in _in_order(_without_echoes(reports))))
    if left_out:
        note = f"{left_out} more reports were left out; the first {REPORTS_LIMIT} were kept."
        crashes[-1] = replace(crashes[-1], notes=(*crashes[-1].notes, note))
    return crashes


def _without_echoes(reports: Iterable[Report]) -> Iterator[Report]:
    """Keep the better copy of a report that was printed twice: the one with a stack, then the one with names."""
    best: dict[tuple[str | None, ...], Report] = {}
    for report in reports:
        is_shared = report.tool in {"ThreadSanitizer", "LeakSanitizer", "MemorySanitizer"}
        first = report.lines[0] if is_shared and report.lines else None
        top = _text_of(report) if is_shared and not first else None
        key = (report.tool, report.pid, report.headline, report.place, first, top)
        known = best.get(key)
        if known is None or _worth(report) > _worth(known):
            report.words_from = known.words_from if known else report.words_from
            report.start = known.start if known else report.start
            best[key] = report
    yield from best.values()


def _in_order(reports: Iterable[Report]) -> list[Report]:
    """Put reports of leaks that hang from nothing behind those with a direct leak: their root was suppressed."""

    def is_rootless(report: Report) -> bool:
        is_leak = report.tool == "LeakSanitizer" and bool(report.stacks)
        return is_leak and not any("Direct leak" in stack.heading for stack in report.stacks)

    return sorted(reports, key=is_rootless)


def _text_of(report: Report) -> str | None:
    lines = report.stacks[0].lines[:3] if report.stacks else ()
    return " ".join(f"{line.frame.address or line.frame.function}" for line in lines) or None


def _worth(report: Report) -> tuple[bool, int]:
    lines = report.stacks[0].lines if report.stacks else []
    return bool(lines), sum(line.frame.function is not None for line in lines)


def _without_repeats(crashes: Iterable[Crash]) -> Iterator[Crash]:
    """Sanitizers that go on report one defect again and again: keep the first, and say how often it came."""
    counts: dict[Hashable, int] = {}
    kept: dict[Hashable, Crash] = {}
    for number, crash in enumerate(crashes):
        names = tuple((frame.function, frame.file, frame.line) for frame in crash.frames)
        has_names = any(name for name, _, _ in names) or any(line for _, _, line in names)
        key: Hashable = (crash.exception.code, names) if has_names else number
        counts[key] = counts.get(key, 0) + 1
        kept.setdefault(key, crash)
    for known, crash in kept.items():
        note = (f"The text holds this report {counts[known]} times.",) if counts[known] > 1 else ()
        yield replace(crash, notes=(*crash.notes, *note))


def _crash(report: Report, content: bytes) -> Crash:
    stacks = _ordered(report)
    frames = _frames(stacks[0].lines, report.place) if stacks and stacks[0].lines else _stated_place(report)
    explained, reasons = _explain(report, frames, content)
    lines = stacks[0].lines if stacks else []
    thread_id, name = sanitizer_words.thread_of([*report.lines[:3], report.headline])
    crashed = (Thread(id=thread_id, name=name, is_crashed=True, frames=frames),) if frames else ()
    main = next((line for line in reversed(lines) if _is_program(line.frame.module)), None)
    return Crash(
        format=NAME,
        exception=explained,
        threads=(*crashed, *(_other(stack, number) for number, stack in enumerate(stacks[1:], start=1))),
        build=main.build_id if main else None,
        executable=main.frame.module if main else None,
        is_complete=bool(lines) and lines[0].number == 0,
        notes=(*reasons, *_remarks(report, stacks)),
    )


def _is_program(module: str | None) -> bool:
    """Tell the program from its libraries: the bottom of the stack runs through both."""
    return bool(module) and not _LIBRARY.search(module or "")


def _ordered(report: Report) -> list[Stack]:
    """Return the stacks, the crash's own first; a leak that others hang from counts before those."""
    stacks = report.stacks
    if report.tool == "LeakSanitizer":
        return sorted(stacks, key=lambda stack: "Direct leak" not in stack.heading)
    is_of_memory = bool(stacks) and _section(stacks[0].heading) in {"allocated by", "freed by", "created by"}
    if is_of_memory and not report.headline.startswith("thread leak"):
        return [Stack(heading="", lines=[]), *stacks]
    return stacks


def _frames(lines: list[FrameLine], place: str | None = None) -> tuple[Frame, ...]:
    """
    Number the frames; a frame with the address of the next, but another place, is inlined into it.

    ``place`` gives the line where the symboliser knew only the file.
    """
    frames = []
    for position, line in enumerate(lines):
        frame = line.frame
        below = lines[position + 1].frame if position + 1 < len(lines) else None
        is_same = below is not None and frame.address is not None and below.address == frame.address
        is_inlined = is_same and below is not None and (frame.function, frame.line) != (below.function, below.line)
        frames.append(frame._replace(index=position, is_inlined=True) if is_inlined else frame.numbered(position))
    stated = _PLACE.fullmatch(place) if place and frames and frames[0].line is None else None
    if stated and (frames[0].file or "").rpartition("/")[2] == stated[1].rpartition("/")[2]:
        frames[0] = frames[0]._replace(line=int(stated[2]))
    return tuple(frames)


def _stated_place(report: Report) -> tuple[Frame, ...]:
    """Make a frame of the place in the headline or the summary, where no stack was printed."""
    summary = _SUMMARY_PLACE.search(report.summary[-4096:]) if report.summary else None
    if summary:
        return (Frame(index=0, function=summary[3].strip(), file=summary[1], line=int(summary[2])),)
    place = _PLACE.fullmatch(report.place) if report.place else None
    return (Frame(index=0, file=place[1], line=int(place[2])),) if place else ()


def _explain(report: Report, frames: tuple[Frame, ...], content: bytes) -> tuple[CrashException, tuple[str, ...]]:
    code = sanitizer_words.code_of(report.tool, report.headline)
    lines = [report.headline, *report.lines]
    address, access = sanitizer_words.address_of(lines), sanitizer_words.access_of(lines)
    if sanitizer_words.is_signal(code):
        if address is not None and address == sanitizer_words.program_counter(report.headline):
            access = "execute"
        explained, reasons = _explain_signal(code, frames, address, _said(report, content))
        if explained.signal and explained.address is None:
            address = access = None
    else:
        kind = sanitizer_words.kind_of(code)
        address = 0 if code == "null-pointer-use" else address
        message = report.headline[:500] if report.place or kind in {"out_of_memory", "deadlock"} else None
        explained, reasons = CrashException(kind=kind, message=message), ()
    is_access = explained.kind in _ACCESS_KINDS and explained.signal not in _OWN_SIGNALS
    return replace(
        explained, code=code, address=address if is_access else None, access=access if is_access else None
    ), reasons


def _explain_signal(
    code: str, frames: tuple[Frame, ...], address: int | None, said: str
) -> tuple[CrashException, tuple[str, ...]]:
    kind = sanitizer_words.kind_of(code)
    if kind != "sanitizer":
        explained = CrashException(kind=kind)
        spoken = signal_cause.add_words(explained, last_words.find(said), signal_cause.below_tool(frames))
        return spoken or (explained, ())
    explained, reasons = signal_cause.explain(sanitizer_words.signal_of(code), frames, address, said)
    if explained.kind == "unknown" and code == "fuzz-target-exited":
        return replace(explained, kind="abort"), ()
    return explained, reasons


def _said(report: Report, content: bytes) -> str:
    start = max(report.words_from, report.start - _WORDS_WINDOW)
    return sanitizer_frames.decode(content[start : report.start])


def _section(heading: str) -> str | None:
    return next((name for words, name in _SECTIONS if words in heading), None)


def _other(stack: Stack, number: int) -> Thread:
    name = _section(stack.heading) or stack.heading[:100] or "further stack"
    thread_id, _ = sanitizer_words.thread_of([stack.heading])
    return Thread(id=f"{thread_id}#{number}", name=name, frames=_frames(stack.lines))


def _remarks(report: Report, stacks: list[Stack]) -> Iterator[str]:
    for line in report.lines:
        if " is located " in line or "<== Memory access" in line:
            yield line[:300]
    if report.place:
        yield f"The error stands at {report.place[:300]}."
    if not report.stacks:
        yield "The report holds no stack: run with symbols and print_stacktrace=1."
    for stack in stacks:
        if stack.left_out:
            yield f"A stack has {stack.left_out} more frames; the first {FRAMES_LIMIT} were kept."
    if report.left_out:
        yield f"{report.left_out} further stacks were left out; the first {STACKS_LIMIT} were kept."
