"""
Which of a Wheaty report's stacks is the crash, and which of its names can be believed.

The report names no thread. The crashing stack is the one with the fault address in it; the crash handler may print it a
second time below its own frames, and the stack of a watchdog that kills a frozen server is not the one at fault.
"""

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tasks.core.parsers.wheaty_frames import Place, Row
from tasks.core.parsers.wheaty_stacks import Block, Report

_DISPATCHERS = frozenset({"KiUserExceptionDispatcher", "KiUserExceptionDispatch"})
_HANDLER = re.compile(
    r"WheatyExceptionReport::|(?:Nt|Zw|)GetContextThread$|GetThreadContext$|UnhandledExceptionFilter$"
)
_IDLE = re.compile(
    r"(?:Nt|Zw)(?:WaitFor\w+|DelayExecution|RemoveIoCompletion\w*|SignalAndWait\w+|ReadFile|DeviceIoControlFile)$"
    r"|KiFastSystemCallRet$|NtUserGetMessage$|Sleep(?:Ex|ConditionVariable\w+)?$"
)
_WATCHDOG = "FreezeDetector"
_LOOP = re.compile(
    r"(?:World|Map|InstanceMap|BattlegroundMap|MapInstanced|MapManager|MapMgr|WorldRunnable)::(?:Update|run)\b"
)
_WORLD_LOOP = re.compile(r"World::Update\b|WorldUpdateLoop\b|WorldRunnable::run\b")
_LOCK = re.compile(
    r"_?mtx_do_lock|_?Mtx_lock|_Mtx_\w+lock|std::(?:\w+_)?(?:mutex|_Mutex_base)(?:::|$)[^:]*lock|std::\w+_lock\b|std::lock_guard"
    r"|boost::(?:\w+_)?mutex::\w*lock|boost::\w+_lock|(?:Rtl)?(?:Try)?EnterCriticalSection|Rtlp?WaitOnCriticalSection"
    r"|RtlpEnterCriticalSectionContended|(?:Rtl)?AcquireSRWLock\w+|ACE_(?:Guard|Read_Guard|Write_Guard|\w*Mutex)\b|Concurrency::\w+lock"
)
_MAP_WAIT = re.compile(r"MapUpdater::wait|MapUpdater::Wait")
_TOP = 16

_EXPORT_SPAN = 0x1000
"""A function that is exported for others and longer than this is rarer than a wrong guess of the nearest export."""

_IMAGE_SPAN = 64 * 1024 * 1024
"""How far apart two addresses of one program may lie."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    The stacks of the report's threads, and which of them is the crash.

    ``crashed`` counts in ``blocks``; None where the report does not hold the crashing stack. ``is_freeze`` says that a
    watchdog ended the process.
    """

    blocks: Sequence[Block]
    crashed: int | None
    is_freeze: bool = False
    notes: list[str] = field(default_factory=list)


def choose(report: Report) -> Choice:
    """Find the crashing stack, cut the crash handler's frames from its top, and leave out the handler's copy of it."""
    number, start, reason = _crashing(report)
    notes = [reason] if reason and (number is None or len(report.blocks) > 1) else []
    crashed = report.blocks[number] if number is not None else None
    if crashed and start:
        crashed.rows = crashed.rows[start:]
        notes.append(f"{start} frames above the crash were left out: they report it.")
    copies = [block for block in report.blocks if crashed and block is not crashed and _is_copy(block, crashed)]
    notes += [f"Stack {block.number} repeats the crashing one under the crash handler: left out." for block in copies]
    blocks = [block for block in report.blocks if not any(block is copy for copy in copies)]
    is_watchdog = crashed is not None and any(_WATCHDOG in name for name in _names(crashed.rows[:_TOP]))
    if _says_freeze(report) or is_watchdog:
        return _freeze(blocks, notes)
    position = next((index for index, block in enumerate(blocks) if block is crashed), None)
    return Choice(blocks=blocks, crashed=position, notes=notes)


def without_false_names(rows: Sequence[Row], *, report: Report) -> list[Row]:
    """
    Take back the names that are only the nearest export below an address.

    Without symbols Windows names the closest exported function before the address, however far away. A name without a
    source line is not believed when it lies far before the address and nothing near it has a real symbol.
    """
    if not any(_is_doubtful(row.place) for row in rows):
        return list(rows)
    named = sorted(row.address for row in rows if row.place.function and not row.place.is_export)
    anchors = _program_anchors(rows, report)
    return [
        Row(row.address, _place_by(anchors, row.address))
        if _is_doubtful(row.place) and not _has_near(named, row.address)
        else row
        for row in rows
    ]


