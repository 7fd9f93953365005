"""
Texts that are absurd in one dimension: each ends with crashes or a sentence, in time and memory that grow
no faster than the text.

``CRASHFLOW_FUZZ=nightly`` takes the sizes that no real text has; every run takes a part of them.
"""

import os
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tests.fuzz import facts, samples

IS_NIGHTLY = os.environ.get("CRASHFLOW_FUZZ") == "nightly"
LINE = 50_000_000 if IS_NIGHTLY else 40_000
MANY = 1_000_000 if IS_NIGHTLY else 3_000
FLOOD = 10_000_000 if IS_NIGHTLY else 40_000
DEPTH = 10_000
PATIENCE_S = 300
"""Processor time for one text, several times as long as without traced memory; who is not linear takes hours."""
SLACK = 2_000_000
"""What a parser may hold whatever the size: its limits of frames, stacks and reports."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a format writes the begin of a report, of a thread, a frame of a function, and the end of a report."""

    head: str
    thread: Callable[[int], str]
    frame: Callable[[int, str], str]
    end: str = ""
    has_frames: bool = True
    is_single: bool = False


SHAPES = {
    "gdb_text": Shape(
        head="Program terminated with signal SIGSEGV, Segmentation fault.\n",
        thread=lambda i: f"\nThread {i + 1} (Thread 0x{i + 4096:x} (LWP {i + 7})):\n",
        frame=lambda i, name: f"#{i}  0x{i + 4096:016x} in {name} (a=1) at a.c:3\n",
    ),
    "lldb_text": Shape(
        head="Process 7 stopped\n* thread #1, stop reason = signal SIGSEGV\n    frame #0: 0x1 a`f(x=1) at a.c:1:1\n",
        thread=lambda i: f"  thread #{i + 2}, name = 'a'\n",
        frame=lambda i, name: f"    frame #{i}: 0x{i + 4096:016x} a`{name}(x=1) at a.c:3:1\n",
    ),
    "eu_stack_text": Shape(
        head="PID 7 - core\nTID 7:\n#0  0x0000000000000001 f - shop\n",
        thread=lambda i: f"TID {i + 8}:\n",
        frame=lambda i, name: f"#{i}  0x{i + 4096:016x} {name} - shop\n    /src/a.c:3\n",
    ),
    "backtrace_symbols_text": Shape(
        head="Error: signal 11:\n",
        thread=lambda i: f"worker {i} got signal 11\n\n\nwords\nwords\nwords\nwords\n",
        frame=lambda i, name: f"./shop({name}+0x1f)[0x{i + 4096:x}]\n",
    ),
    "wheaty": Shape(
        head="Revision: AzerothCore rev. 0f1e2d3c4b5a 2024-01-02\nException code: C0000005 ACCESS_VIOLATION\n"
        "Fault address:  00007FF70010A1B2 01:000000000010A1B2 worldserver.exe\n"
        "Call stack:\nAddress   Frame     Function      SourceFile\n"
        "00007FF70010A1B2  000000D1C0FFE000  Guild::Reset+42  C:\\a.cpp line 17\n",
        thread=lambda i: "\nCall stack:\nAddress   Frame     Function      SourceFile\n",
        frame=lambda i, name: f"{i + 0x7FF700000000:016X}  {i + 0xD100000000:016X}  {name}+42  C:\\a.cpp line 17\n",
    ),
    "cdb_text": Shape(
        head="EXCEPTION_RECORD:  (.exr -1)\nExceptionAddress: 00007ff600001000 (w!f+0x12)\n"
        "   ExceptionCode: c0000005 (Access violation)\nSTACK_TEXT:\n",
        thread=lambda i: (
            f"\n   {i}  Id: 1a2b.{i + 16:x} Suspend: 1 Teb: 00000000`{i:08x} Unfrozen\n"
            " # Child-SP          RetAddr               Call Site\n"
        ),
        frame=lambda i, name: f"{i:02x} 00000012`{i:08x} 00007ff6`{i:08x}     w!{name}+0x12 [C:\\a.cpp @ 12]\n",
    ),
    "sanitizer": Shape(
        head="==71==ERROR: AddressSanitizer: heap-use-after-free on address 0x6030 at pc 0x5581 bp 0x7f sp 0x7e\n"
        "READ of size 8 at 0x6030 thread T2\n    #0 0x5581c0 in f() /a.c:88:12\n",
        thread=lambda i: f"\nfreed by thread T{i} here:\n",
        frame=lambda i, name: f"    #{i} 0x{i + 4096:x} in {name}(int) /src/a.c:88:12\n",
    ),
    "native_log": Shape(
        head="pid: 70, tid: 71, name: Map  >>> /bin/worldd <<<\n"
        "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x18\n"
        "backtrace:\n      #00 pc 0000000000012345  /lib/libgame.so (f(int)+24)\n",
        thread=lambda i: f"--- --- ---\npid: 70, tid: {i + 72}, name: Map  >>> /bin/worldd <<<\n\nbacktrace:\n",
        frame=lambda i, name: f"      #{i:02} pc {i + 4096:016x}  /lib/libgame.so ({name}(int)+24)\n",
    ),
    "coredumpctl_text": Shape(
        head="           PID: 7 (shop)\n        Signal: 11 (SEGV)\n"
        "       Message: Process 7 (shop) of user 1 dumped core.\n\n"
        "                Stack trace of thread 7:\n                #0  0x00007f11 f (shop + 0x6c6b)\n",
        thread=lambda i: f"\n                Stack trace of thread {i + 8}:\n",
        frame=lambda i, name: f"                #{i}  0x{i + 4096:016x} {name} (shop + 0x{i:x})\n",
    ),
    "minidump_stackwalk": Shape(
        head="Operating system: Linux\nCPU: amd64\n\nCrash reason:  SIGSEGV /SEGV_MAPERR\nCrash address: 0x194\n\n"
        "Thread 0 shop (crashed)\n 0  shop!f [a.cc : 12 + 0x5]\n    Found by: given as instruction pointer\n",
        thread=lambda i: f"\nThread {i + 1}\n",
        frame=lambda i, name: f" {i}  shop!{name} [a.cc : 3 + 0x5]\n    Found by: stack scanning\n",
    ),
    "rust_panic": Shape(
        head="thread 'worker' (71) panicked at src/a.rs:12:9:\nindex out of bounds\nstack backtrace:\n"
        "   0: rust_begin_unwind\n   1: mill::drop\n             at ./src/a.rs:12:9\n",
        thread=lambda i: (
            f"thread 'worker-{i}' (72) panicked at src/a.rs:12:9:\nindex out of bounds\nstack backtrace:\n"
        ),
        frame=lambda i, name: f"   {i}: {name}\n             at ./src/a.rs:12:9\n",
    ),
    "visual_studio_text": Shape(
        head="Unhandled exception at 0x00007FF7680FCC6E in w.exe: 0xC0000005: Access violation reading location 0x18.\n"
        ">\tw.exe!f(int a) Line 42\tC++\n",
        thread=lambda i: f"\nThread {i}\n",
        frame=lambda i, name: f" \tw.exe!{name}(int a) Line 42\tC++\n",
    ),
    "core_backtrace": Shape(
        head='{"signal": 11, "executable": "/usr/bin/shop", "stacktrace": [\n'
        '  {"crash_thread": true, "frames": [\n    {"address": 1, "function_name": "f", "file_name": "shop"}',
        thread=lambda i: ']},\n  {"crash_thread": false, "frames": [\n    {"address": 1, "file_name": "shop"}',
        frame=lambda i, name: f',\n    {{"address": {i + 4096}, "function_name": "{name}", "file_name": "shop"}}',
        end="]}]}\n",
        is_single=True,
    ),
    "crash_words": Shape(
        head="a.out: x.c:3: main: Assertion `n == 1' failed.\nSegmentation fault (core dumped)\n",
        thread=lambda i: (
            f"kernel: shop[{i}]: segfault at 18 ip 0000000000451234 sp 00007ffd error 6 in shop[400000+90]\n"
        ),
        frame=lambda i, name: f"ERROR:x.c:{i + 1}:{name}: assertion failed: (n == 1)\n",
        has_frames=False,
    ),
}
FLOODS = {
    "round brackets": "(",
    "angle brackets": "<",
    "spaces": " ",
    "empty lines": "\n",
    "frames without end": "#0 ",
    "quotes": '"',
    "words": "a at ",
    "closing brackets": ")",
    "digits": "7",
    "scopes": "a::",
    "zeros": "0x0 ",
}


