"""
Why a POSIX process died: from its signal, the crashing stack, and the words that it or the debugger printed.

A signal alone misleads: servers of the TrinityCore family turn a failed assertion into a null write, an uncaught C++
exception arrives as SIGABRT, and a crash handler may raise a second signal above the first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.core.crash import NULL_PAGE, CrashException, Frame, Kind
from tasks.core.parsers import assertions, posix
from tasks.core.parsers.assertions import Assertion

SIGNAL_FRAMES = frozenset({"<signal handler called>", "__restore_rt", "__restore"})
"""
gdb's name for the frame that the kernel pushed between the interrupted function and the handler, and glibc's names for
the same frame where gdb did not recognise it.
"""

_DEPTH = 64
_WATCHDOG = re.compile(r"\bFreezeDetector\b|\bFreezeDetectorRunnable\b")
"""How far down the stack the functions that end a process are looked for; formatting and unwinding lie above them."""

_PERIOD = 16
_RUNAWAY = 30
"""Functions of a cycle, and frames of it where the stack's bottom is not seen, that make an endless recursion."""

_GUARD = 64 * 1024
"""How far from the stack pointer a function touches its frame first, and the system its guard pages."""

_SENT_DEPTH = 4
"""Functions within which a signal was sent, not caused by an access: ``si_addr`` then holds the sender's number."""

