"""
Writes what gdb knows of a core as one JSON object. Runs inside gdb, in gdb's own Python: nothing of ours is imported.

The output goes to the file that ``CRASHFLOW_GDB_OUTPUT`` names: first with the crashed thread alone, then with all, so
that a time-out still leaves the stack that matters. A frame that can't be read leaves an ``error`` and the rest stands.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import gdb

FRAMES_LIMIT = 256
THREADS_LIMIT = 1024
VALUE_LIMIT = 80
VALUES_LIMIT = 200
ASSERT_VALUE_LIMIT = 1000

ASSERTION_TEXTS = (
    "TrinityAssertionFailedMessage",
    "AcoreAssertionFailedMessage",
    "AssertionFailedMessage",
    "assertionFailedMessage",
    "g_assertionMessage",
    "g_assertion_message",
)
ERRORS = (gdb.error, gdb.MemoryError, RuntimeError, ValueError, TypeError, OverflowError, AttributeError)
"""What gdb's Python raises for values and frames that can't be read, in the versions from 8 on."""

THROWING = ("__cxa_throw", "__cxa_rethrow", "std::terminate", "__cxxabiv1::__terminate", "__gnu_cxx::__verbose_term")
GNU_EXCEPTION_CLASS = b"\0++CCUNG"
"""``_Unwind_Exception.exception_class`` of libstdc++ in memory; its lowest byte is 1 for a rethrown reference."""

FROM_UNWIND_TO_TYPE = -80
FROM_UNWIND_TO_OBJECT = 32
"""Where ``__cxa_exception`` has its type_info and the thrown object, from its unwind header on (Itanium C++ ABI)."""

SCANNED_STACK = 16 * 1024
TEXT_MEMBERS = re.compile(r"msg|mess|what|text|reason|error|descr|str", re.IGNORECASE)


def main() -> None:
    """Export the core that gdb has loaded."""
    inferior = gdb.selected_inferior()
    document: dict[str, Any] = {"gdb": gdb.VERSION, "threads": [], "errors": []}
    try:
        threads = list(inferior.threads())
        crashed = gdb.selected_thread() or (threads[0] if threads else None)
    except ERRORS as error:
        document["errors"].append(str(error))
        threads, crashed = [], None
    if crashed is not None:
        document["threads"].append(export_thread(crashed, has_arguments=True))
        document.update(export_death(crashed))
    write(document)
    for thread in threads[:THREADS_LIMIT]:
        if crashed is None or thread.num != crashed.num:
            document["threads"].append(export_thread(thread, has_arguments=False))
    document["threads_left_out"] = max(0, len(threads) - THREADS_LIMIT)
    write(document)


def write(document: dict[str, Any]) -> None:
    """Replace the output file in one step."""
    path = Path(os.environ["CRASHFLOW_GDB_OUTPUT"])
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(document), encoding="ascii", errors="replace")
    part.replace(path)


def export_thread(thread: Any, *, has_arguments: bool) -> dict[str, Any]:
    """Return a thread's frames, innermost first."""
    exported: dict[str, Any] = {"id": thread.ptid[1] or thread.ptid[0], "number": thread.num, "frames": []}
    try:
        thread.switch()
        frame = gdb.newest_frame()
        while frame is not None and len(exported["frames"]) < FRAMES_LIMIT:
            exported["frames"].append(export_frame(frame, has_arguments=has_arguments))
            frame = frame.older()
        exported["is_cut"] = frame is not None
    except ERRORS as error:
        exported["error"] = str(error)[:500]
    return exported


def export_frame(frame: Any, *, has_arguments: bool) -> dict[str, Any]:
    """Return what one frame states, leaving out what can't be read."""
    exported: dict[str, Any] = {}
    try:
        exported["address"] = int(frame.pc())
        exported["function"] = "<signal handler called>" if frame.type() == gdb.SIGTRAMP_FRAME else frame.name()
        exported["is_inlined"] = frame.type() == gdb.INLINE_FRAME
        place = frame.find_sal()
        if place.symtab is not None:
            exported.update(file=place.symtab.filename, fullname=place.symtab.fullname(), line=place.line)
        exported["module"] = module_of(frame)
        if has_arguments:
            exported["arguments"] = export_arguments(frame)
    except ERRORS as error:
        exported["error"] = str(error)[:500]
    return exported


