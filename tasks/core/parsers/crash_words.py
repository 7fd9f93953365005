"""
Logs that tell of a death without a stack: a failed assertion, glibc's complaint, the kernel's line, a limit.

The last resort of the registry: kind and message are all there is, so nothing here may be merged with anything but the
same assertion. The same words stand in source code, in manuals and in logs of servers that live, so each must stand
where the dying program, its shell or its system prints it.
"""

import itertools
import re

from tasks.core.crash import Access, Crash, CrashException, Frame, Thread
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import cause, last_words, literals, posix, sanitizer_frames
from tasks.core.parsers.cause import Evidence
from tasks.core.parsers.literals import Literals

NAME = "crash_words"

_WINDOW = 256 * 1024
_TRIES = 64
_KERNEL = re.compile(
    r"(?:^|\s)(\S[^\n:\[]{0,60})\[\d{1,9}\]: segfault at ([0-9a-f]{1,16}) ip ([0-9a-f]{1,16}) sp [0-9a-f]{1,16} "
    r"error (\d{1,4})(?: in ([^\[\n]{1,200})\[([0-9a-f]{1,16})\+[0-9a-f]{1,16}\])?"
)
_SIGNAL = re.compile(r"Received signal (\d{1,3})(?: [\w<>]{1,30})?(?: (?:0x)?([0-9a-f]{8,16})\b)?")
_DEADLY = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS", "SIGQUIT", "SIGXCPU"})
"""Signals by which a program dies unasked; servers log those that end them on request too."""

_THROWN = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,1000})'[ \t\r]*(?=\n|$)"
    r"(?:\s{1,80}what\(\):[ \t]*([^\n]{0,1000}))?"
)
_ABORTS = (
    "*** Error in `",
    "*** stack smashing detected",
    "*** buffer overflow detected",
    "double free or corruption (",
    "free(): ",
    "malloc(): ",
    "munmap_chunk(): invalid",
    "corrupted size vs. prev_size",
    "corrupted double-linked list",
    "pure virtual method called",
    "terminate called without an active exception",
)
_MEMORY = ("Allocation failed - ", "Fatal process out of memory", "Out of memory: Kill", "what():  std::bad_alloc")
_LOADER = ("error while loading shared libraries: ", "CANNOT LINK EXECUTABLE ")
_ENDED = (
    r"([Ss]egmentation fault|[Aa]borted|[Ff]loating point exception|[Bb]us error|[Ii]llegal (?:hardware )?instruction)"
)
_SHELL = re.compile(
    rf"[\s>|]{{0,8}}(?:{_ENDED}(?:: \d{{1,2}})?\s*$"
    rf"|(?:zsh: ?)?(?:\[\d{{1,4}}\][\s+-]{{1,8}})?(?:\d{{1,9}}\s{{1,8}})?"
    rf"{_ENDED}\s{{1,12}}\(core dumped\)(?:\s{{1,12}}\S|\s*$)"
    rf"|[\w./-]{{1,200}}: line \d{{1,7}}:\s{{1,8}}\d{{1,9}}\s{{1,8}}{_ENDED}\s)"
)
_SHELL_SIGN = literals.compiled(
    rb"[Ss]egmentation fault|[Aa]borted\b|[Ff]loating point exc|[Bb]us error|[Ii]llegal (?:hardware )?instr"
)
_SHELL_SIGNALS = {"s": "SIGSEGV", "a": "SIGABRT", "f": "SIGFPE", "b": "SIGBUS", "i": "SIGILL"}
_CHECKS = (
    b"Check failed: ",
    b"CHECK failed",
    b":FATAL:",
    b"# Fatal ",
    b"ASSERTION FAILED",
    b" ABORTED",
    b" FATAL ERROR",
    b" ERROR:\n",
    b">> ERROR",
    b"# Condition",
    b"Condition '",
    b"Assertion `",
    b"Assertion '",
    b"Assertion failed: ",
    b"Assertion Failed: ",
    b"assertion failed: ",
    b":assertion ",
    b": assertion ",
    b" assertion failed for '",
    b": Error: Assertion in ",
    b"terminating with uncaught exception of type ",
    b"terminating due to uncaught exception of type ",
    b"========= Timeout of ",
    b"RSS limit exceeded",
    b"Stack limit exceeded",
    b" hangs for ",
)
_STACKS = (b"\n#0  ", b"\n#1  ", b"Call stack:", b"STACK_TEXT", b"frame #0: ", b"\n#0  0x", b"Child-SP")
"""What other formats are known by: words in the first part of a text say nothing of the stack that follows."""

