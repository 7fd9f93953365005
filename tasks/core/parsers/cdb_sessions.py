"""
From the lines of a WinDbg or CDB text to what each session of the debugger printed, in one pass.

A session prints the event, exception records, the fields of ``!analyze -v``, stacks of the event's context and of the
threads, and lists of locks, in an order that the commands decide. Nothing is judged here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.core.parsers import cdb_frames, text_lines
from tasks.core.parsers.cdb_frames import LINE_LIMIT, AnyRow, Parts, Row, Site

FRAMES_LIMIT = 512
STACKS_LIMIT = 1024
SESSIONS_LIMIT = 256

_ARGUMENT_LINES_LIMIT = 64
_SAID_LIMIT = 64 * 1024
_MODULES_LIMIT = 4096
_EVENT = re.compile(r"(?:\(|Last event: )([0-9a-f]{1,8})\.([0-9a-f]{1,8})\)?: (.{1,200}?) - code ([0-9a-f]{8})\b")
_PROMPT = re.compile(r"\d{1,3}:(\d{1,5})(?::[\w!]{1,20})?> ?")
_THREAD = re.compile(
    r"[>\s]{0,8}([.#])?\s{0,6}(\d{1,6})\s{1,4}Id: ([0-9a-f]{1,8})\.([0-9a-f]{1,8}) Suspend:[^\"]{1,120}"
    r"(?:\"(.{1,200})\")?"
)
_FIELD = re.compile(r"([A-Z][A-Z0-9_.]{3,60}): ?(.{0,2000})", re.DOTALL)
_PARAMETER = re.compile(r"Parameter\[(\d{1,2})\]: ([0-9a-f`]{1,17})\b")
_ATTEMPT = re.compile(r"Attempt to (read from|write to|execute non-executable) address ([0-9a-f`]{1,17})\b")
_MODULE = re.compile(
    r"(?:ModLoad: )?([0-9a-f]{8}(?:`?[0-9a-f]{8})?)\s{1,4}([0-9a-f]{8}(?:`?[0-9a-f]{8})?)\s{1,4}(\S.{0,400})"
)
_LOCK = re.compile(r"CritSec (\S.{0,400}?) at ([0-9a-f`]{1,17})")
_EXPORTS = "Defaulted to export symbols for "
_FIRST = frozenset({"00", "000", "0000"})
"""How a stack's first row is numbered."""

_COLUMNS = ("RetAddr", "Call Site")
_KERNEL = re.compile(r".{0,80}(?:Bugcheck Analysis|Kernel \w{0,20} ?Dump File)|Kernel base = |(?:\d{1,3}: )?kd> ")
_HARMLESS = ("WARNING:", "***", "Following frames", "---", "Unable to")
_WANTED = frozenset(
    {
        "FAULTING_THREAD",
        "PROCESS_NAME",
        "IMAGE_NAME",
        "IMAGE_VERSION",
        "DEBUG_FLR_IMAGE_TIMESTAMP",
        "STACK_COMMAND",
        "EXCEPTION_CODE",
        "EXCEPTION_CODE_STR",
        "ERROR_CODE",
        "FAILURE_BUCKET_ID",
        "DEFAULT_BUCKET_ID",
        "PRIMARY_PROBLEM_CLASS",
        "BUGCHECK_STR",
        "BUCKET_ID",
        "SYMBOL_NAME",
        "FAULTING_IP",
        "FAULTING_SOURCE_FILE",
        "FAULTING_SOURCE_LINE_NUMBER",
    }
)


@dataclass
class Stack:
    """
    One printed stack.

    ``origin`` is the command behind it: ``analysis`` (``!analyze``), ``context`` (of the exception), ``thread`` (one of
    all threads) or ``plain``. ``thread`` is the debugger's number where it is known.
    """

    origin: str
    thread: int | None = None
    rows: list[Row | Parts] = field(default_factory=list)
    left_out: int = 0
    is_doubtful: bool = False

    def named_rows(self, limit: int = FRAMES_LIMIT) -> Iterator[AnyRow]:
        """Yield the innermost rows, the parts of each with names."""
        return map(cdb_frames.named, self.rows[:limit])