def module_of(frame: Any) -> str | None:
    """Return the file that holds a frame's code, as the process named it."""
    name = gdb.solib_name(frame.pc()) or (gdb.current_progspace().filename if frame.name() else None)
    root = gdb.parameter("sysroot")
    return name[len(root) :] if name and root and name.startswith(root) else name


def export_arguments(frame: Any) -> str:
    """Write scalars and pointers as ``name=value``; containers and objects can be endless."""
    try:
        block = frame.block()
    except ERRORS:
        return ""
    while block is not None and block.function is None:
        block = block.superblock
    symbols = [symbol for symbol in block or () if symbol.is_argument]
    is_assert = {"file", "line", "function"} <= {symbol.name for symbol in symbols}
    limit = ASSERT_VALUE_LIMIT if is_assert else VALUE_LIMIT
    texts = [f"{symbol.name}={export_value(symbol, frame, limit)}" for symbol in symbols]
    return ", ".join(texts)[: 4 * limit if is_assert else VALUES_LIMIT]


def export_value(symbol: Any, frame: Any, limit: int) -> str:
    """Format one argument as gdb prints it."""
    try:
        value = symbol.value(frame)
        if value.is_optimized_out:
            return "<optimized out>"
        kind = value.type.strip_typedefs().code
        if kind in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION, gdb.TYPE_CODE_ARRAY):
            return "..."
        if kind in (gdb.TYPE_CODE_REF, getattr(gdb, "TYPE_CODE_RVALUE_REF", gdb.TYPE_CODE_REF)):
            return "@" + hex(int(value.address or 0))
        return " ".join(str(value).split())[:limit]
    except ERRORS:
        return "?"


def export_death(thread: Any) -> dict[str, Any]:
    """Return what the crashed thread and the process's globals tell of the death."""
    facts = {
        "siginfo": export_siginfo,
        "instruction": export_instruction,
        "registers": export_registers,
        "stack_pointer": export_stack_pointer,
        "assertion": export_assertion,
        "abort_message": export_abort_message,
        "cpp_exception": export_cpp_exception,
    }
    exported: dict[str, Any] = {}
    for name, read in facts.items():
        try:
            thread.switch()
            gdb.newest_frame().select()
            exported[name] = read()
        except ERRORS:
            exported[name] = None
    return exported


def export_siginfo() -> dict[str, int]:
    """Return the signal's number, code, and the address that a fault states."""
    info = gdb.parse_and_eval("$_siginfo")
    return {
        "number": int(info["si_signo"]),
        "code": int(info["si_code"]),
        "address": int(info["_sifields"]["_sigfault"]["si_addr"]),
    }


def export_instruction() -> str | None:
    """Return the instruction that the signal interrupted; gdb reads code that it does not have as zeros."""
    frame = gdb.newest_frame()
    found = frame.architecture().disassemble(frame.pc())
    is_read = bool(found) and any(read_bytes(frame.pc(), found[0]["length"]))
    return str(found[0]["asm"]) if is_read else None


def export_registers() -> dict[str, int]:
    """Return the general registers of x86-64."""
    frame = gdb.newest_frame()
    names = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", *(f"r{number}" for number in range(8, 16))]
    return {name: int(frame.read_register(name)) & (2**64 - 1) for name in names}


def export_stack_pointer() -> int:
    """Return the stack pointer at the time of the signal."""
    return int(gdb.newest_frame().read_register("sp")) & (2**64 - 1)


def export_assertion() -> str | None:
    """Return the text that a server's assertion left in a global."""
    for name in ASSERTION_TEXTS:
        try:
            pointer = gdb.parse_and_eval(f"*(char**)&{name}")
            if int(pointer):
                return read_text(int(pointer), 8000)
        except ERRORS:
            continue
    return None


def export_abort_message() -> str | None:
    """Return what glibc wrote before it aborted; ``__abort_msg`` points at a size and the text."""
    pointer = int(gdb.parse_and_eval("*(unsigned long*)&__abort_msg"))
    return read_text(pointer + 4, 8000) if pointer else None


