"""Which of the stacks in a session of WinDbg is the crash, and which of its names can be believed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.core.parsers import cdb_frames, windows_codes
from tasks.core.parsers.cdb_frames import EXPORT_SPAN, Site
from tasks.core.parsers.cdb_sessions import Record, Session, Stack

_COMMAND = re.compile(r"~(\d{1,6})s\b")
_BREAK_IN = re.compile(r"DbgBreakPoint$|DbgUiRemoteBreakin$|DebugBreakProcess$")
_SYSTEM = frozenset(
    {"ntdll", "kernel32", "kernelbase", "user32", "win32u", "ucrtbase", "ucrtbased", "msvcrt", "verifier", "vrfcore"}
    | {"msvcp140", "msvcp140d", "vcruntime140", "vcruntime140d", "vcruntime140_1", "wow64", "wow64cpu", "wow64win"}
)
_LOCK = re.compile(
    r"RtlpWaitOnCriticalSection|RtlpEnterCriticalSectionContended|RtlEnterCriticalSection|RtlpWaitForCriticalSection"
    r"|Rtlp?AcquireSRWLock\w+|_?_?[Mm]tx_(?:do_)?lock\w*|std::(?:\w+_)?(?:mutex|_Mutex_base)::\w*lock|std::\w+_lock<"
    r"|boost::(?:\w+_)?mutex::\w*lock|ACE_\w*Mutex"
)
_LOOP = re.compile(r"\w+::(?:Update|Run|run|Tick|tick)\b|w?main$|WinMain$")
_TOP = 16
_FUNCTION_SPAN = 0x40000
"""No compiler makes functions as long as this: the name is the nearest export whatever the text says of symbols."""

_ORDINAL = re.compile(r"Ordinal\d+$")
_CYCLE = 100


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The crashing stack, and the debugger's number or the system's task id of its thread as far as they are known."""

    crashed: Stack | None = None
    number: int | None = None
    task: str | None = None
    is_freeze: bool = False
    notes: tuple[str, ...] = ()


def choose(session: Session, record: Record, code: str | None) -> Choice:
    """Find the crashing stack; for a hang, the stack of the thread that holds the others up."""
    number, task = _faulting(session)
    filled = [stack for stack in session.stacks if stack.rows]
    candidates = [stack for stack in filled if not is_pseudo(stack)]
    ours = [stack for stack in candidates if stack.origin != "thread" or stack.thread == number]
    if number is None and not any(stack.origin != "thread" for stack in candidates):
        ours = candidates[:1]
    best = max(ours, key=lambda stack: _rank(stack, record, number), default=None)
    if _is_hang(session, best, code):
        return _freeze(session, candidates, best)
    if best and best.origin == "plain" and best.thread is not None and number is None:
        number = best.thread
    if best and best.origin == "thread":
        number = best.thread
    is_guess = best is not None and number is None and task is None and len(candidates) > 1
    guess = ("The text does not name the crashed thread: the first stack was taken.",) if is_guess else ()
    has_pseudo = len(candidates) < len(filled)
    made_up = "The stack of !analyze is made up: it names what the debugger blames, not what ran."
    blamed = (made_up,) if has_pseudo else ()
    if best is None:
        best = next(
            (stack for stack in session.stacks if is_pseudo(stack) and not _blames_program(session, stack)), None
        )
    return Choice(crashed=best, number=number, task=task, notes=(*guess, *blamed))


def is_same_place(site: str, symbol: str) -> bool:
    """Tell whether a call site and the symbol of an exception's address are the same function of a module."""
    one, other = cdb_frames.read_site(site), cdb_frames.read_site(symbol)
    same = (one.module or "").lower() == (other.module or "").lower() and one.function == other.function
    return same and (one.function is not None or one.displacement == other.displacement)


def is_false_name(site: Site, session: Session) -> bool:
    """True where the name is only the nearest export below the address, as without symbols."""
    if site.function is None or site.file is not None or site.displacement <= EXPORT_SPAN:
        return False
    is_exported = cdb_frames.module_key(site.module or "") in session.exports or _ORDINAL.match(site.function)
    return site.displacement > (EXPORT_SPAN if is_exported else _FUNCTION_SPAN)


def is_runaway(names: Sequence[str]) -> bool:
    """Tell endless recursion where no exception is named."""
    return len(names) >= _CYCLE and len(set(names)) <= _TOP


