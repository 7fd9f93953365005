"""
Why a crash probably happened and what to do next: a hypothesis from the exception and the crashing thread.

A hypothesis says what the report shows and no more; each suggestion carries the reason for which it is made. Memory
errors stand in ``memory_faults``, all other kinds here.
"""

from collections.abc import Callable
from dataclasses import replace

import re2

from tasks.core import memory_faults
from tasks.core.crash import Kind, Thread
from tasks.core.frames import base_name
from tasks.core.names import normalise
from tasks.core.scene import Explanation, Scene

_LOCK_WAIT = re2.compile(
    r"(?i)\bmtx_do_lock\b|_mtx_\w*lock|mutex\w*(::|_)\w*lock|_mutex_lock|lll_lock_wait|pthread_(mutex|rwlock)_\w*lock"
    r"|entercriticalsection|waitoncriticalsection|acquiresrwlock|unique_lock|lock_guard|scoped_lock|shared_lock"
    r"|(^|::)lock(_shared)?$|rwlock|ACE_\w*(Guard|Mutex)"
)
_CONDITION_WAIT = re2.compile(
    r"(?i)condition_variable|cond_(timed|clock)?wait|SleepConditionVariable|_Cnd_|WaitFor(Single|Multiple)Object"
    r"|futex|WaitOnAddress|WaitForAlertByThreadId|\bjoin\b"
)
_SYSTEM_NAME = re2.compile(
    r"^(_|std::|boost::|Nt|Zw|Rtl|Ki|pthread_|futex|syscall|clone|start_thread|WaitFor|Sleep|mtx_)"
)
_CYCLE_READ = 60
_REPEATS = 3

_THROWN = (
    ("out_of_range", "an index or key that is not in the container", "Check the index or key before the access"),
    ("length_error", "a size that no container can have, such as a negative number", "Check how the size is computed"),
    ("bad_alloc", "memory that the system did not have, or a size that was computed wrongly", "Log the size asked for"),
    ("bad_function_call", "an empty std::function", "Check that the callback is set before it is called"),
    ("bad_optional_access", "an empty std::optional", "Ask has_value() before value()"),
    ("bad_variant_access", "a std::variant that holds another type", "Ask which type the variant holds"),
    ("bad_any_cast", "a std::any that holds another type", "Ask which type the value has"),
    ("bad_weak_ptr", "an object that nobody owns any more", "Use weak_ptr::lock() and check its result"),
    ("bad_cast", "an object of another class than expected", "Cast to a pointer and check it"),
    (
        "invalid_argument",
        "a text or value that a function of the library refuses",
        "Check the text before converting it",
    ),
    ("system_error", "a refusal of the system: a thread, a lock or a socket", "Log the error's code"),
    ("regex_error", "a regular expression that is none", "Check the expression where it is configured"),
    (
        "filesystem_error",
        "a file or folder that is missing or closed to the server",
        "Check the path, and use error_code",
    ),
    (
        "logic_error",
        "a null pointer given as a text, or another broken precondition",
        "Check the value before the call",
    ),
)


def explain(scene: Scene) -> Explanation:
    """Return category, hypothesis, suggestions and the reason of the category for any crash."""
    explanation = _BY_KIND[scene.crash.exception.kind](scene)
    if scene.is_symbolised:
        return explanation
    return replace(explanation, suggestions=(_get_symbols(scene),))


def _get_symbols(scene: Scene) -> str:
    if not scene.crash.frames:
        return "Read the dump or core beside this report, because the report itself holds no stack."
    build = f" of build {scene.crash.build}" if scene.crash.build else ""
    return (
        f"Keep the symbols{build} (PDB, or an unstripped build such as RelWithDebInfo) beside the executable and read"
        " the dump again, because no frame of ours has a name."
    )


def _assertion(scene: Scene) -> Explanation:
    text = f"`{scene.message}`" if scene.message else "whose text the report does not hold"
    site = base_name(scene.crash.exception.site)
    at = f" at {site}" if site and site not in scene.place else ""
    return Explanation(
        category="assertion",
        hypothesis=f"The assertion {text} failed in {scene.place}{at}: {scene.called_by('a caller')} broke what it"
        " states.",
        suggestions=(
            (
                f"Follow the values of the asserted condition from {scene.called_by('the caller')} up, because the"
                " assertion"
                " only notices what went wrong before it."
            ),
            "Keep the assertion, because without it the server goes on with broken state.",
        ),
        reason="an assertion of the program failed",
    )