@dataclass
class ThreadName:
    """A thread as the debugger lists it; ``mark`` is ``#`` for the one of the event and ``.`` for the current one."""

    number: int
    task: str
    mark: str = ""
    name: str | None = None


@dataclass
class Record:
    """An exception record: code and parameters as printed, upper-case code without ``0x``."""

    address: int | None = None
    symbol: str | None = None
    code: str | None = None
    parameters: dict[int, int] = field(default_factory=dict)
    attempt: str | None = None
    attempted: int | None = None
    types: list[str] = field(default_factory=list)


@dataclass
class Lock:
    """A critical section that ``!locks`` shows as held: its name and the task of the thread that holds it."""

    name: str
    owner: str = ""
    contention: int = 0


@dataclass
class Session:
    """What one session of the debugger printed about one process."""

    fields: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    event_code: str | None = None
    event_task: str | None = None
    records: list[Record] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    threads: dict[int, ThreadName] = field(default_factory=dict)
    locks: list[Lock] = field(default_factory=list)
    modules: dict[str, int] = field(default_factory=dict)
    exports: set[str] = field(default_factory=set)
    prompt: int | None = None
    instruction: int | None = None
    verifier_stop: str | None = None
    command_line: str | None = None
    time: str | None = None
    said: list[str] = field(default_factory=list)
    said_size: int = 0
    stacks_left_out: int = 0
    is_kernel: bool = False
    bases: dict[str, int | None] = field(default_factory=dict)

    def base_of(self, module: str | None) -> int | None:
        """Return where a frame's module begins, as far as the session lists it."""
        if not module or not self.modules:
            return None
        if module not in self.bases:
            self.bases[module] = self.modules.get(cdb_frames.module_key(module))
        return self.bases[module]

    def sites_of(self, stack: Stack, limit: int = FRAMES_LIMIT) -> list[Site]:
        """Return the call sites of a stack's innermost rows."""
        return [cdb_frames.read_site(row.site) for row in stack.named_rows(limit)]

    @property
    def is_told(self) -> bool:
        """True where the session says anything of a crash."""
        has_code = any(name in self.fields for name in ("EXCEPTION_CODE", "EXCEPTION_CODE_STR", "FAILURE_BUCKET_ID"))
        return bool(self.stacks or self.records or self.event_code or self.locks or self.verifier_stop or has_code)


