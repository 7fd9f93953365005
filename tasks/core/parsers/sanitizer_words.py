"""
What the words of a sanitizer's report mean: the name of the error, the kind of crash, the access and the address.

Names are those of the tools' own summaries, where they print one; the others are derived from the headline. Facts from
LLVM's ``asan_errors.cpp``, ``tsan_report.cpp``, ``ubsan_checks.inc`` and ``FuzzerLoop.cpp``, by what they print.
"""

import re

from tasks.core.crash import Access, Kind

_HEADLINES = (
    ("attempting free on address which was not malloc()-ed", "bad-free"),
    ("attempting to call malloc_usable_size()", "bad-malloc_usable_size"),
    ("attempting to call __sanitizer_get_allocated_size()", "bad-__sanitizer_get_allocated_size"),
    ("attempting double-free", "double-free"),
    ("requested allocation size", "allocation-size-too-big"),
    ("allocator is out of memory", "out-of-memory"),
    ("out of memory: allocator is trying", "out-of-memory"),
    ("out-of-memory", "out-of-memory"),
    ("specified RSS limit exceeded", "rss-limit-exceeded"),
    ("hard rss limit exhausted", "rss-limit-exceeded"),
    ("calloc parameters overflow", "calloc-overflow"),
    ("reallocarray parameters overflow", "reallocarray-overflow"),
    ("invalid allocation alignment", "invalid-allocation-alignment"),
    ("detected memory leaks", "memory-leaks"),
    ("lock-order-inversion", "lock-order-inversion"),
    ("deadly signal", "deadly-signal"),
    ("fuzz target exited", "fuzz-target-exited"),
    ("timeout after", "timeout"),
    ("CHECK failed", "check-failed"),
)
_WORD_END = re.compile(r"(?: on | of | at |: | \(|,|$)")
_RACE_END = re.compile(r" \(| on vptr| 0x|[:,]|$")
_UNDEFINED = (
    ("division by zero", "integer-divide-by-zero"),
    ("null pointer", "null-pointer-use"),
    ("null pointer returned from function", "invalid-null-return"),
    ("null pointer passed as argument", "invalid-null-argument"),
    ("signed integer overflow", "signed-integer-overflow"),
    ("unsigned integer overflow", "unsigned-integer-overflow"),
    ("negation of", "signed-integer-overflow"),
    ("cannot be represented in type", "signed-integer-overflow"),
    ("misaligned address", "misaligned-pointer-use"),
    ("assumption of", "alignment-assumption"),
    ("with insufficient space for an object", "insufficient-object-size"),
    ("index ", "out-of-bounds-index"),
    ("out of bounds", "out-of-bounds-index"),
    ("shift exponent", "invalid-shift-exponent"),
    ("left shift of", "invalid-shift-base"),
    ("pointer index expression", "pointer-overflow"),
    ("addition of unsigned offset", "pointer-overflow"),
    ("subtraction of unsigned offset", "pointer-overflow"),
    ("applying non-zero offset", "pointer-overflow"),
    ("applying zero offset", "pointer-overflow"),
    ("variable length array bound", "non-positive-vla-index"),
    ("outside the range of representable values", "float-cast-overflow"),
    ("for type 'bool'", "invalid-bool-load"),
    ("is not a valid value", "invalid-enum-load"),
    ("reached an unreachable", "unreachable-call"),
    ("reached the end of a value-returning function", "missing-return"),
    ("through pointer to incorrect function type", "function-type-mismatch"),
    ("control flow integrity check", "cfi-bad-type"),
    ("which does not point to an object of type", "dynamic-type-mismatch"),
    ("implicit conversion", "implicit-conversion"),
    ("builtin", "invalid-builtin-use"),
)
_LATE_UNDEFINED = frozenset(
    {"invalid-null-return", "invalid-null-argument", "invalid-bool-load", "invalid-enum-load", "invalid-builtin-use"}
)
"""Messages that hold the words of another check too: their own words decide."""

