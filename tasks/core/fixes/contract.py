"""
What a template is: the values that go in and come out, and the frames of a crash that a template may look at.

A template is deterministic and knows shapes of C++, not names of one program. It reads the source at the crash's
location and proposes source edits, or refuses with a reason. On source that is already fixed it refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tasks.core.crash import Crash, Frame
from tasks.core.edits import SourceEdit
from tasks.core.hierarchy import Level

MAX_FRAMES = 8
"""How far from the crash a template looks: a cause that is farther away is nothing for a mechanical rewrite."""

_HANDLERS = ("<signal handler called>", "KiUserExceptionDispatch", "KiUserExceptionDispatcher", "_sigtramp")
_SYSTEM_PARTS = (
    "/usr/include/",
    "/usr/lib/",
    "/usr/src/",
    "/include/c++/",
    "/bits/",
    "/sysdeps/",
    "/nptl/",
    "/libsanitizer/",
    "/compiler-rt/",
    "/libstdc++-v3/",
    "/microsoft visual studio/",
    "/vctools/",
    "/minkernel/",
    "/windows kits/",
)
_LIBC_PREFIXES = tuple(
    f"{start}{folder}/"
    for start in ("./", "../")
    for folder in ("csu", "debug", "elf", "io", "libio", "malloc", "misc", "posix", "signal", "stdlib", "string")
)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """
    A fix: where to replace what, and two sentences on what it changes and why.

    The path of each edit is the key of its file among the sources; whoever gave the sources maps it to the tree.
    ``is_repair`` is false where the edits only show more of the next crash, and must never be told as a fix.
    """

    edits: tuple[SourceEdit, ...]
    explanation: str
    is_repair: bool = True


class Template(Protocol):
    """A deterministic rewrite of C++ source, looked up by its slug and versioned: a new version may try again."""

    @property
    def slug(self) -> str:
        """The name in patterns and reports."""

    @property
    def version(self) -> int:
        """Counts up whenever the template would answer differently."""

    @property
    def summary(self) -> str:
        """One line that says what the template does."""

    @property
    def level(self) -> Level:
        """The deepest level that its edits reach."""

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        """Files, as the crash's frames spell them, whose source at the crashing commit ``propose`` reads."""

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        """Texts such as ``b"RemoveFromWorld("``: each C++ file of the module that holds one is read as well."""

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose edits of ``sources``: the bytes of each wanted file by the frames' spelling of it, some may be missing,
        and those of the files with a wanted text by their path in the repository.

        Raises:
            RefusalError: the place does not have the template's shape; the text says why.
        """


class FromFrames:
    """What templates share that find their place by the crash's frames alone."""

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        """Return the files of our own frames and the headers beside them."""
        return files_with_headers(crash)

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        """Return nothing: no other file is searched."""
        return ()


def after_handler(crash: Crash) -> tuple[Frame, ...]:
    """Return the crashing thread's frames without those of the signal or exception handler that ran after the crash."""
    frames = crash.frames
    last = max((place for place, frame in enumerate(frames) if frame.function in _HANDLERS), default=-1)
    return frames[last + 1 :]


def candidate_frames(crash: Crash) -> tuple[Frame, ...]:
    """Return the frames with a source line of our own, innermost first: those whose files a template may read."""
    frames = [frame for frame in after_handler(crash) if frame.line and frame.file and not is_system_file(frame.file)]
    return tuple(frames[:MAX_FRAMES])


def candidate_files(crash: Crash) -> tuple[str, ...]:
    """Return the files of the candidate frames, each once, as the frames spell them."""
    return tuple(dict.fromkeys(frame.file for frame in candidate_frames(crash) if frame.file))


def files_with_headers(crash: Crash) -> tuple[str, ...]:
    """Return the files of the candidate frames and the headers beside them, which declare the members."""
    files = candidate_files(crash)
    stems = [stem for stem, _, suffix in (file.rpartition(".") for file in files) if suffix in ("cpp", "cc", "cxx")]
    return tuple(dict.fromkeys([*files, *(stem + suffix for stem in stems for suffix in (".h", ".hpp"))]))


def is_system_file(path: str) -> bool:
    """Say whether a frame's file belongs to the compiler, the C library or the system."""
    plain = path.replace("\\", "/").lower()
    return plain.startswith((*_LIBC_PREFIXES, "bits/")) or any(part in f"/{plain}" for part in _SYSTEM_PARTS)