def read(content: bytes) -> list[Session]:
    """Return the sessions of a text in its order, at most ``SESSIONS_LIMIT``. Linear in the text."""
    reader = _Reader()
    for piece in text_lines.pieces(content, LINE_LIMIT):
        reader.take(piece)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._sessions = [Session()]
        self._stack: Stack | None = None
        self._origin = "plain"
        self._thread: int | None = None
        self._is_bare = False
        self._open: Row | None = None
        self._open_text: list[str] = []
        self._field: str | None = None
        self._key: str | None = None

    @property
    def _session(self) -> Session:
        return self._sessions[-1]

    def finish(self) -> list[Session]:
        self._close_arguments()
        return [session for session in self._sessions if session.is_told or session.is_kernel]

    def take(self, piece: str) -> None:
        """Read whole lines."""
        stack: Stack | None = None
        for row in cdb_frames.read_lines(piece):
            if not row[1]:
                self.feed(row[-1].rstrip())
                stack = None
            elif stack is None or row[0] in _FIRST:
                self.add(row, is_first=row[0] in _FIRST)
                stack = self._stack
            elif len(stack.rows) < FRAMES_LIMIT:
                stack.rows.append(row)
            else:
                stack.left_out += 1

    def feed(self, line: str) -> None:
        if self._open is not None and self._continue_arguments(line):
            return
        row = cdb_frames.read_row(line, is_bare=self._is_bare)
        if row is not None and not line.startswith("ModLoad:"):
            self.add(row, is_first=row.number == 0)
            return
        stripped = line.strip()
        if not stripped:
            return
        if self._stack is not None and stripped.startswith(_HARMLESS) and not any(word in line for word in _COLUMNS):
            self._stack.is_doubtful = self._stack.is_doubtful or "Following frames may be wrong" in stripped
            self._note(stripped)
            return
        self._stack = None
        self._is_bare = False
        self._read(line, stripped)

    def _read(self, line: str, stripped: str) -> None:
        if self._field is not None and not _FIELD.match(line):
            self._session.fields.setdefault(self._field, stripped[:2000])
            self._field = None
            return
        if line[:1].isupper() and (match := _FIELD.fullmatch(line)):
            self._read_field(match[1], match[2].strip())
        elif "Id: " in line and (thread := _THREAD.match(line)):
            self._read_thread(thread)
        elif any(word in line for word in _COLUMNS):
            self._is_bare = stripped.lstrip("# ") == "Call Site"
        elif stripped.startswith(("Key  :", "Value:")):
            self._read_key(stripped)
        elif line[:1].isdigit() and (prompt := _PROMPT.match(line)):
            self._read_prompt(int(prompt[1]), line[prompt.end() :])
        elif stripped.startswith(("Exception", "Parameter[", "Attempt to", "Type  ", "Subcode:")):
            self._read_record(stripped)
        else:
            self._note(stripped)

    def add(self, row: Row | Parts, *, is_first: bool) -> None:
        """Put a row into the stack that goes on, or into a new one."""
        if self._open is not None:
            self._close_arguments()
        stack = self._stack
        if stack is None or (is_first and stack.rows):
            stack = self._begin()
        if len(stack.rows) >= FRAMES_LIMIT:
            stack.left_out += 1
            return
        stack.rows.append(row)
        if isinstance(row, Row) and row.site.endswith("("):  # kP goes on with one argument a line
            self._open, self._open_text = row, [row.site]

    def _begin(self) -> Stack:
        """Start a stack; past the limit it is read and forgotten."""
        stack = Stack(origin=self._origin, thread=self._session.prompt if self._origin == "plain" else self._thread)
        self._stack = stack
        if self._origin != "thread":
            self._origin = "plain"
        if len(self._session.stacks) >= STACKS_LIMIT:
            self._session.stacks_left_out += 1
        else:
            self._session.stacks.append(stack)
        return stack

    def _continue_arguments(self, line: str) -> bool:
        """Join the arguments that ``kP`` prints one a line; False for a line that is something else."""
        text = line.strip()
        if len(self._open_text) > _ARGUMENT_LINES_LIMIT or not text or cdb_frames.read_row(line) is not None:
            self._close_arguments()
            return False
        self._open_text.append(text[:200])
        if text.endswith(")") or ")+0x" in text or ") [" in text:
            self._close_arguments()
        return True

    def _close_arguments(self) -> None:
        if self._open is None:
            return
        stack = self._stack
        if stack is not None and stack.rows and stack.rows[-1] is self._open:
            self._open.site = " ".join(self._open_text)
        self._open = None

    def _read_field(self, name: str, value: str) -> None:
        self._origin = "plain" if self._origin == "analysis" else self._origin
        if name == "STACK_TEXT":
            self._origin, self._thread = "analysis", None
        elif name in _WANTED and value:
            self._session.fields.setdefault(name, value)
        elif name in _WANTED:
            self._field = name
        elif name == "BUGCHECK_CODE":
            self._session.is_kernel = True
        elif name == "COMMENT":
            self._note(value)

    def _read_thread(self, match: re.Match[str]) -> None:
        number = int(match[2])
        named = self._session.threads.get(number)
        if named is None:
            if len(self._session.threads) >= _MODULES_LIMIT:
                return
            named = ThreadName(number, match[4])
            self._session.threads[number] = named
        named.mark = named.mark if named.mark == "#" else match[1] or named.mark
        named.name = named.name or match[5]
        self._origin, self._thread = "thread", number

    def _read_key(self, text: str) -> None:
        name, _, value = text.partition(":")
        if name.startswith("Key"):
            self._key = value.strip()
        elif self._key and len(self._session.keys) < _MODULES_LIMIT:
            self._session.keys.setdefault(self._key, value.strip())
            self._key = None

    def _read_prompt(self, number: int, command: str) -> None:
        self._session.prompt = number
        self._origin = "context" if ".ecxr" in command else "plain"
        if event := _EVENT.search(command):
            self._read_event(event)

    def _read_record(self, text: str) -> None:
        records = self._session.records
        if text.startswith("ExceptionAddress:"):
            address, _, symbol = text.partition(":")[2].strip().partition(" ")
            digits = address.replace("`", "")
            is_known = len(digits) <= 16 and all(digit in "0123456789abcdefABCDEF" for digit in digits) and digits
            if len(records) < STACKS_LIMIT:
                records.append(
                    Record(address=int(digits, 16) if is_known else None, symbol=symbol.strip("() ") or None)
                )
        elif not records:
            return
        elif text.startswith("ExceptionCode:"):
            records[-1].code = records[-1].code or text.partition(":")[2].strip()[:8].upper()
        elif match := _PARAMETER.match(text):
            records[-1].parameters[int(match[1])] = int(match[2].replace("`", ""), 16)
        elif match := _ATTEMPT.match(text):
            records[-1].attempt, records[-1].attempted = match[1], int(match[2].replace("`", ""), 16)
        elif text.startswith("Type ") and len(records[-1].types) < 16:
            records[-1].types.append(text.partition(":")[2].strip()[:400])

    def _read_event(self, match: re.Match[str]) -> None:
        """The last event counts: earlier ones were first chances that the program handled."""
        self._session.event_code, self._session.event_task = match[4].upper(), match[2]

    def _note(self, text: str) -> None:
        session = self._session
        if text.startswith(("(", "Last event: ")) and (event := _EVENT.match(text)):
            self._read_event(event)
        elif _EXPORTS in text:
            path = text.partition(_EXPORTS)[2].rstrip(" -")
            if len(session.exports) < _MODULES_LIMIT:
                session.exports.add(cdb_frames.module_stem(path))
        elif _KERNEL.match(text):
            session.is_kernel = True
        elif text.startswith("Loading Dump File ["):
            self._next_session()
        elif "set context" in text or text.startswith("Crashing Stack"):
            self._origin = "context"
        elif text.startswith("VERIFIER STOP "):
            session.verifier_stop = session.verifier_stop or text[:400]
        elif text.startswith("Debug session time: "):
            session.time = text.partition(": ")[2]
        elif text.startswith("CommandLine: "):
            session.command_line = session.command_line or text.partition(": ")[2]
        elif text.startswith(("CritSec ", "OwningThread ", "ContentionCount ")):
            self._read_lock(text)
        elif (module := _MODULE.match(text)) and len(session.modules) < _MODULES_LIMIT:
            name = module[3].split()[0] if not text.startswith("ModLoad:") else module[3]
            session.modules.setdefault(cdb_frames.module_stem(name), int(module[1].replace("`", ""), 16))
        self._keep(text)

    def _read_lock(self, text: str) -> None:
        locks = self._session.locks
        if (match := _LOCK.match(text)) and len(locks) < STACKS_LIMIT:
            locks.append(Lock(match[1]))
        if match or not locks:
            return
        word, _, value = text.partition(" ")
        lock = locks[-1]
        digits = value.strip()
        if word == "OwningThread":
            lock.owner = digits[:16]
        elif len(digits) < 9 and all(digit in "0123456789abcdef" for digit in digits) and digits:
            lock.contention = int(digits, 16)

    def _keep(self, text: str) -> None:
        """Keep what the program itself may have said: messages of assertions stand anywhere between the commands."""
        session = self._session
        if session.said_size < _SAID_LIMIT and not text.startswith(("ModLoad:", "Key", "Value", "***")):
            session.said.append(text[:1000])
            session.said_size += min(len(text), 1000)

    def _next_session(self) -> None:
        if self._session.is_told and len(self._sessions) < SESSIONS_LIMIT:
            self._sessions.append(Session())
            self._origin, self._thread = "plain", None