def ends_well(content: bytes, *, format_name: str | None = None) -> list[Crash]:
    """Read a text; assert that the answer can be stored and how much memory it took."""
    formats = [each for each in parsers.FORMATS if format_name in {None, each.NAME}]
    sentence, crashes = "", []
    started = time.process_time()
    tracemalloc.start()
    try:
        crashes = parsers.parse(content, formats=formats)
    except DumpError as error:
        sentence = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert bool(crashes) != bool(sentence)
    assert 10 * len(content) + SLACK > peak
    assert PATIENCE_S > time.process_time() - started
    for crash in crashes[:2]:
        facts.check(crash)
    return crashes


def frames(shape: Shape, count: int, name: str = "Shop::Sell") -> str:
    return "".join(shape.frame(index, name) for index in range(count))


@pytest.mark.parametrize("name", SHAPES)
def test_of_a_million_frames_the_first_are_kept(name: str) -> None:
    shape = SHAPES[name]
    (crash, *_) = ends_well((shape.head + frames(shape, MANY) + shape.end).encode(), format_name=name)
    assert shape.has_frames <= len(crash.frames) <= 512


@pytest.mark.parametrize("name", SHAPES)
def test_of_a_million_threads_the_crash_is_kept(name: str) -> None:
    shape = SHAPES[name]
    threads = "".join(shape.thread(index) + frames(shape, 2) for index in range(MANY))
    (crash, *_) = ends_well((shape.head + threads + shape.end).encode(), format_name=name)
    assert crash.frames or not shape.has_frames