_KINDS: dict[str | None, Kind] = {
    "SIGSEGV": "access_violation",
    "SIGBUS": "bus_error",
    "SIGFPE": "division_by_zero",
    "SIGILL": "illegal_instruction",
    "SIGTRAP": "breakpoint",
    "SIGABRT": "abort",
}
_ASSERT_FUNCTIONS = frozenset(
    {
        "__assert_fail",
        "__assert_fail_base",
        "__assert",
        "__assert_rtn",
        "__glibcxx_assert_fail",
        "std::__glibcxx_assert_fail",
        "std::__replacement_assert",
        "boost::assertion_failed",
        "boost::assertion_failed_msg",
        "g_assertion_message",
        "g_assertion_message_expr",
        "qt_assert",
        "qt_assert_x",
        "ExceptionalCondition",
    }
)
_SERVER_ASSERT = re.compile(r"\w+::(?:Assert|Fatal|Error|Abort)")
_SERVER_NAMESPACES = ("Trinity::", "Acore::", "MaNGOS::", "Skyfire::", "Oregon::")
_ABORT_FUNCTIONS = frozenset(
    {
        "abort",
        "raise",
        "gsignal",
        "pthread_kill",
        "libc_message",
        "fortify_fail",
        "chk_fail",
        "stack_chk_fail",
        "qt_message_fatal",
        "QMessageLogger::fatal",
        "g_abort",
        "abort_message",
    }
)
_DECORATED = ("__libc_message", "__fortify_fail", "__chk_fail", "__pthread_kill", "__clone", "__libc_start_main")
_RAISE_FUNCTIONS = frozenset({"raise", "gsignal", "pthread_kill"})
_OWN_ENDS = _ABORT_FUNCTIONS - _RAISE_FUNCTIONS
_TERMINATE_FUNCTIONS = frozenset(
    {
        "__gnu_cxx::__verbose_terminate_handler",
        "__cxxabiv1::__terminate",
        "std::terminate",
        "__cxa_throw",
        "__cxa_rethrow",
        "__cxa_call_terminate",
    }
)
_RUNTIME = re.compile(
    r"std::|__gnu_cxx::|__cxxabiv1::|__cxa_|_Unwind_|fmt::|boost::throw_exception|__interceptor_|__sanitizer"
    r"|(?:_int_)?(?:free|malloc|realloc|calloc)\b|malloc_printerr|munmap_chunk|operator (?:new|delete)|str\w+$|mem\w+$"
    r"|(?:\w+::)?(?:\(anonymous namespace\)::)?Crash$|pthread_kill_|kernel_vsyscall"
)
_BOTTOMS = frozenset(
    {"main", "_start", "clone", "clone3", "start_thread", "thread_start", "libc_start_main", "__libc_start_call_main"}
)
_WAITING = re.compile(r"poll|select|wait|sleep|futex|lock|syscall|accept|recv|read$|pause|raise|abort|kill|exit")
TERMINATE_TEXT = "terminate called after throwing an instance of"
_THROWN = re.compile(r"\s{0,8}'(.{1,2000}?)'(?:\s{0,80}what\(\):[ \t]*([^\n]{0,1000}))?", re.DOTALL)
_TYPEINFO = re.compile(r"<typeinfo for ([^>\n]{1,500}(?:<.{1,500}>)?)>")
_THROW_HELPER = re.compile(r"std::__throw_(\w+?)(?:_fmt)?$")
_HANDLER_SIGNAL = re.compile(r"\b(?:signo|signum|sig|sig_num|signal|signal_number|sigval|s)=(?:\w+@entry=)?(\d{1,2})\b")
_ABORT_TEXTS = (
    "free(): ",
    "malloc(): ",
    "realloc(): ",
    "munmap_chunk(): ",
    "malloc_consolidate(): ",
    "double free or corruption",
    "corrupted size vs. prev_size",
    "corrupted double-linked list",
    "stack smashing detected",
    "buffer overflow detected",
    "pure virtual method called",
    "terminate called without an active exception",
    "terminate called recursively",
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """
    What is known of a death.

    ``frames`` are the crashing thread's; ``address`` is ``si_addr`` where the kernel stated one; ``text`` is what was
    printed around the stack; ``instruction`` is in AT&T syntax; ``is_cut`` says that the debugger stopped early.
    ``stack_pointer`` is that of the innermost frame.
    """

    frames: Sequence[Frame] = ()
    signal: str | None = None
    address: int | None = None
    text: str = ""
    instruction: str | None = None
    registers: Mapping[str, int] = field(default_factory=dict)
    stack_pointer: int | None = None
    is_cut: bool = False


def explain(evidence: Evidence) -> tuple[CrashException, tuple[str, ...]]:
    """
    Decide the kind of the crash, and its message.

    Returns:
        The exception, and notes on what lies behind it (where an assertion stands, how an address was found).
    """
    frames, signal = _below_handler(evidence)
    names = _ending_functions(frames)
    failed = _failed_assertion(frames, names, evidence.text)
    if failed:
        return _assertion(failed, signal, evidence.address, is_watchdog=_is_watchdog(frames, names))
    if signal in {None, "SIGABRT"} or any(name in _OWN_ENDS for name in names):
        ended = _abort(frames[: len(names)], names, evidence.text)
        if ended:
            return ended, ()
    return _fault(signal, frames, evidence)


def is_ending(frames: Sequence[Frame]) -> bool:
    """True for a stack on which the process is ending itself: abort, a failed assertion, an uncaught exception."""
    names = _ending_functions(frames)
    return any(
        name in _ABORT_FUNCTIONS or name in _TERMINATE_FUNCTIONS or _is_assert(name, frame)
        for name, frame in zip(names, frames, strict=False)
    )


def assume(
    explained: CrashException, notes: tuple[str, ...], frames: Sequence[Frame]
) -> tuple[CrashException, tuple[str, ...]]:
    """A bare stack names no signal; one that neither aborts nor waits nearly always ended in a memory fault."""
    is_open = explained.kind == "unknown" and explained.signal is None and bool(frames)
    top = next((frame.function for frame in frames[:1]), None)
    if not is_open or top in {None, "??"} or _WAITING.search(top or ""):
        return explained, notes
    note = "The text names no signal: a memory fault is assumed, as the stack neither aborts nor waits."
    return replace(explained, kind="access_violation"), (*notes, note)


def without_clones(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Take the compiler's ``.cold`` off the functions, so that those that end a process are known by their names."""
    if not any(frame.function and ".cold" in frame.function for frame in frames):
        return frames
    return [frame._replace(function=frame.function and frame.function.partition(".cold")[0]) for frame in frames]


def _below_handler(evidence: Evidence) -> tuple[Sequence[Frame], str | None]:
    """Drop a crash handler and what it called; the signal that it handled counts, not one that it raised."""
    top = evidence.frames[:_DEPTH]
    if SIGNAL_FRAMES.isdisjoint([frame.function for frame in top]):
        return evidence.frames, evidence.signal
    position = max(index for index, frame in enumerate(top) if frame.function in SIGNAL_FRAMES)
    stated = _HANDLER_SIGNAL.search(top[position - 1].arguments) if position else None
    below = evidence.frames[position + 1 :]
    if stated:
        return below, posix.signal_name(stated[1])
    if evidence.signal is None and position and "segv" in (top[position - 1].function or ""):
        return below, "SIGSEGV"
    is_abort = bool(below) and bare_name(below[0].function) in _ABORT_FUNCTIONS
    return below, "SIGABRT" if is_abort else evidence.signal


def _ending_functions(frames: Sequence[Frame]) -> list[str]:
    """Name the functions on top that belong to the runtime, down to the one that the program called."""
    names: list[str] = []
    for frame in frames[:_DEPTH]:
        name = bare_name(frame.function)
        is_ending = name in _ABORT_FUNCTIONS or name in _TERMINATE_FUNCTIONS or _is_assert(name, frame)
        if not is_ending and name and not _RUNTIME.match(name):
            break
        names.append(name)
    return names


def bare_name(function: str | None) -> str:
    """Strip glibc's decorations, template arguments and parameters: good for comparing names that are known."""
    if not function:
        return ""
    name = function.lstrip("*").removeprefix("__GI_")
    if name.startswith(_DECORATED):
        return name[2:].removesuffix("_impl").removesuffix("_implementation").removesuffix("_internal")
    if "<" not in name and "(" not in name and "@" not in name:
        return name
    cut = min((at for at in (name.find("<", 1), name.find("(", 1), name.find("@")) if at > 0), default=len(name))
    return name if "operator" in name or "(anonymous" in name else name[:cut]


def _is_assert(name: str, frame: Frame) -> bool:
    if name in _ASSERT_FUNCTIONS:
        return True
    if not _SERVER_ASSERT.fullmatch(name):
        return False
    return name.startswith(_SERVER_NAMESPACES) or "function=" in frame.arguments


def _failed_assertion(frames: Sequence[Frame], names: Sequence[str], text: str) -> Assertion | None:
    """Return the assertion that ended the process; its arguments are the better witness than the text."""
    asserting = [frame for name, frame in zip(names, frames, strict=False) if _is_assert(name, frame)]
    for frame in asserting:
        stated = assertions.from_frame(frame)
        if stated and stated.condition:
            return stated
    if asserting:
        return assertions.find(text) or assertions.from_frame(asserting[-1]) or Assertion(condition=None)
    is_abort = any(name in _ABORT_FUNCTIONS for name in names)
    is_thrown = any(name in _TERMINATE_FUNCTIONS for name in names)
    is_blind = not any(names) and len(names) == len(frames)
    return assertions.find(text) if (is_abort and not is_thrown) or is_blind else None


def _is_watchdog(frames: Sequence[Frame], names: Sequence[str]) -> bool:
    """Say whether the program's own watchdog ended it: optimisers leave its message out of the arguments."""
    callers = frames[len(names) : len(names) + 2]
    return any(_WATCHDOG.search(frame.function or "") for frame in callers)


def _assertion(
    failed: Assertion, signal: str | None, address: int | None, *, is_watchdog: bool
) -> tuple[CrashException, tuple[str, ...]]:
    kind: Kind = "deadlock" if failed.is_freeze or is_watchdog else "assertion"
    notes = [f"The assertion stands at {failed.site}."] if failed.site else []
    if failed.detail:
        notes.append(f"The assertion says: {failed.detail[:300]}")
    stated = CrashException(
        kind=kind,
        signal=signal,
        address=address,
        message=failed.condition,
        site=failed.place,
        site_function=failed.function,
    )
    return stated, tuple(notes)


def _abort(frames: Sequence[Frame], names: Sequence[str], text: str) -> CrashException | None:
    is_thrown = any(name in _TERMINATE_FUNCTIONS for name in names)
    is_abort = any(name in _ABORT_FUNCTIONS for name in names)
    message = _glibc_message(frames, text)
    if is_thrown and "without an active exception" not in text:
        return CrashException(kind="cpp_exception", signal="SIGABRT", message=_thrown(frames, names, text))
    if is_abort or is_thrown:
        return CrashException(kind="abort", signal="SIGABRT", message=message)
    return None


def _thrown(frames: Sequence[Frame], names: Sequence[str], text: str) -> str | None:
    """``type: what()`` of the exception that nobody caught, from libstdc++'s words or from the throwing frame."""
    position = text.rfind(TERMINATE_TEXT)
    said = _THROWN.match(text, position + len(TERMINATE_TEXT)) if position >= 0 else None
    if said:
        thrown_type = " ".join(said[1].split()).replace(" >'", ">'")
        return f"{thrown_type}: {said[2].strip()}" if said[2] else thrown_type
    for frame, name in zip(frames, names, strict=True):
        stated = _TYPEINFO.search(frame.arguments)
        if stated:
            return stated[1]
        helper = _THROW_HELPER.match(name)
        if helper:
            return f"std::{helper[1]}"
    return None


def _glibc_message(frames: Sequence[Frame], text: str) -> str | None:
    for frame in frames:
        said = assertions.arguments(frame.arguments).get("str", "")
        if '"' in said and frame.function == "malloc_printerr":
            return said.partition('"')[2].rpartition('"')[0]
    position = min((at for at in map(text.find, _ABORT_TEXTS) if at >= 0), default=-1)
    if position < 0:
        return None
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return text[max(start, position - 200) : end if end >= 0 else None][:400].strip(" *\r")


def _fault(signal: str | None, frames: Sequence[Frame], evidence: Evidence) -> tuple[CrashException, tuple[str, ...]]:
    kind: Kind = _KINDS.get(signal, "unknown")
    is_sent = any(bare_name(frame.function) in _RAISE_FUNCTIONS for frame in frames[:_SENT_DEPTH])
    is_memory = signal in {"SIGSEGV", "SIGBUS"} and not is_sent
    address = None if is_sent else evidence.address
    notes: tuple[str, ...] = ()
    is_jump = is_memory and address is not None and bool(frames) and frames[0].address == address
    if signal in {"SIGSEGV", "SIGBUS", None} and not is_jump and _is_runaway(frames, evidence):
        kind = "stack_overflow"
    instruction = evidence.instruction if is_memory and frames is evidence.frames else None
    if is_memory and address is None and instruction:
        address = posix.operand_address(instruction, evidence.registers)
        notes = (
            ("The fault address was computed from the instruction and the registers.",) if address is not None else ()
        )
    if signal is None and kind == "unknown":
        notes = (*notes, "The text does not say which signal ended the process.")
    access = "execute" if is_jump else posix.access_of(instruction) if instruction else None
    return CrashException(kind=kind, signal=signal, address=address if is_memory else None, access=access), notes


def _is_runaway(frames: Sequence[Frame], evidence: Evidence) -> bool:
    """
    Tell endless recursion: 100 frames of a cycle of up to 16 functions, or 30 where the stack's bottom is not seen.

    A fault in the null page is no overflow, however deep the stack; one beside the stack pointer always is, as the
    stack is mapped there unless it is used up.
    """
    address, pointer = evidence.address, evidence.stack_pointer
    if address is not None and address < NULL_PAGE:
        return False
    if address is not None and pointer is not None and abs(address - pointer) <= _GUARD:
        return True
    keys = [frame.function or frame.address for frame in frames]
    if len(keys) - len(set(keys)) < _RUNAWAY - _PERIOD:
        return False
    longest = max((_repetition(keys, period) for period in range(1, _PERIOD + 1)), default=0)
    bottom = bare_name(frames[-1].function) if frames else ""
    has_bottom = not evidence.is_cut and bottom in _BOTTOMS
    if longest >= 100:
        return True
    return evidence.signal is not None and not has_bottom and longest >= max(_RUNAWAY, 0.8 * len(keys))


def _repetition(keys: Sequence[object], period: int) -> int:
    """Count the elements of the longest stretch that repeats itself with the given period."""
    longest = run = 0
    for earlier, later in zip(keys, keys[period:], strict=False):
        run = run + 1 if earlier == later and earlier is not None else 0
        longest = max(longest, run)
    return longest + period if longest else 0