_SIGNS = (
    b"]: segfault at ",
    b"Received signal ",
    b"terminate called after throwing",
    *(word.encode() for word in (*_ABORTS, *_MEMORY, *_LOADER)),
    *_CHECKS,
)
_ANY = Literals(_SIGNS)
_CODE = re.compile(
    r"^\s*(?://|/\*|\*[ /]|#\s*(?:include|define|if|ifdef|ifndef|endif|else|pragma)\b|\}|[{};]|return\b|@\w+|"
    r"(?:public|private|protected|static|const|void|bool|class|struct|namespace|template|using|throw|catch|assert)\b)"
    r"|[;{}(\[,]\s*$|^\s*(?:def|import|from|elif|else:|async|self\.|\"\"\"|echo|printf|fprintf|grep)\b"
)
_PROSE = re.compile(r"(?:^|[\s.(])[A-Za-z]{2,40},? [A-Za-z']{1,40},? $")
_LINES = 200
_WORDS = re.compile("|".join(re.escape(word) for word in (*(sign.decode() for sign in _SIGNS), *last_words.MARKERS)))


def sniff(head: bytes) -> bool:
    """Tell whether a text holds words with which a process dies."""
    return _ANY.is_any_in(head) or _SHELL_SIGN.search(head) is not None


def parse(content: bytes) -> list[Crash]:
    """
    Read the one death that the words tell of; the strongest witness counts, whatever its place.

    Raises:
        UnrecognisedError: the words are not those of a death after all.
    """
    if any(sign in content for sign in _STACKS):
        raise UnrecognisedError("The text has a stack, but in no layout that crashflow reads: give the whole report.")
    first = min(_ANY.places(content), default=0)
    text = sanitizer_frames.decode(content[max(0, first - 4096) : first + _WINDOW])
    if _is_source(text):
        raise UnrecognisedError("The text is source code that has words of a crash in it: give the crash's own report.")
    spoken = _spoken_only(text)
    for read in (_kernel, _loader, _thrown, _spoken, _memory, _abort, _signal):
        crash = read(spoken)
        if crash:
            return [crash]
    crash = _shell(content)
    if crash:
        return [crash]
    raise UnrecognisedError("The text has words of a crash but neither a stack nor a reason: give the whole report.")


def _is_source(text: str) -> bool:
    """Tell source code: most lines around the words end or begin as only lines of code do."""
    lines = [line for line in text.split("\n", 2 * _LINES)[: 2 * _LINES] if line.strip()]
    code = sum(1 for line in lines if _CODE.search(line[:200]) or _CODE.search(line[-200:]))
    return len(lines) >= 4 and code * 3 > len(lines)


def _spoken_only(text: str) -> str:
    """Leave out the lines in which words of a crash stand inside a string, a comment or a sentence."""
    kept: list[str] = []
    position = 0
    for found in _WORDS.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        if start >= position and _is_quoted(text[start : found.start()]):
            kept.append(text[position:start])
            end = text.find("\n", found.end())
            position = end if end >= 0 else len(text)
    return "".join([*kept, text[position:]])


def _is_quoted(before: str) -> bool:
    """Tell whether what stands before the words opens a string or a comment, or is the beginning of a sentence."""
    before = before[-400:]
    is_open = before.count('"') % 2 == 1 or before.count("`") % 2 == 1 or "//" in before.replace("://", "")
    return is_open or ("FATAL" not in before and _PROSE.search(before[-100:]) is not None)


