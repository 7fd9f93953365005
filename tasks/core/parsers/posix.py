"""
Signals, and the x86 instruction that a signal interrupted.

The operands of the faulting instruction and the registers give the address and the direction of an access where
the kernel gives none: a text report without siginfo, or a general protection fault.
"""

import re
from collections.abc import Mapping

from tasks.core.crash import Access

_NUMBERS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG"
    " XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
SIGNALS = {number: f"SIG{word}" for number, word in enumerate(_NUMBERS.split(), start=1)}
"""The signals of Linux by number, as signal(7) lists them for x86 and ARM."""

_DESCRIPTIONS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Abort": "SIGABRT",
    "Abort trap": "SIGABRT",
    "Floating point exception": "SIGFPE",
    "Arithmetic exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
    "Bus error": "SIGBUS",
    "Trace/breakpoint trap": "SIGTRAP",
    "EXC_BAD_ACCESS": "SIGSEGV",
    "EXC_BAD_INSTRUCTION": "SIGILL",
    "EXC_ARITHMETIC": "SIGFPE",
    "EXC_BREAKPOINT": "SIGTRAP",
    "EXC_CRASH": "SIGABRT",
}
"""How strsignal(3) and gdb describe the signals of a crash, and the exceptions of macOS that turn into them."""

SI_KERNEL = 128
"""``si_code`` of a fault whose address the processor does not tell; ``si_addr`` is then 0 and means nothing."""

_MASK = (1 << 64) - 1
_INSTRUCTION = re.compile(
    r"(?:=>\s*)?(?:0x[0-9a-f]+(?: <[^>\n]{1,1000}>)?:\s*)?(?:lock |rep\w* |notrack )?(\w+)\s+(\S[^#\n]*)"
)
_OPERAND = re.compile(r"(?:%([a-z]s):)?(-?0x[0-9a-f]+|-?\d+)?\((?:%(\w+))?(?:,%(\w+),(\d))?\)")
_READERS = frozenset({"cmp", "test", "push", "call", "jmp", "ucomiss", "ucomisd", "comiss", "comisd", "bt", "prefetch"})


def signal_name(word: str | int) -> str | None:
    """Return ``SIGSEGV`` for 11, ``11``, ``SIGSEGV``, ``SEGV`` or ``Segmentation fault``; None for no signal."""
    text = str(word).strip()
    if text.isdecimal() and len(text) < 4:
        return SIGNALS.get(int(text))
    if text in _DESCRIPTIONS:
        return _DESCRIPTIONS[text]
    name = text if text.startswith("SIG") else f"SIG{text}"
    return name if name in SIGNALS.values() else None


def access_of(instruction: str) -> Access | None:
    """Tell whether an instruction in AT&T syntax (gdb's default) reads or writes its memory operand."""
    match = _INSTRUCTION.match(instruction)
    if match is None or match[1].startswith(("lea", "nop")):
        return None
    mnemonic, operands = match[1], match[2].split(" <")[0].rstrip()
    if _OPERAND.search(operands) is None:
        return None
    is_reader = mnemonic.rstrip("bwlq") in _READERS or mnemonic in _READERS
    return "write" if operands.endswith(")") and not is_reader else "read"


def operand_address(instruction: str, registers: Mapping[str, int]) -> int | None:
    """
    Compute the address that an instruction in AT&T syntax accesses.

    None when the operand is relative to the instruction or to a segment, or a register is not known.
    """
    match = _INSTRUCTION.match(instruction)
    operand = _OPERAND.search(match[2]) if match and not match[1].startswith(("lea", "nop")) else None
    if operand is None or operand[1] or operand[3] == "rip":
        return None
    needed = [name for name in (operand[3], operand[4]) if name]
    if not needed or any(name not in registers for name in needed):
        return None
    base = registers[operand[3]] if operand[3] else 0
    index = registers[operand[4]] * int(operand[5]) if operand[4] else 0
    return (base + index + int(operand[2] or "0", 0)) & _MASK