_KINDS: dict[str, Kind] = {
    "stack-overflow": "stack_overflow",
    "int-divide-by-zero": "division_by_zero",
    "flt-divide-by-zero": "division_by_zero",
    "integer-divide-by-zero": "division_by_zero",
    "null-pointer-use": "access_violation",
    "out-of-memory": "out_of_memory",
    "allocation-size-too-big": "out_of_memory",
    "rss-limit-exceeded": "out_of_memory",
    "calloc-overflow": "out_of_memory",
    "reallocarray-overflow": "out_of_memory",
    "lock-order-inversion": "deadlock",
    "timeout": "deadlock",
}
_SIGNALS = {
    "SEGV": "SIGSEGV",
    "BUS": "SIGBUS",
    "FPE": "SIGFPE",
    "ILL": "SIGILL",
    "ABRT": "SIGABRT",
    "TRAP": "SIGTRAP",
}
_WINDOWS: dict[str, Kind] = {
    "access-violation": "access_violation",
    "in-page-error": "access_violation",
    "illegal-instruction": "illegal_instruction",
    "priv-instruction": "illegal_instruction",
    "breakpoint": "breakpoint",
    "datatype-misalignment": "bus_error",
}
_ACCESS = re.compile(
    r"(?:^|\s|\b(?:by|a) )(READ|WRITE|Read|Write|Atomic read|Atomic write|Previous read|Previous write)"
    r"(?: of size \d| memory access)|: (load of|store to|reference binding to) "
)
_ADDRESS = re.compile(r"(?:on|at|address|\)-ed:) (?:unknown address |address )?(0x[0-9a-fA-F]{1,16})\b")
_PC = re.compile(r"\(pc (0x[0-9a-fA-F]{1,16})\b")
_THREAD = re.compile(r"\b(?:by|in|thread) ?(?:thread )?(main thread|T\d{1,8})(?: \(([^()\n]{1,100})\))?")
_SIGNAL_THREAD = re.compile(r"(?:sp|bp) 0x[0-9a-fA-F]{1,16} (T\d{1,8})\)")


def code_of(tool: str, headline: str) -> str:
    """Return the sanitizer's word for the error: ``heap-use-after-free``, ``SEGV``, ``data-race``."""
    if tool == "UndefinedBehaviorSanitizer" and " on unknown address" not in headline:
        return undefined_code(headline)
    for words, code in _HEADLINES:
        if headline.startswith(words):
            return code
    head = headline[:200]
    if tool == "ThreadSanitizer" and " on unknown address" not in head:
        return "-".join(_RACE_END.split(head, 1)[0].split()) or "unknown"
    end = _WORD_END.search(head)
    return "-".join(head[: end.start() if end else None].split()).rstrip(".:,") or "unknown"


def undefined_code(message: str) -> str:
    """Return UBSan's name for the check behind the text of a ``runtime error``."""
    found = [code for words, code in _UNDEFINED if words in message]
    return next((code for code in found if code in _LATE_UNDEFINED), found[0] if found else "undefined-behavior")


def signal_of(code: str) -> str | None:
    """Return the POSIX signal that a report of a fatal signal names."""
    return _SIGNALS.get(code)


def kind_of(code: str) -> Kind:
    """Return the kind of crash behind a word; what only a sanitizer notices is of the kind ``sanitizer``."""
    return _WINDOWS.get(code) or _KINDS.get(code, "sanitizer")


def is_signal(code: str) -> bool:
    """True for reports of a signal or a Windows exception, whose cause may lie in what the program said before."""
    return code in _SIGNALS or code in _WINDOWS or code in {"deadly-signal", "fuzz-target-exited"}


def access_of(lines: list[str]) -> Access | None:
    """Return the direction of the faulting access, from the headline and the lines below it."""
    for line in lines:
        if "Hint: PC is at a non-executable region" in line:
            return "execute"
    for line in lines:
        match = _ACCESS.search(line)
        if match:
            words = (match[1] or match[2]).lower()
            return "write" if "write" in words or "store" in words else "read"
    return None


def address_of(lines: list[str]) -> int | None:
    """
    Return the address of the faulting access.

    None where the processor did not tell it: the sanitizer then prints zero and a hint that it can't be trusted.
    """
    if any("caused by a dereference of a high value address" in line for line in lines):
        return None
    match = next((match for line in lines[:3] if (match := _ADDRESS.search(line))), None)
    return int(match[1], 16) if match else None


def program_counter(headline: str) -> int | None:
    """Return the program counter that a report of a signal states."""
    match = _PC.search(headline)
    return int(match[1], 16) if match else None


def thread_of(lines: list[str]) -> tuple[str, str | None]:
    """Return id and name of the thread that the lines speak of; the main thread where they name none."""
    for line in lines:
        match = _THREAD.search(line) or _SIGNAL_THREAD.search(line)
        if match:
            return match[1], match[2] if match.lastindex == 2 else None
    return "T0", None