def _made(exception: CrashException, *notes: str, frame: Frame | None = None, executable: str | None = None) -> Crash:
    thread = (Thread(id="1", is_crashed=True, frames=(frame,)),) if frame else ()
    return Crash(
        format=NAME,
        exception=exception,
        threads=thread,
        executable=executable,
        is_complete=False,
        notes=(*notes, "The text holds no stack: give the dump or the debugger's report."),
    )


def _line(text: str, position: int) -> str:
    start = max(text.rfind("\n", 0, position) + 1, position - 200)
    end = text.find("\n", position, position + 400)
    return text[start : end if end >= 0 else position + 400].strip(" *\r")


def _kernel(text: str) -> Crash | None:
    """Linux: the offset in the module is all that the kernel tells of the place; bit 1 of the error is a write."""
    match = _KERNEL.search(text)
    if match is None:
        return None
    counter, error = int(match[3], 16), int(match[4], 16)
    offset = counter - int(match[6], 16) if match[6] else None
    access: Access = "execute" if error & 16 else "write" if error & 2 else "read"
    return _made(
        CrashException(kind="access_violation", signal="SIGSEGV", address=int(match[2], 16), access=access),
        frame=Frame(index=0, address=counter, module=match[5], offset=offset),
        executable=match[1].rpartition(" ")[2],
    )


def _loader(text: str) -> Crash | None:
    position = next((at for at in map(text.find, _LOADER) if at >= 0), -1)
    if position < 0:
        return None
    return _made(CrashException(message=_line(text, position)), "The program never started: a library is missing.")


def _thrown(text: str) -> Crash | None:
    match = _THROWN.search(text)
    if match is None:
        return None
    message = f"{match[1]}: {match[2].strip()}" if match[2] else match[1]
    return _made(CrashException(kind="cpp_exception", signal="SIGABRT", message=message))


def _spoken(text: str) -> Crash | None:
    spoken = last_words.find(text)
    if spoken is None:
        return None
    frame = Frame(index=0, function=spoken.function, file=spoken.file, line=spoken.line) if spoken.file else None
    said = CrashException(kind=spoken.kind, message=spoken.message, site=spoken.site, site_function=spoken.function)
    return _made(said, *spoken.notes, frame=frame)


def _memory(text: str) -> Crash | None:
    position = next((at for at in map(text.find, _MEMORY) if at >= 0), -1)
    return _made(CrashException(kind="out_of_memory", message=_line(text, position))) if position >= 0 else None


def _abort(text: str) -> Crash | None:
    position = next((at for at in map(text.find, _ABORTS) if at >= 0), -1)
    if position < 0:
        return None
    return _made(CrashException(kind="abort", signal="SIGABRT", message=_line(text, position)))


def _ended(signal: str, address: int | None = None) -> Crash:
    explained, _ = cause.explain(Evidence(signal=signal, address=address))
    return _made(explained)


def _signal(text: str) -> Crash | None:
    match = _SIGNAL.search(text)
    name = posix.signal_name(match[1]) if match else None
    if match is None or name not in _DEADLY:
        return None
    address = int(match[2], 16) if match[2] and name == "SIGSEGV" else None
    return _ended(name, address)


def _shell(content: bytes) -> Crash | None:
    """Read the line in which a shell says how its child ended: a line of its own, the command behind it."""
    for found in itertools.islice(_SHELL_SIGN.finditer(content), _TRIES):
        start = content.rfind(b"\n", 0, found.start()) + 1
        end = content.find(b"\n", found.end())
        line = sanitizer_frames.decode(content[start : end if end >= 0 else None][:1000])
        match = _SHELL.match(line)
        if match:
            ended = next(word for word in match.groups() if word)
            return _ended(_SHELL_SIGNALS[ended[0].lower()])
    return None