@pytest.mark.parametrize("name", SHAPES)
def test_of_a_million_reports_the_first_are_kept(name: str) -> None:
    shape = SHAPES[name]
    crashes = ends_well((shape.head + frames(shape, 2) + shape.end).encode() * (MANY // 4), format_name=name)
    assert (not shape.is_single) <= len(crashes) <= 1024


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("nested", ["A<" * DEPTH + ">" * DEPTH, "A<" * DEPTH, "(" * DEPTH, "operator<" * DEPTH])
def test_templates_may_be_nested_deeply(name: str, nested: str) -> None:
    shape = SHAPES[name]
    ends_well((shape.head + shape.frame(0, nested) + shape.frame(1, "main") * 2 + shape.end).encode(), format_name=name)


@pytest.mark.parametrize("name", SHAPES)
def test_a_line_may_be_as_long_as_the_file(name: str) -> None:
    shape = SHAPES[name]
    ends_well((shape.head + shape.frame(0, "a" * LINE) + shape.frame(1, "main") + shape.end).encode(), format_name=name)


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("name", SHAPES)
def test_a_flood_of_one_character_drowns_no_reader(name: str, flood: str) -> None:
    shape = SHAPES[name]
    matter = flood * (FLOOD // len(flood))
    ends_well(f"{shape.head}{matter}\n{shape.frame(0, 'Shop::Sell')}{matter}{shape.end}".encode(), format_name=name)


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_alone_gives_a_sentence(flood: str) -> None:
    assert [] == ends_well((flood * (FLOOD // len(flood))).encode())


@pytest.mark.parametrize("line", sorted({line for text in samples.ALL for line in text.splitlines(keepends=True)}))
def test_any_line_may_come_again_and_again(line: bytes) -> None:
    ends_well(line * (MANY // 20))
