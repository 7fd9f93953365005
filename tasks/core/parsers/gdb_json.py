"""
From what gdb's Python exported of an ELF core (``tasks/clients/gdb_export.py``), and the core's notes, to a crash.

The notes are trusted for signal, address, program and modules; the export adds symbols, arguments and what globals and
the exception object say. Both come from a hostile file: everything is validated and cut to size.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tasks.core.crash import Crash, Frame, Thread
from tasks.core.errors import DumpError
from tasks.core.parsers import bounds, cause, posix
from tasks.core.parsers.cause import Evidence
from tasks.core.parsers.elf_core import CoreNotes, ModuleMap

FORMAT = "elf_core"


def _text(value: object) -> object:
    return value.replace("\0", "")[:4096] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Address = Annotated[int, Field(ge=0, lt=1 << 64)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Frame(_Model):
    address: Address | None = None
    function: Text | None = None
    file: Text | None = None
    fullname: Text | None = None
    line: int | None = None
    module: Text | None = None
    is_inlined: bool = False
    arguments: Text = ""


class _Thread(_Model):
    id: int
    frames: list[_Frame] = Field(default_factory=list)
    is_cut: bool = False
    error: Text | None = None


class _Signal(_Model):
    number: int
    code: int
    address: Address


class _Thrown(_Model):
    type: Text
    what: Text | None = None


class _Export(_Model):
    threads: list[_Thread]
    siginfo: _Signal | None = None
    instruction: Text | None = None
    registers: dict[str, Address] | None = None
    stack_pointer: Address | None = None
    assertion: Text | None = None
    abort_message: Text | None = None
    cpp_exception: _Thrown | None = None
    threads_left_out: int = 0
    errors: list[Text] = Field(default_factory=list)


def parse(content: bytes, core: CoreNotes, remarks: Sequence[str] = ()) -> Crash:
    """
    Join an export with its core's notes.

    Raises:
        DumpError: gdb did not write what it was asked for, or found no stack.
    """
    try:
        export = _Export.model_validate_json(content)
    except ValidationError as error:
        raise DumpError("gdb's export of the core can't be read; run it again, or read the core by hand.") from error
    crashed = next((thread for thread in export.threads if thread.id == core.threads[0].id), None)
    if crashed is None or not crashed.frames:
        reason = f": {crashed.error}" if crashed and crashed.error else ""
        raise DumpError(f"gdb found no stack of the crashed thread in the core{reason}.")
    modules = ModuleMap(core.files)
    threads = [_thread(thread, modules, is_crashed=thread is crashed) for thread in export.threads]
    frames = next(thread.frames for thread in threads if thread.is_crashed)
    notes = [*core.remarks, *remarks, *_remarks(export, crashed)]
    return _crash(core, threads, _evidence(export, core, frames, is_cut=crashed.is_cut), notes)


def from_notes(core: CoreNotes, remarks: Sequence[str]) -> Crash:
    """Describe a crash by the core's notes alone: one frame a thread, as an offset in a module."""
    modules = ModuleMap(core.files)
    threads = [
        Thread(
            id=str(thread.id),
            is_crashed=index == 0,
            frames=() if thread.pc is None else (_frame(0, _Frame(address=thread.pc), modules),),
        )
        for index, thread in enumerate(core.threads)
    ]
    evidence = Evidence(
        frames=threads[0].frames,
        signal=core.signal,
        address=core.address,
        stack_pointer=core.threads[0].sp,
    )
    return _crash(core, threads, evidence, [*core.remarks, *remarks], is_complete=False)


def _crash(
    core: CoreNotes, threads: Sequence[Thread], evidence: Evidence, notes: Sequence[str], *, is_complete: bool = True
) -> Crash:
    explained, reasons = cause.explain(evidence)
    has_names = any(frame.function for frame in evidence.frames)
    crash = Crash(
        format=FORMAT,
        exception=explained,
        threads=tuple(threads),
        build=core.build_id,
        executable=core.program or core.invoked_as,
        command_line=core.arguments,
        is_complete=is_complete and has_names and not core.is_cut,
        notes=(*notes, *reasons),
    )
    return bounds.hold(crash)


def _thread(thread: _Thread, modules: ModuleMap, *, is_crashed: bool) -> Thread:
    frames = tuple(_frame(index, frame, modules) for index, frame in enumerate(thread.frames))
    return Thread(id=str(thread.id), is_crashed=is_crashed, frames=frames)


def _frame(index: int, frame: _Frame, modules: ModuleMap) -> Frame:
    """The mapped file of the notes names the module; gdb's name stands in where the kernel wrote no such note."""
    found = modules.find(frame.address) if frame.address is not None else None
    module, offset = found or (frame.module, None)
    return Frame(
        index=index,
        function=frame.function or None,
        file=frame.file or frame.fullname,
        line=frame.line if frame.line and frame.line > 0 else None,
        module=module,
        offset=offset,
        address=frame.address,
        is_inlined=frame.is_inlined,
        arguments=frame.arguments,
    )


def _evidence(export: _Export, core: CoreNotes, frames: Sequence[Frame], *, is_cut: bool) -> Evidence:
    address = core.address
    if core.code is None and export.siginfo and 0 < export.siginfo.code != posix.SI_KERNEL:
        address = export.siginfo.address
    texts = [export.assertion, export.abort_message]
    if export.cpp_exception:
        what = f"\n  what():  {export.cpp_exception.what}" if export.cpp_exception.what else ""
        texts.append(f"{cause.TERMINATE_TEXT} '{export.cpp_exception.type}'{what}\n")
    return Evidence(
        frames=frames,
        signal=core.signal,
        address=address,
        text="\n".join(text for text in texts if text),
        instruction=export.instruction,
        registers=export.registers or {},
        stack_pointer=export.stack_pointer,
        is_cut=is_cut,
    )


def _remarks(export: _Export, crashed: _Thread) -> list[str]:
    remarks = [f"gdb: {error[:200]}" for error in export.errors[:3]]
    if crashed.is_cut:
        remarks.append(f"The stack is deeper; its first {len(crashed.frames)} frames were kept.")
    if crashed.error:
        remarks.append(f"gdb could not read the whole stack: {crashed.error[:200]}")
    if export.threads_left_out > 0:
        remarks.append(f"{export.threads_left_out} more threads were left out.")
    return remarks
