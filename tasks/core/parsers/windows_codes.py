"""
What the exception codes of Windows mean, as ``ntstatus.h`` and ``winnt.h`` name them.

Codes are eight upper-case hexadecimal digits, as in reports; debuggers print them in lower case.
"""

from tasks.core.crash import Access, Kind

ACCESS_VIOLATION = "C0000005"
IN_PAGE_ERROR = "C0000006"
ASSERTION_FAILURE = "C0000420"
BREAKPOINT = "80000003"
CPP_EXCEPTION = "E06D7363"
HEAP_CORRUPTION = "C0000374"
FAIL_FAST = "C0000409"
APPLICATION_HANG = "CFFFFFFF"

KINDS: dict[str | None, Kind] = {
    "C0000005": "access_violation",
    "80000001": "access_violation",
    "C0000006": "bus_error",
    "80000002": "bus_error",
    "C0000420": "assertion",
    "C00000FD": "stack_overflow",
    "80000003": "breakpoint",
    "80000004": "breakpoint",
    "4000001F": "breakpoint",
    "4000001E": "breakpoint",
    "C000008E": "division_by_zero",
    "C0000094": "division_by_zero",
    "C0000095": "division_by_zero",
    "C000001D": "illegal_instruction",
    "C0000096": "illegal_instruction",
    "E06D7363": "cpp_exception",
    "C0000017": "out_of_memory",
    "C000012D": "out_of_memory",
    "C000009A": "out_of_memory",
    "E0000008": "out_of_memory",
    "C0000194": "deadlock",
    "C0000374": "abort",
    "C0000409": "abort",
    "C0000602": "abort",
    "C0000421": "sanitizer",
    "40000015": "abort",
    "C0000144": "abort",
    "CFFFFFFF": "deadlock",
}
"""
Kinds by code. An overflow in a division (C0000095) is raised by the same instruction as a division by zero and is the
same signal on POSIX. C0000421 is a stop of Application Verifier, which checks a running program as sanitizers do.
"""

FAIL_FAST_REASONS = {
    0: "FAST_FAIL_LEGACY_GS_VIOLATION",
    1: "FAST_FAIL_VTGUARD_CHECK_FAILURE",
    2: "FAST_FAIL_STACK_COOKIE_CHECK_FAILURE",
    3: "FAST_FAIL_CORRUPT_LIST_ENTRY",
    4: "FAST_FAIL_INCORRECT_STACK",
    5: "FAST_FAIL_INVALID_ARG",
    6: "FAST_FAIL_GS_COOKIE_INIT",
    7: "FAST_FAIL_FATAL_APP_EXIT",
    8: "FAST_FAIL_RANGE_CHECK_FAILURE",
    9: "FAST_FAIL_UNSAFE_REGISTRY_ACCESS",
    10: "FAST_FAIL_GUARD_ICALL_CHECK_FAILURE",
    14: "FAST_FAIL_INVALID_REFERENCE_COUNT",
    18: "FAST_FAIL_INVALID_JUMP_BUFFER",
    21: "FAST_FAIL_INVALID_BALANCED_TREE",
    29: "FAST_FAIL_INVALID_EXCEPTION_CHAIN",
    39: "FAST_FAIL_CONTROL_INVALID_RETURN_ADDRESS",
}
"""The first parameter of C0000409: why the process ended itself at once. 7 is ``abort`` and ``std::terminate``."""

_ACCESSES: dict[int, Access] = {0: "read", 1: "write", 8: "execute"}
_NON_CANONICAL = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}


def access(parameters: dict[int, int]) -> tuple[Access | None, int | None]:
    """
    Read how and where memory was accessed from the parameters of C0000005 or C0000006.

    The processor does not tell the address of an access outside the canonical range: Windows prints -1 then.
    """
    address = parameters.get(1)
    return _ACCESSES.get(parameters.get(0, -1)), None if address in _NON_CANONICAL else address