def _cpp_exception(scene: Scene) -> Explanation:
    message = scene.message
    known = next((row for row in _THROWN if message and row[0] in message.partition(" ")[0].partition(": ")[0]), None)
    meaning = f": it means {known[1]}" if known else ""
    what = message or "of a type that the report does not name"
    first = f"{known[2]} in {scene.name}" if known else f"Check the value that makes {scene.name} throw"
    return Explanation(
        category="uncaught exception",
        hypothesis=f"A C++ exception ({what}) left {scene.place} and nobody caught it{meaning}.",
        suggestions=(
            f"{first}, because the throw is the symptom and the value comes from {scene.called_by('its caller')}.",
            (
                "Catch it where the work can be given up (one packet, one command, one row), because an exception that"
                " leaves a thread ends the server."
            ),
        ),
        reason="an exception left its thread",
    )


def _stack_overflow(scene: Scene) -> Explanation:
    cycle = recursion(scene)
    if not cycle:
        return Explanation(
            category="stack overflow",
            hypothesis=f"The stack ended in {scene.place}: a recursion that the report does not show, or a local object"
            " larger than the stack.",
            suggestions=(
                (
                    f"Look for large arrays and for recursion below {scene.name}, because the report shows no repeated"
                    " call."
                ),
            ),
            reason="the stack of the thread was used up",
        )
    round_trip = " -> ".join((*cycle, cycle[0])) if len(cycle) > 1 else f"{cycle[0]} calls itself"
    return Explanation(
        category="stack overflow",
        hypothesis=f"Endless recursion: {round_trip}. Nothing on the way ends it.",
        suggestions=(
            (
                f"Bound the recursion in {cycle[0]} (a depth, a set of what was visited, or a loop), because it"
                " repeats in the"
                " stack without end."
            ),
        ),
        reason=f"{len(cycle)} function{'s' if len(cycle) > 1 else ''} repeat in the stack",
    )


def recursion(scene: Scene) -> tuple[str, ...]:
    """Return the functions that call each other in turn, the caller before the callee; empty where none repeat."""
    names = scene.in_app[:_CYCLE_READ]
    repeated = [name for name in names if names.count(name) >= _REPEATS]
    cycle: list[str] = []
    for name in repeated:
        if name in cycle:
            break
        cycle.append(name)
    return tuple(reversed(cycle))


def _deadlock(scene: Scene) -> Explanation:
    message = scene.message
    thread = scene.crash.crashing_thread
    who = f"Thread {thread.name or thread.id}" if thread and (thread.name or thread.id) else "A thread"
    said = f" (the report says: {message})" if message else ""
    wait = next((name for name in scene.names_above if _LOCK_WAIT.search(name)), None)
    if wait is None:
        return _hang(scene, f"{who}{said}")
    others = [found for each in scene.others if (found := _waiting_place(each))]
    also = f" {len(others)} more wait as well, among them thread {others[0]}." if others else ""
    return Explanation(
        category="deadlock",
        hypothesis=f"{who} waits in {scene.place} for a lock ({wait}) that its holder does not give back{said}.{also}",
        suggestions=(
            (
                f"Find who holds the lock that {scene.name} wants, and give all locks one order, because threads that"
                " take two"
                " locks in different orders wait for each other for ever."
            ),
            (
                "Copy what is needed under the lock and call out only after it is given back, because a call under a"
                " lock"
                " can ask for it again."
            ),
        ),
        reason=f"the thread waits in {wait}",
    )


def _hang(scene: Scene, who: str) -> Explanation:
    wait = next((name for name in scene.names_above if _CONDITION_WAIT.search(name)), None)
    doing = (
        f"waits in {scene.place} ({wait}) for something that does not come" if wait else f"was busy in {scene.place}"
    )
    why = "a signal that was never given" if wait else "an endless loop, work that grew too large, or a slow query"
    return Explanation(
        category="deadlock" if wait else "hang",
        hypothesis=f"{who} {doing} until the watchdog ended the process: {why}.",
        suggestions=(
            (
                f"Take two or three more stacks of a hanging server and compare them, because one stack can't tell a"
                " loop in"
                f" {scene.name} from a wait."
            ),
        ),
        reason="a watchdog ended the process",
    )