def _faulting(session: Session) -> tuple[int | None, str | None]:
    """Return the debugger's number and the task id of the faulting thread, by the best witness that the text holds."""
    task = session.fields.get("FAULTING_THREAD", "").strip().lower().lstrip("0")
    if not task or set(task) == {"f"}:
        task = session.event_task or ""
    by_task = next((named.number for named in session.threads.values() if named.task.lstrip("0") == task), None)
    marked = next((named for named in session.threads.values() if named.mark == "#"), None)
    command = _COMMAND.search(session.fields.get("STACK_COMMAND", ""))
    current = next((named for named in session.threads.values() if named.mark == "."), None)
    if by_task is not None:
        return by_task, task
    if marked:
        return marked.number, marked.task
    if command:
        return int(command[1]), task or None
    if current:
        return current.number, current.task
    return session.prompt, task or None


def is_pseudo(stack: Stack) -> bool:
    """True for a stack that ``!analyze`` made up to blame something."""
    return bool(stack.rows) and all(row.is_pseudo for row in stack.named_rows())


def _blames_program(session: Session, stack: Stack) -> bool:
    """True for ``heap_corruption!program.exe``, which names no function at all."""
    return any(name.lower().endswith((".exe", ".dll")) for name in _names(session, stack))


def _rank(stack: Stack, record: Record, number: int | None) -> tuple[bool, bool, bool, int, int]:
    """Prefer the stack that begins where the exception happened, then one of its context, then the one with lines."""
    rows = tuple(stack.named_rows(_TOP))
    begins = bool(record.symbol and any(is_same_place(row.site, record.symbol) for row in rows))
    is_of_exception = stack.origin in {"analysis", "context"}
    is_of_thread = stack.thread == number and number is not None
    lines = sum((" @ " in row.site) + row.is_inlined for row in rows)
    return begins, is_of_exception, is_of_thread, lines, len(stack.rows)


def _names(session: Session, stack: Stack) -> list[str]:
    return [site.function or "" for site in session.sites_of(stack, _TOP)]


def _is_hang(session: Session, stack: Stack | None, code: str | None) -> bool:
    """True where the debugger or a watchdog broke into a process that did not answer."""
    buckets = (*session.fields.values(), session.keys.get("Failure.Bucket", ""))
    if code in {windows_codes.APPLICATION_HANG, "C0000194"} or any("APPLICATION_HANG" in text for text in buckets):
        return True
    said = "\n".join(session.said)
    if " hangs for " in said and "forc" in said and code in {windows_codes.ASSERTION_FAILURE, None}:
        return True
    has_contention = any(lock.contention for lock in session.locks)
    if code in {None, windows_codes.BREAKPOINT} and _is_break_in(session, stack):
        return has_contention or any(_is_locked(session, other) for other in session.stacks)
    return code is None and has_contention


def _is_break_in(session: Session, stack: Stack | None) -> bool:
    return stack is None or any(_BREAK_IN.match(name) for name in _names(session, stack)[:3])


def _is_locked(session: Session, stack: Stack) -> bool:
    return any(_LOCK.match(name) for name in _names(session, stack))


def _freeze(session: Session, stacks: Sequence[Stack], watchdog: Stack | None) -> Choice:
    """Take the thread that holds a contended lock, else one that waits for a lock inside a loop of the program."""
    owners = {lock.owner.lstrip("0") for lock in session.locks if lock.contention}
    ranked = sorted(stacks, key=lambda stack: -_freeze_rank(session, stack, owners))
    best = ranked[0] if ranked and (_freeze_rank(session, ranked[0], owners) or watchdog is None) else watchdog
    number = best.thread if best else None
    named = session.threads.get(number) if number is not None else None
    note = "The process was stopped because it did not answer"
    found = f"{note}: thread {number} seems to be the one that was waited for." if number is not None else f"{note}."
    return Choice(crashed=best, number=number, task=named.task if named else None, is_freeze=True, notes=(found,))


def _freeze_rank(session: Session, stack: Stack, owners: Iterable[str]) -> int:
    if _is_break_in(session, stack):
        return 0
    named = session.threads.get(stack.thread) if stack.thread is not None else None
    is_owner = named is not None and named.task.lstrip("0") in owners
    sites = session.sites_of(stack)
    is_ours = any(site.module and site.module.lower() not in _SYSTEM for site in sites)
    is_looping = any(site.function and _LOOP.match(site.function) for site in sites)
    return is_ours + 2 * (is_ours and is_looping) + 4 * (is_ours and _is_locked(session, stack)) + 8 * is_owner