def export_cpp_exception() -> dict[str, Any] | None:
    """
    Return the type and what() of the exception that nobody caught.

    No function can be called in a core. The exception's unwind header is known by its class, and somewhere on the
    stack between the throw and the abort lies a pointer to it.
    """
    frame = gdb.newest_frame()
    bottom = top = int(frame.read_register("sp"))
    is_thrown = False
    while frame is not None and not (is_thrown and not (frame.name() or "").startswith(THROWING)):
        is_thrown = is_thrown or (frame.name() or "").startswith(THROWING)
        frame = frame.older()
        top = int(frame.read_register("sp")) if frame is not None else top
    if not is_thrown:
        return None
    stack = read_bytes(bottom, min(max(top - bottom, 0) + 512, SCANNED_STACK))
    for position in range(0, len(stack) - 7, 8):
        unwind = int.from_bytes(stack[position : position + 8], "little")
        if unwind > 4096 and unwind % 16 == 0 and peek(unwind, 8)[1:] == GNU_EXCEPTION_CLASS[1:]:
            return describe_exception(unwind)
    return None


def describe_exception(unwind: int) -> dict[str, Any]:
    """Read the type's name and the message of the exception that has this unwind header."""
    if peek(unwind, 1) == b"\1":
        unwind = read_pointer(unwind + FROM_UNWIND_TO_TYPE) - FROM_UNWIND_TO_OBJECT
    type_info, thrown = read_pointer(unwind + FROM_UNWIND_TO_TYPE), unwind + FROM_UNWIND_TO_OBJECT
    names = type_names(type_info)
    return {"type": demangle(names[0]), "what": read_what(names, thrown)}


def type_names(type_info: int) -> list[str]:
    """Return the mangled name of a type and of its bases, as far as each has one base (``__si_class_type_info``)."""
    names: list[str] = []
    while type_info and len(names) < 16:
        name = read_text(read_pointer(type_info + 8), 500).lstrip("*")
        if not re.fullmatch(r"\w+", name):
            break
        names.append(name)
        table = gdb.execute(f"info symbol {read_pointer(type_info)}", to_string=True)
        type_info = read_pointer(type_info + 16) if "__si_class_type_info" in table else 0
    return names


def demangle(name: str) -> str:
    """Turn the name of a type_info into C++."""
    try:
        text = gdb.execute(f"demangle -l c++ -- _ZTI{name}", to_string=True).strip()
    except ERRORS:
        return name
    prefix = "typeinfo for "
    return str(text[len(prefix) :]) if text.startswith(prefix) else name


def read_what(names: list[str], thrown: int) -> str | None:
    """Read the message: libstdc++'s own exceptions keep a pointer to it behind their vtable pointer."""
    if {"St11logic_error", "St13runtime_error"} & set(names):
        return read_text(read_pointer(thrown + 8), 1000)
    if names[0] in ("PKc", "Pc"):
        return read_text(read_pointer(thrown), 1000)
    try:
        value = gdb.Value(thrown).cast(gdb.lookup_type(demangle(names[0])).pointer()).dereference()
        for member in value.type.fields():
            text = read_member(value, member)
            if text is not None:
                return text
    except ERRORS:
        return None
    return None


def read_member(value: Any, member: Any) -> str | None:
    """Read a member that looks like the message: a std::string or a pointer to characters."""
    if member.is_base_class or not member.name or not TEXT_MEMBERS.search(member.name):
        return None
    kind = str(member.type.strip_typedefs())
    if kind.endswith("char *"):
        return read_text(int(value[member]), 1000)
    if "basic_string<char" in kind:
        return read_text(int(value[member]["_M_dataplus"]["_M_p"]), 1000)
    return None


def read_bytes(address: int, size: int) -> bytes:
    """Read memory; raises gdb.MemoryError where the core has none."""
    return bytes(gdb.selected_inferior().read_memory(address, size))


def peek(address: int, size: int) -> bytes:
    """Read memory, or nothing."""
    try:
        return read_bytes(address, size)
    except ERRORS:
        return b""


def read_pointer(address: int) -> int:
    """Read a little-endian word of 8 bytes."""
    return int.from_bytes(read_bytes(address, 8), "little")


def read_text(address: int, limit: int) -> str:
    """Read a C string, as far as memory goes."""
    text = b""
    while len(text) < limit and b"\0" not in text:
        chunk = peek(address + len(text), 64 - (address + len(text)) % 64)
        if not chunk:
            break
        text += chunk
    return text.split(b"\0")[0][:limit].decode("utf-8", "replace")


if __name__ == "__main__":
    main()
