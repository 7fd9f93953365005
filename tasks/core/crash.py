"""
What a crash is, whatever wrote it: the values that every parser returns and every later stage reads.

Parsers fill in only what their input states; meaning (location, signature, severity) is computed from these values
elsewhere in the core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

Kind = Literal[
    "access_violation",
    "abort",
    "assertion",
    "stack_overflow",
    "division_by_zero",
    "illegal_instruction",
    "bus_error",
    "breakpoint",
    "cpp_exception",
    "deadlock",
    "out_of_memory",
    "sanitizer",
    "unknown",
]
Access = Literal["read", "write", "execute"]

NULL_PAGE = 0x10000
"""Addresses below 64 KiB are never mapped by the systems we read: an access there went through a null pointer."""


class Frame(NamedTuple):
    """
    One call on a stack, as the debugger or the report names it (names are not normalised).

    ``offset`` counts bytes from the start of ``module``; ``address`` is absolute. ``arguments`` is the text between the
    parentheses, possibly cut; it is evidence for people and templates and never part of a key.

    A tuple and no dataclass, as texts hold thousands: it is made five times as fast, and takes a quarter of the memory.
    """

    index: int  # type: ignore[assignment]  # a frame is never searched for one of its values
    function: str | None = None
    file: str | None = None
    line: int | None = None
    module: str | None = None
    offset: int | None = None
    address: int | None = None
    is_inlined: bool = False
    arguments: str = ""

    def numbered(self, index: int) -> "Frame":
        """Return the frame at another place of its stack."""
        return self if index == self.index else self._replace(index=index)


FrameValues = tuple[int, str | None, str | None, int | None, str | None, int | None, int | None, bool, str]

frame_of: Callable[[FrameValues], Frame] = partial(tuple.__new__, Frame)
"""Make a frame of all its values, in half the time of ``Frame(...)``: for readers of texts with many plain frames."""


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One thread's stack, innermost frame first. ``id`` is the text by which the source names the thread."""

    id: str
    name: str | None = None
    is_crashed: bool = False
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CrashException:
    """
    Why the process died.

    ``code`` is the Windows exception code or sanitizer word, ``signal`` the POSIX name (``SIGSEGV``), ``address`` the
    faulting data address, ``message`` the assertion text or the C++ exception's type and what(), ``site`` the place
    (``FILE:LINE``) at which a failed assertion says that it stands, ``site_function`` the function there: GCC and Clang
    leave its class out.
    """

    kind: Kind = "unknown"
    code: str | None = None
    signal: str | None = None
    address: int | None = None
    access: Access | None = None
    message: str | None = None
    site: str | None = None
    site_function: str | None = None

    @property
    def is_null_access(self) -> bool:
        """True when the access went through a null pointer, possibly to a member behind it."""
        return self.kind == "access_violation" and self.address is not None and 0 <= self.address < NULL_PAGE


@dataclass(frozen=True, kw_only=True)
class Crash:
    """
    One crash, parsed. A file can hold several.

    ``build`` is the revision or build id that the source states, ``command_line`` the arguments of the dead process
    with its program first, ``occurred_at`` the time of death if the source itself states one (naive: the server's local
    time; aware otherwise). ``notes`` say what a reader should know of how the values came to be.
    """

    format: str
    exception: CrashException
    threads: tuple[Thread, ...] = ()
    build: str | None = None
    executable: str | None = None
    command_line: tuple[str, ...] = ()
    occurred_at: datetime | None = None
    is_complete: bool = True
    notes: tuple[str, ...] = ()

    @property
    def crashing_thread(self) -> Thread | None:
        """The thread whose stack names the defect; None where the source gives no stack."""
        return next((thread for thread in self.threads if thread.is_crashed), None)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The crashing thread's frames, innermost first."""
        thread = self.crashing_thread
        return thread.frames if thread else ()