def _crashing(report: Report) -> tuple[int | None, int, str | None]:
    """Return the number of the crashing stack, its first frame that counts, and how it was found."""
    address = report.fault.address if report.fault else report.pointer
    with_fault = [
        (is_copy or len(block.rows) - start < 2, start - len(block.rows) if is_copy else 0, index, start)
        for index, block in enumerate(report.blocks)
        for is_copy, start in [_start_at(block, address)]
        if start >= 0
    ]
    if with_fault:
        *_, index, start = min(with_fault)
        return index, start, None
    for index, block in enumerate(report.blocks):
        start = _below_dispatcher(block)
        if start:
            return index, start, "The crashing stack is the one that the system's exception dispatcher interrupted."
    if not report.blocks:
        return None, 0, None
    if not report.blocks[0].rows:
        return 0, 0, None
    for index, block in enumerate(report.blocks):
        if block.rows and not _is_idle(block):
            return index, 0, "No stack holds the fault address: the first one that is not waiting was taken."
    return None, 0, "All stacks are of waiting threads: the crashing one is missing."


def _start_at(block: Block, address: int | None) -> tuple[bool, int]:
    """Find the fault in a stack; True with a start below the crash handler where the handler stands above it."""
    found = next((index for index, row in enumerate(block.rows) if row.address == address), -1)
    below = _below_dispatcher(block)
    if found < 0:
        return False, -1
    is_copy = bool(below) or any(_HANDLER.match(name) for name in _names(block.rows[:found]))
    return is_copy, max(found, below)


def _below_dispatcher(block: Block) -> int:
    """Count the frames down to the exception dispatcher; 0 where there is none or nothing below it."""
    last = max((index for index, row in enumerate(block.rows) if row.place.function in _DISPATCHERS), default=-1)
    return last + 1 if 0 <= last < len(block.rows) - 1 else 0


def _is_copy(block: Block, crashed: Block) -> bool:
    """True for the stack of the thread that writes the report: below the crash handler it is the crashing stack."""
    if not crashed.rows:
        return False
    top = crashed.rows[0]
    if any(row.address == top.address for row in block.rows[1 : 4 * _TOP]):
        return True
    if not any(_HANDLER.match(name) for name in _names(block.rows[:_TOP])):
        return False
    below = block.rows[_below_dispatcher(block) :][:_TOP]
    return top.place.function is not None and any(row.place.function == top.place.function for row in below)


def _is_idle(block: Block) -> bool:
    name = block.rows[0].place.function if block.rows else None
    return bool(name and _IDLE.match(name))


def _names(rows: Iterable[Row]) -> Iterable[str]:
    return (row.place.function for row in rows if row.place.function)


def _says_freeze(report: Report) -> bool:
    text = "\n".join(report.message)
    return " hangs for " in text and "forc" in text


def _freeze(blocks: Sequence[Block], notes: Sequence[str]) -> Choice:
    """Take the thread that did not come back: one that waits for a lock inside an update, else one that updates."""
    ranks = [_rank(block) for block in blocks]
    best = max(ranks, default=0)
    if not best:
        missing = "A watchdog ended the process, and no stack shows the thread that it waited for."
        return Choice(blocks=blocks, crashed=None, is_freeze=True, notes=[*notes, missing])
    culprit = ranks.index(best)
    found = f"A watchdog ended the process: stack {blocks[culprit].number} seems to be the thread it waited for."
    return Choice(blocks=blocks, crashed=culprit, is_freeze=True, notes=[*notes, found])


def _rank(block: Block) -> int:
    names = list(_names(block.rows))
    if any(_WATCHDOG in name or name == "RaiseException" for name in names):
        return 0
    is_updating = any(_LOOP.match(name) for name in names)
    is_locked = any(_LOCK.match(name) for name in names[:_TOP])
    if is_updating and is_locked:
        return 5
    if any(_MAP_WAIT.match(name) for name in names):
        return 1
    if any(_WORLD_LOOP.match(name) for name in names):
        return 4
    if is_updating:
        return 3
    return 2 if is_locked else 0


def _is_doubtful(place: Place) -> bool:
    return place.is_export and place.displacement > _EXPORT_SPAN


def _has_near(addresses: Sequence[int], address: int) -> bool:
    """Tell whether a frame with a real symbol lies in the same program."""
    at = bisect.bisect_left(addresses, address - _IMAGE_SPAN)
    return at < len(addresses) and addresses[at] <= address + _IMAGE_SPAN


def _program_anchors(rows: Sequence[Row], report: Report) -> list[Row]:
    """Collect addresses whose place in the program is known; libraries lie too close together to tell them apart."""
    known = [Row(report.fault.address, report.fault.place)] if report.fault else []
    return [row for row in [*known, *rows] if row.place.offset is not None and _is_program(row.place.module)][:_TOP]


def _is_program(module: str | None) -> bool:
    return bool(module and module.lower().endswith(".exe"))


def _place_by(anchors: Sequence[Row], address: int) -> Place:
    """Count from the nearest known address of the program; an empty place where none is near."""
    near = min(anchors, key=lambda row: abs(row.address - address), default=None)
    if near is None or abs(near.address - address) > _IMAGE_SPAN:
        return Place()
    place = near.place
    offset = (place.offset or 0) + address - near.address
    return Place(section=place.section, offset=offset, module=place.module) if offset >= 0 else Place()