def _waiting_place(thread: Thread) -> str | None:
    """Say where a thread waits for a lock, or None where it does not."""
    names = [normalise(frame.function) for frame in thread.frames[:8] if frame.function]
    if not any(_LOCK_WAIT.search(name) for name in names):
        return None
    own = next(
        (name for name in names if not _SYSTEM_NAME.search(name) and not _LOCK_WAIT.search(name)), "unknown code"
    )
    return f"{thread.name or thread.id} in {own}"


def _out_of_memory(scene: Scene) -> Explanation:
    said = f" ({scene.message})" if scene.message else ""
    return Explanation(
        category="out of memory",
        hypothesis=f"Memory ran out in {scene.place}{said}: a leak, a size that was computed wrongly, or too small a"
        " limit.",
        suggestions=(
            (
                f"Log the size that {scene.name} asks for and the process's memory over time, because a sudden large"
                " size is a"
                " wrong number and slow growth is a leak."
            ),
        ),
        reason="an allocation failed",
    )


def _division_by_zero(scene: Scene) -> Explanation:
    return Explanation(
        category="division by zero",
        hypothesis=f"{scene.place} divided an integer by zero, or the smallest number by -1.",
        suggestions=(
            (
                f"Check the divisor before the division in {scene.name} and decide what zero means there, because it"
                " comes from"
                f" {scene.called_by('a caller, a table or a configuration')} unchecked."
            ),
        ),
        reason="the processor reported the division",
    )


def _illegal_instruction(scene: Scene) -> Explanation:
    return Explanation(
        category="illegal instruction",
        hypothesis=f"The processor met an instruction that it does not know in {scene.place}: a trap that the"
        " compiler put"
        " where the program must not come, code built for a newer processor, or a jump through a broken pointer.",
        suggestions=(
            (
                f"Look for a path without return, std::unreachable or a __builtin_trap in {scene.name}, because"
                " compilers put"
                " such an instruction there."
            ),
            (
                "Compare -march of the build with the processor of the server, because a newer instruction set ends"
                " the same"
                " way."
            ),
        ),
        reason="the processor reported the instruction",
    )


def _bus_error(scene: Scene) -> Explanation:
    return Explanation(
        category="bus error",
        hypothesis=f"{scene.place} reached memory behind which nothing stands: a mapped file that became shorter or"
        " could"
        " not be read, a misaligned address, or an address that no process can have.",
        suggestions=(
            (
                f"Check whether {scene.name} reads a mapped file that is replaced while the server runs, and the disk's"
                " errors, because that is the usual cause."
            ),
        ),
        reason="the system reported a bus error or failed to page in",
    )


def _breakpoint(scene: Scene) -> Explanation:
    return Explanation(
        category="breakpoint",
        hypothesis=f"The program stopped itself in {scene.place}: a debug check, a fatal message or the heap's own"
        " checks end"
        " this way.",
        suggestions=(
            (
                f"Read the log's last lines and the check in {scene.name}, because what it checks was false and the"
                " report"
                " does not say it."
            ),
        ),
        reason="a breakpoint instruction was met",
    )


def _unknown(scene: Scene) -> Explanation:
    said = scene.message
    return Explanation(
        category="unknown",
        hypothesis=f"The process ended in {scene.place}: {said}."
        if said
        else f"The process ended in {scene.place}, and the report does not say why.",
        suggestions=(
            (
                f"Read {scene.name} at the crashing line and the log before it, because the report states neither"
                " signal nor"
                " exception."
            ),
        ),
        reason="the report states no cause",
    )


_BY_KIND: dict[Kind, Callable[[Scene], Explanation]] = {
    "access_violation": memory_faults.access_violation,
    "sanitizer": memory_faults.sanitizer,
    "abort": memory_faults.abort,
    "assertion": _assertion,
    "cpp_exception": _cpp_exception,
    "stack_overflow": _stack_overflow,
    "deadlock": _deadlock,
    "out_of_memory": _out_of_memory,
    "division_by_zero": _division_by_zero,
    "illegal_instruction": _illegal_instruction,
    "bus_error": _bus_error,
    "breakpoint": _breakpoint,
    "unknown": _unknown,
}
