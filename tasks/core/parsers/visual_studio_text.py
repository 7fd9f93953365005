"""
The call stack and the message box of Visual Studio and Visual Studio Code, as people copy them into a report.

``MODULE.exe!FUNCTION(ARGUMENTS) Line N<tab>C++`` a frame, with the file in brackets in Visual Studio Code; above them
``Unhandled exception at 0x... in NAME: 0xC0000005: Access violation reading location 0x...``, in the words of any
language, so only code and numbers are read. One thread is all that such a copy holds.
"""

import io
import re

from tasks.core.crash import Access, Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cdb_frames, last_words, sanitizer_frames, windows_codes

NAME = "visual_studio_text"

FRAMES_LIMIT = 512
_WORDS_LIMIT = 64 * 1024
_LINE_LIMIT = 4096
_MODULE = r"[\w.@+-]{1,200}\.(?:exe|dll|EXE|DLL)"
_SIGN = re.compile(
    rf"^[ \t>]{{0,12}}(?:\[[^\]\n]{{1,40}}\] )?{_MODULE}!".encode()
    + rb"[^\n]{1,2000}?\)(?: Line \d|\t| \([^\n()]{1,400}:\d)",
    re.MULTILINE,
)
_ROW = re.compile(
    rf"[\s>]{{0,12}}(?P<inline>\[Inline[^\]]{{0,20}}\] )?(?P<module>{_MODULE})!(?P<name>\S.{{0,3000}}?)"
    r"(?: Line (?P<line>\d{1,7})(?: \+ 0x[0-9a-f]{1,8} bytes)?)?(?: \((?P<file>[^()\t]{1,400}):(?P<number>\d{1,7})\))?"
    r"(?:\t[^\n]*)?\s*"
)
_ADDRESS = re.compile(r"0*([0-9a-f]{6,16})(?:\(\))?")
_CODE = re.compile(r": 0x([0-9A-Fa-f]{8})\b(?::([^\n]{0,400}))?")
_LOCATION = re.compile(
    r"(reading|writing|executing|lesen|schreiben) [^\n]{0,60}?0x([0-9A-Fa-f]{8,16})\b", re.IGNORECASE
)
_ACCESSES: dict[str, Access] = {"r": "read", "l": "read", "w": "write", "s": "write", "e": "execute"}
_THROWN = re.compile(r"[Ee]xception thrown: (read|write|execut)\w* access violation")
_TYPE = re.compile(r"C\+\+ exception: ([^\n]{1,400}?) at memory location")


def sniff(head: bytes) -> bool:
    """Tell whether a text holds a frame of this debugger."""
    return b"!" in head and _SIGN.search(head) is not None


def parse(content: bytes) -> list[Crash]:
    """
    Read the one stack that the text holds, and the message above it.

    Raises:
        UnrecognisedError: no line is a frame.
    """
    frames: list[Frame] = []
    words: list[str] = []
    size, is_cut = 0, False
    for raw in io.BytesIO(content):
        is_candidate = b"!" in raw
        if not is_candidate and size >= _WORDS_LIMIT:
            continue
        line = sanitizer_frames.decode(raw[:_LINE_LIMIT]).rstrip("\r\n")
        match = _ROW.fullmatch(line) if is_candidate else None
        if match and len(frames) == FRAMES_LIMIT:
            is_cut = True
            break
        if match:
            frames.append(_frame(len(frames), match))
        elif size < _WORDS_LIMIT:
            words.append(line)
            size += len(line) + 1
    if not frames:
        raise UnrecognisedError("The text has words of Visual Studio but no frame: copy the whole call stack.")
    exception, notes = _exception("\n".join(words))
    thread = Thread(id="1", is_crashed=True, frames=tuple(frames))
    executable = next(
        (frame.module for frame in frames if frame.module and frame.module.lower().endswith(".exe")), None
    )
    if is_cut:
        notes = (*notes, f"The stack has more frames; the first {FRAMES_LIMIT} were kept.")
    crash = Crash(
        format=NAME,
        exception=exception,
        threads=(thread,),
        executable=executable,
        is_complete=not is_cut,
        notes=notes,
    )
    return [crash]


def _frame(index: int, match: re.Match[str]) -> Frame:
    name = match["name"].strip()
    address = _ADDRESS.fullmatch(name)
    function, arguments = (None, "") if address else cdb_frames.cut_arguments(name)
    line = match["line"] or match["number"]
    return Frame(
        index=index,
        function=function,
        file=match["file"],
        line=int(line) if line else None,
        module=match["module"],
        address=int(address[1], 16) if address else None,
        is_inlined=match["inline"] is not None,
        arguments=arguments,
    )


def _exception(said: str) -> tuple[CrashException, tuple[str, ...]]:
    found = _CODE.search(said)
    thrown = _THROWN.search(said)
    code = found[1].upper() if found else windows_codes.ACCESS_VIOLATION if thrown else None
    kind = windows_codes.KINDS.get(code, "unknown")
    place = _LOCATION.search(said)
    if kind == "access_violation":
        word = place[1] if place else thrown[1] if thrown else None
        access = _ACCESSES[word[0].lower()] if word else None
        address = int(place[2], 16) if place else None
        return CrashException(kind=kind, code=code, address=address, access=access), ()
    if code == windows_codes.CPP_EXCEPTION or _TYPE.search(said):
        type_ = _TYPE.search(said)
        return CrashException(kind="cpp_exception", code=code, message=type_[1] if type_ else None), ()
    spoken = last_words.find(said) if kind in {"unknown", "breakpoint", "assertion", "abort"} else None
    if spoken:
        stated = CrashException(
            kind=spoken.kind, code=code, message=spoken.message, site=spoken.site, site_function=spoken.function
        )
        return stated, spoken.notes
    notes = () if code else ("The text does not say which exception ended the process.",)
    return CrashException(kind=kind, code=code), notes
