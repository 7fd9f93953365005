"""Facts about the Windows text reports of the TrinityCore family: which stack, which frames, which kind of crash."""

# ruff: noqa: DTZ001 (servers state no time zone)

import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.clients.knowledge import stack_lists
from tasks.core import parsers, signature
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, UnrecognisedError
from tasks.core.parsers import wheaty, wheaty_stacks

TRINITY = "TrinityCore rev. 1a2b3c4d5e6f+ 2025-03-04 05:06:07 +0100 (master branch) (Win64, RelWithDebInfo, Static)"
RULE = "//====================================================="
SERVER = "C:\\srv\\worldserver.exe"
COLUMNS = "Address   Frame     Function      SourceFile"

RESET = "00007FF70010A1B2  000000D1C0FFE000  Guild::Reset+42  C:\\build\\src\\Guild.cpp line 17"
LEAVE = "00007FF70010B2C3  000000D1C0FFE100  Guild::Leave+A8  C:\\build\\src\\Guild.cpp line 90"
LOGOUT = "00007FF70010C3D4  000000D1C0FFE200  Member::Logout+11F  C:\\build\\src\\Member.cpp line 5"
BOTTOM = "00007FFD33212345  000000D1C0FFEF00  BaseThreadInitThunk+14"
CRASH = (RESET, LEAVE, LOGOUT, BOTTOM)
PC = "00007FF70010A1B2"

WAIT = "00007FFD34567894  000000D1C1FFE000  NtWaitForAlertByThreadId+14"
IDLE = (WAIT, "00007FFD3457AAAA  000000D1C1FFE100  RtlSleepConditionVariableSRW+112", BOTTOM)
HANDLER = (
    "00007FFD34560001  000000D1C0FF0000  NtGetContextThread+14",
    "00007FF700200001  000000D1C0FF0100  WheatyExceptionReport::printTracesForAllThreads+E1  C:\\b\\W.cpp line 9",
    "00007FFD31110002  000000D1C0FF0200  UnhandledExceptionFilter+1BC",
    "00007FFD34560003  000000D1C0FF0300  KiUserExceptionDispatcher+2E",
)


def block(*rows: str) -> str:
    return "\n".join(["", "Call stack:", COLUMNS, *rows, ""])


def report(
    *blocks: str,
    code: str = "C0000005 ACCESS_VIOLATION",
    fault: str = f"{PC} 01:000000000010A1B2 {SERVER}",
    message: str = "",
    revision: str = f"Revision: {TRINITY}\nDate 9:11:2025. Time 7:5 \n",
    thrown: str = "",
) -> str:
    head = f"{revision}{RULE}\n*** Hardware ***\nProcessor: <unknown>\n\n{RULE}\nException code: {code}\n"
    registers = f"\nRegisters:\nRAX:0000000000000000\nR8: 0000000000000001\nCS:RIP:0033:{fault[:16]}\nFlags:00010202\n"
    text = f"{head}{message}Fault address:  {fault}\n{registers}{thrown}{''.join(blocks)}"
    return text.replace("\n", "\r\n")


def parse(text: str | bytes) -> list[Crash]:
    content = text if isinstance(text, bytes) else text.encode()
    assert wheaty.sniff(content)
    return wheaty.parse(content)


def read(text: str | bytes) -> Crash:
    crashes = parse(text)
    assert 1 == len(crashes)
    return crashes[0]


def functions(crash: Crash) -> list[str | None]:
    return [frame.function for frame in crash.frames]


def one(row: str) -> tuple[str | None, str | None, int | None]:
    frame = read(block(row)).frames[0]
    return frame.function, frame.file, frame.line


def test_a_whole_report_becomes_a_crash_with_its_build_its_time_and_its_stack() -> None:
    crash = read(report(block(*CRASH), block(*IDLE)))
    assert ["Guild::Reset", "Guild::Leave", "Member::Logout", "BaseThreadInitThunk"] == functions(crash)
    assert ("C:\\build\\src\\Guild.cpp", 17, int(PC, 16)) == (
        crash.frames[0].file,
        crash.frames[0].line,
        crash.frames[0].address,
    )
    assert ("access_violation", "C0000005", None) == (
        crash.exception.kind,
        crash.exception.code,
        crash.exception.address,
    )
    assert ("1a2b3c4d5e6f+", datetime(2025, 11, 9, 7, 5)) == (crash.build, crash.occurred_at)
    assert (SERVER, True, ["1", "2"]) == (crash.executable, crash.is_complete, [thread.id for thread in crash.threads])


def test_the_registry_reads_a_report_as_this_format() -> None:
    assert ["wheaty"] == [crash.format for crash in parsers.parse(report(block(*CRASH)).encode())]


@pytest.mark.parametrize(
    ("banner", "build"),
    [
        pytest.param(f"Revision: {TRINITY}\n", "1a2b3c4d5e6f+", id="TrinityCore, changed tree"),
        pytest.param(
            "Revision: AzerothCore rev. 0f1e2d3c4b5a 2024-01-02 03:04:05 +0000 (master branch) (Win64, Release)\n",
            "0f1e2d3c4b5a",
            id="AzerothCore",
        ),
        pytest.param(
            "Revision: SkyFire 5.x.x rev. abcdef123456 2024-01-02 03:04:05 +0000 (main branch) (Win32, Debug)\n",
            "abcdef123456",
            id="SkyFire",
        ),
        pytest.param(
            "Revision: TrinityCore rev. 2013-01-02 03:04:05 +0100 (a1b2c3d4e5f6) (Win32,Release)\n",
            "a1b2c3d4e5f6",
            id="old, hash behind the date",
        ),
        pytest.param("Revision: * * 2665 *\n", "2665", id="mangos of before git"),
        pytest.param("Revision: 4.0.6a - 13623\n", "4.0.6a - 13623", id="version and number"),
        pytest.param(
            "Revision: AzerothCore rev. unknown 1970-01-01 00:00:00 +0000 (Archived branch) (Win64, Release, Static)\n",
            None,
            id="a tree without its history",
        ),
        pytest.param(
            "Revision: TrinityCore rev. unknown 1970-01-01 00:00:00 +0000 (Archived branch) (Win64, RelWithDebInfo)\n",
            None,
            id="built without git",
        ),
        pytest.param("Revision: Archived\n", None, id="archived"),
        pytest.param(f"Revision: {'a1' * 20}\nBuild: 2020-01-02T03:04:05\n", "a1" * 20, id="mangos"),
        pytest.param("", None, id="no revision"),
    ],
)
def test_the_build_is_the_hash_of_the_revision(banner: str, build: str | None) -> None:
    assert build == read(report(block(*CRASH), revision=f"{banner}Date 9:11:2025. Time 7:5 \n")).build


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Date 31:12:2024. Time 23:59 ", datetime(2024, 12, 31, 23, 59)),
        ("Crash date 1:2:2020. Time 3:4", datetime(2020, 2, 1, 3, 4)),
        ("Date 31:2:2024. Time 1:1 ", None),
    ],
)
def test_the_time_is_the_servers_local_time(line: str, expected: datetime | None) -> None:
    assert expected == read(report(block(*CRASH), revision=f"{line}\n")).occurred_at


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("C0000005 ACCESS_VIOLATION", "access_violation"),
        ("C0000005 Zugriffsverletzung", "access_violation"),
        ("C0000420 Ein Assertionsfehler ist aufgetreten.\n", "assertion"),
        ("C00000FD STACK_OVERFLOW", "stack_overflow"),
        ("80000003 BREAKPOINT", "breakpoint"),
        ("C0000094 INT_DIVIDE_BY_ZERO", "division_by_zero"),
        ("C000001D ILLEGAL_INSTRUCTION", "illegal_instruction"),
        ("C0000006 IN_PAGE_ERROR", "bus_error"),
        ("E06D7363 Unhandled C++ exception", "cpp_exception"),
        ("C0000017 NO_MEMORY", "out_of_memory"),
        ("C0000374 A heap has been corrupted.\n", "abort"),
        ("DEADBEEF", "unknown"),
    ],
)
def test_the_code_says_what_happened_and_the_words_beside_it_do_not(code: str, kind: str) -> None:
    exception = read(report(block(*CRASH), code=code)).exception
    assert (kind, code[:8]) == (exception.kind, exception.code)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("Guild::Reset+42", ("Guild::Reset", None, None)),
        ("Guild::Reset+42  C:\\b\\Guild.cpp line 17", ("Guild::Reset", "C:\\b\\Guild.cpp", 17)),
        ("Guild::Reset+42  d:\\a (x86)\\b c\\g.cpp line 7", ("Guild::Reset", "d:\\a (x86)\\b c\\g.cpp", 7)),
        ("Vec::operator+++1C", ("Vec::operator++", None, None)),
        ("std::map<int, char *>::at+1D", ("std::map<int, char *>::at", None, None)),
        ("`Guild::Go'::`2'::<lambda_1>::operator()+3", ("`Guild::Go'::`2'::<lambda_1>::operator()", None, None)),
        ("?_Xlength_error@std@@YAXPEBD@Z+18", ("std::_Xlength_error", None, None)),
        ("??1Guild@Realm@@QEAA@XZ+18", ("Realm::Guild::~Guild", None, None)),
        ("Guild::Reset+42  C:\\b\\a+b c.cpp line 17", ("Guild::Reset", "C:\\b\\a+b c.cpp", 17)),
    ],
)
def test_a_name_ends_at_its_last_displacement(rest: str, expected: tuple[str, str, int]) -> None:
    assert expected == one(f"{PC}  00000000C0FFE000  {rest}")


def test_columns_survive_a_copy_that_lost_its_spaces() -> None:
    text = f"Call stack:\nAddress Frame Function SourceFile\n{PC} 000000D1C0FFE000 A::b+42 C:\\s\\A.cpp line 17\n"
    crash = read(report(block()) + text)
    assert [("A::b", 17)] == [(frame.function, frame.line) for frame in crash.frames]


def test_a_frame_without_a_symbol_is_a_place_in_a_module() -> None:
    crash = read(report(block(f"0012A1B2  00000000  0001:0003A5D9 {SERVER}"), fault=f"0012A1B2 01:0003A5D9 {SERVER}"))
    assert (None, SERVER, 0x3A5D9) == (crash.frames[0].function, crash.frames[0].module, crash.frames[0].offset)


def test_offsets_count_from_the_module_where_its_start_is_certain() -> None:
    """0x00401000 is the first section of a program at 0x00400000, and 0x2345 lies within that section."""
    crash = read(report(block(f"00403345  00000000  0001:00002345 {SERVER}")))
    assert 0x3345 == crash.frames[0].offset


def test_addresses_without_a_module_have_none() -> None:
    wild = "0000000000000000  000000D1C0FFE000  0000:0000000000000000 "
    stale = "00000000DEAD0000  000000D1C0FFE100  CCCCCCCC:CCCCCCCCCCCCCCCC left over from before"
    crash = read(report(block(wild, stale, LEAVE), fault="0000000000000000 00:0000000000000000 "))
    assert [None, None, None] == [frame.module for frame in crash.frames]
    assert ("execute", 0, True) == (crash.exception.access, crash.exception.address, crash.exception.is_null_access)


def test_uninitialised_places_of_debug_builds_are_no_places() -> None:
    crash = read(report(block(), fault="0000000000000000 CCCCCCCC:CCCCCCCCCCCCCCCC "))
    assert ("access_violation", "execute", None) == (
        crash.exception.kind,
        crash.exception.access,
        crash.executable,
    )


def test_the_crashing_stack_is_the_one_with_the_fault_address() -> None:
    crash = read(report(block(*IDLE), block(LOGOUT, BOTTOM), block(*CRASH)))
    assert "3" == (crash.crashing_thread.id if crash.crashing_thread else None)
    assert "Guild::Reset" == crash.frames[0].function


def test_the_handlers_copy_of_the_crashing_stack_is_left_out() -> None:
    crash = read(report(block(*CRASH), block(*IDLE), block(*HANDLER, *CRASH)))
    assert ["1", "2"] == [thread.id for thread in crash.threads]
    assert any("Stack 3 repeats" in note for note in crash.notes)


def test_the_clean_copy_is_taken_though_the_handlers_stands_first() -> None:
    crash = read(report(block(*HANDLER, *CRASH), block(*CRASH)))
    assert ["2"] == [thread.id for thread in crash.threads]


def test_the_crash_below_the_dispatcher_is_taken_where_no_stack_holds_the_fault_address() -> None:
    crash = read(report(block(*IDLE), block(*HANDLER, *CRASH), fault=f"00007FFDAAAAAAAA 01:00000000000AAAAA {SERVER}"))
    assert ("Guild::Reset", 0) == (crash.frames[0].function, crash.frames[0].index)
    assert any("4 frames above the crash" in note for note in crash.notes)


def test_handler_frames_without_symbols_are_cut_at_the_fault_address() -> None:
    nameless = [f"00007FF70030000{i}  000000D1C0FF0{i}00  0001:000000000030000{i} {SERVER}" for i in range(3)]
    assert "Guild::Reset" == read(report(block(*IDLE), block(*nameless, *CRASH))).frames[0].function


def test_the_first_stack_is_taken_where_nothing_tells() -> None:
    crash = read(report(block(LEAVE, BOTTOM), block(*IDLE), fault="00007FFDAAAAAAAA 01:00000000000AAAAA x.dll"))
    assert "Guild::Leave" == crash.frames[0].function


def test_a_waiting_thread_is_not_the_crash() -> None:
    elsewhere = "00007FFDAAAAAAAA 01:00000000000AAAAA x.dll"
    assert () == read(report(block(*IDLE), fault=elsewhere)).frames
    assert "2" == read(report(block(*IDLE), block(LEAVE, BOTTOM), fault=elsewhere)).threads[1].id
    assert "Guild::Leave" == read(report(block(*IDLE), block(LEAVE), fault=elsewhere)).frames[0].function


def test_an_export_far_before_the_address_is_no_name() -> None:
    rows = (
        f"{PC}  000000D1C0FFE000  argon2id_verify_ctx+2B3EC",
        f"00007FF70010B2C3  000000D1C0FFE100  0001:000000000010B2C3 {SERVER}",
        "00007FFD33000000  000000D1C0FFE200  strncpy+2693",
        "00007FFD33000100  000000D1C0FFE300  BaseThreadInitThunk+14",
    )
    crash = read(report(block(*rows)))
    assert [None, None, None, "BaseThreadInitThunk"] == functions(crash)
    assert [(SERVER, 0x10A1B2), (SERVER, 0x10B2C3), (None, None)] == [
        (frame.module, frame.offset) for frame in crash.frames[:3]
    ]


def test_a_long_function_among_functions_with_symbols_keeps_its_name() -> None:
    big = f"{PC}  000000D1C0FFE000  run_everything+2B3EC"
    huge = "00007FF70010B2C4  000000D1C0FFE000  Guild::Everything+2B3EC"
    assert ["run_everything", "Guild::Leave", "Guild::Everything"] == functions(read(report(block(big, LEAVE, huge))))


def test_a_stack_overflow_may_leave_no_frame() -> None:
    crash = read(report(block(), block(*IDLE), code="C00000FD STACK_OVERFLOW"))
    assert ("stack_overflow", (), False) == (crash.exception.kind, crash.frames, crash.is_complete)
    assert "1" == (crash.crashing_thread.id if crash.crashing_thread else None)


TRINITY_ASSERT = (
    "\r\nAssertion message: \n/src/Unit.cpp:120 in Unit::Heal ASSERTION FAILED:\n  amount > 0\nMapID: 1 X: 2.0\n\n"
    "MoveSpline: none\nName: Bob\n\n"
)
ACORE_ASSERT = (
    "\r\nAssertion message: #{rule}#\n >> ASSERTION FAILED\n\n# Location: /src/Unit.cpp:120\n# Function: Unit::Heal\n"
    "# Condition: amount > 0\n\n#{rule}#\n"
).format(rule="-" * 70)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(TRINITY_ASSERT, id="TrinityCore, debug text with empty lines"),
        pytest.param(TRINITY_ASSERT.replace("\n", "\n\n"), id="every newline doubled"),
        pytest.param(ACORE_ASSERT, id="AzerothCore"),
        pytest.param(
            ACORE_ASSERT.replace("# ", "").replace(" >> ASSERTION FAILED\n", "").replace("#", ""),
            id="AzerothCore, headings eaten by Markdown",
        ),
        pytest.param(
            "Assertion message: /src/Unit.cpp:120: Error: Assertion in Unit::Heal failed: amount > 0\n", id="mangos"
        ),
    ],
)
def test_the_assertion_ends_at_the_fault_address(message: str) -> None:
    crash = read(report(block(*CRASH), code="C0000420 An assertion failure has occurred.\n", message=message))
    exception = crash.exception
    assert ("assertion", "amount > 0", "/src/Unit.cpp:120") == (exception.kind, exception.message, exception.site)
    assert "The assertion stands at /src/Unit.cpp:120 in Unit::Heal." in crash.notes
    assert "Guild::Reset" == crash.frames[0].function


def test_frames_of_the_assertion_itself_are_cut_at_its_return_address() -> None:
    raised = "00007FFD31110001  000000D1C0FF0000  RaiseException+69"
    asserted = "00007FF700200001  000000D1C0FF0100  Trinity::Assert+DB  C:\\build\\src\\Errors.cpp line 50"
    crash = read(report(block(raised, asserted, *CRASH), code="C0000420 x", message=TRINITY_ASSERT))
    assert "Guild::Reset" == crash.frames[0].function


def test_an_assertion_without_a_stack_still_has_its_place() -> None:
    crash = read(report(block(), code="C0000420 An assertion failure has occurred.\n", message=TRINITY_ASSERT))
    assert [("Unit::Heal", "/src/Unit.cpp", 120)] == [(f.function, f.file, f.line) for f in crash.frames]
    assert not crash.is_complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/src/Main.cpp:9 in Boot FATAL ERROR:\n  no database\n", "no database"),
        (
            f"\n#{'-' * 70}#\n >> ABORTED\n\n# Location '/src/Main.cpp:9'\n# Function 'Boot'\n# Message 'no maps'\n",
            "no maps",
        ),
        ("FATAL ERROR:\nno database\n", "no database"),
    ],
)
def test_other_ends_on_purpose_keep_their_words(text: str, expected: str) -> None:
    crash = read(report(block(*CRASH), code="C0000420 x", message=f"Assertion message: {text}\n"))
    assert ("assertion", expected) == (crash.exception.kind, crash.exception.message)


def test_a_cpp_exception_says_what_it_says() -> None:
    thrown = "\nUncaught C++ exception info: invalid vector subscript\nstd::out_of_range uncaught_exception = {}\n"
    crash = read(report(block(*CRASH), code="E06D7363 Unhandled C++ exception", thrown=thrown))
    assert ("cpp_exception", "std::out_of_range: invalid vector subscript") == (
        crash.exception.kind,
        crash.exception.message,
    )


def test_a_cpp_exception_is_named_by_the_librarys_function_that_throws_it() -> None:
    rows = (
        "00007FFD31110001  000000D1C0FF0000  RaiseException+69",
        "00007FFD21110001  000000D1C0FF0100  _CxxThrowException+97",
        "00007FFD22220001  000000D1C0FF0200  ?_Xlength_error@std@@YAXPEBD@Z+2F",
        LEAVE,
    )
    crash = read(report(block(*rows), code="E06D7363 Unhandled C++ exception", fault="00007FFD31110001 01:01 K.dll"))
    assert "std::length_error" == crash.exception.message
    assert "std::length_error | Guild::Leave" == signature.generate(crash, stack_lists()).signature


HANGS = (
    "Assertion message: \n/src/Main.cpp:400 in FreezeDetector::Handler ABORTED:\n"
    "  World Thread hangs for 61000 ms, forcing a crash!\n"
)
DETECTOR = (
    "00007FFD31110001  000000D1C0FF0000  RaiseException+69",
    "00007FF700200001  000000D1C0FF0100  Trinity::Abort+DB  C:\\build\\src\\Errors.cpp line 50",
    f"{PC}  000000D1C0FF0200  FreezeDetector::Handler+1F4  C:\\build\\src\\Main.cpp line 400",
    BOTTOM,
)
WORLD_TAIL = (
    "00007FF700300001  000000D1C2FF0100  World::Update+99  C:\\build\\src\\World.cpp line 2000",
    "00007FF700300101  000000D1C2FF0200  WorldUpdateLoop+99  C:\\build\\src\\Main.cpp line 500",
)
MAP_TAIL = (
    "00007FF700400001  000000D1C3FF0100  Map::Update+99  C:\\build\\src\\Map.cpp line 700",
    "00007FF700400101  000000D1C3FF0200  MapUpdater::WorkerThread+99  C:\\build\\src\\MapUpdater.cpp line 60",
)
LOCKED = "00007FFD21119999  000000D1C3FF0000  mtx_do_lock+7D"
SPIN = "00007FF700400301  000000D1C3FF0050  Pathing::Search+99  C:\\build\\src\\Pathing.cpp line 7"
WAITS_FOR_MAPS = "00007FF700400401  000000D1C3FF0050  MapUpdater::wait+99  C:\\build\\src\\MapUpdater.cpp line 9"


@pytest.mark.parametrize(
    ("blocks", "culprit"),
    [
        pytest.param([(WAIT, LOCKED, *WORLD_TAIL), (SPIN, *MAP_TAIL)], "2", id="the world waits for a lock"),
        pytest.param([(WAIT, WAITS_FOR_MAPS, *WORLD_TAIL), (SPIN, *MAP_TAIL)], "3", id="the world waits for a map"),
        pytest.param([(SPIN, *WORLD_TAIL), IDLE], "2", id="the world is busy"),
        pytest.param([IDLE, (WAIT, LOCKED, *MAP_TAIL), (SPIN, *MAP_TAIL)], "3", id="a map waits for a lock"),
        pytest.param([IDLE, (WAIT, LOCKED, LEAVE)], "3", id="somebody waits for a lock"),
    ],
)
def test_a_freeze_is_blamed_on_the_thread_that_did_not_come_back(blocks: list[tuple[str, ...]], culprit: str) -> None:
    text = report(block(*DETECTOR), *[block(*rows) for rows in blocks], code="C0000420 x", message=HANGS)
    crash = read(text)
    assert ("deadlock", culprit) == (crash.exception.kind, crash.crashing_thread.id if crash.crashing_thread else None)


def test_the_old_watchdog_dies_of_an_access_violation() -> None:
    detector = f"{PC}  00000000C0FFE000  FreezeDetectorRunnable::run+42  C:\\build\\src\\Master.cpp line 90"
    crash = read(report(block(detector, BOTTOM), block(SPIN, *WORLD_TAIL)))
    assert ("deadlock", "C0000005", "Pathing::Search") == (
        crash.exception.kind,
        crash.exception.code,
        crash.frames[0].function,
    )


def test_a_freeze_whose_culprit_is_not_seen_blames_nobody() -> None:
    crash = read(report(block(*DETECTOR), block(*IDLE), code="C0000420 x", message=HANGS))
    assert ("deadlock", None, 2) == (crash.exception.kind, crash.crashing_thread, len(crash.threads))


def test_variables_do_not_add_frames_a_second_time() -> None:
    variables = [line for row in CRASH for line in (row, "\tLocal int x = 0x1", "\tParameter Guild * this = 0x0", "")]
    banner = f"\n{'=' * 24}\nLocal Variables And Parameters\n"
    crash = read(report(block(*CRASH), banner, block(*variables), block(*IDLE)))
    assert (4, 1) == (len(crash.frames), len(crash.threads))


def test_the_section_of_variables_is_read_where_it_is_all_there_is() -> None:
    banner = f"\n{'=' * 24}\nLocal Variables And Parameters\n"
    rows = [line for row in CRASH for line in (row, "\tLocal  float 'distance' = 0.000000", "")]
    crash = read(report(banner, block(*rows)))
    assert ["Guild::Reset", "Guild::Leave", "Member::Logout", "BaseThreadInitThunk"] == functions(crash)


def test_a_file_holds_as_many_crashes_as_it_holds_reports() -> None:
    banner = f"\n{'=' * 24}\nLocal Variables And Parameters\n"
    second = report(block(LEAVE, BOTTOM), code="C0000094 x", revision="Revision: abcdef1\nDate 1:2:2025. Time 3:4 \n")
    third = report(block(LOGOUT), code="C00000FD x", revision="Date 1:2:2025. Time 3:5 \n")
    crashes = parse(report(block(*CRASH), banner, block(*CRASH)) + second + third)
    assert [("access_violation", 4), ("division_by_zero", 2), ("stack_overflow", 1)] == [
        (crash.exception.kind, len(crash.frames)) for crash in crashes
    ]
    assert ["1a2b3c4d5e6f+", "abcdef1", None] == [crash.build for crash in crashes]


@pytest.mark.parametrize(
    "mangle",
    [
        pytest.param(lambda text: text.replace("\r\n", "\r\n\r\n"), id="doubled newlines"),
        pytest.param(lambda text: text.replace("\r\n", "\n"), id="Unix newlines"),
        pytest.param(lambda text: text.replace("\r\n", "\n> "), id="quoted"),
        pytest.param(lambda text: text.replace(COLUMNS, COLUMNS.replace("    ", " ")), id="spaces of a heading eaten"),
        pytest.param(lambda text: text.replace("\r\n", "\r\n    "), id="indented"),
        pytest.param(lambda text: text.replace("*** Hardware", "**\\* Hardware"), id="escaped for Markdown"),
        pytest.param(lambda text: text.replace("Call stack:", "**Call stack:**"), id="heading in bold"),
        pytest.param(lambda text: text.replace("Call stack:", "### Call stack:"), id="heading for Markdown"),
        pytest.param(lambda text: text.replace(f"{COLUMNS}\r\n", ""), id="columns cut out"),
        pytest.param(lambda text: text[text.index("Call stack:") :], id="only the stacks"),
        pytest.param(lambda text: text[text.index(PC + "  ") :].partition("\r\n\r\n")[0] + "\n", id="only the frames"),
    ],
)
def test_posted_copies_read_as_the_original(mangle: object) -> None:
    assert callable(mangle)
    expected = functions(read(report(block(*CRASH), block(*IDLE))))
    assert expected == functions(read(mangle(report(block(*CRASH), block(*IDLE)))))


def test_the_code_page_of_the_server_and_utf8_mix_in_one_file() -> None:
    path = "C:\\Servidor\\Espa\xf1a\\Guild.cpp"
    ansi = report(block(f"{PC}  000000D1C0FFE000  Guild::Reset+42  {path} line 17")).encode("cp1252")
    message = "Assertion message: \n/src/a.cpp:1 in F ASSERTION FAILED:\n  name != \u00e9\u0416\n"
    mixed = ansi.replace(b"Fault address:", message.encode() + b"Fault address:", 1)
    crash = read(mixed)
    assert (path, "name != \u00e9\u0416") == (crash.frames[0].file, crash.exception.message)


def test_a_report_without_a_stack_still_has_the_place_of_the_fault() -> None:
    crash = read(report())
    assert [(SERVER, 0x10A1B2, None)] == [(f.module, f.offset, f.function) for f in crash.frames]
    assert not crash.is_complete


def test_a_quoted_assertion_loses_the_marks_of_the_quotation() -> None:
    text = report(block(*CRASH), code="C0000420 x", message=TRINITY_ASSERT).replace("\r\n", "\n").replace("\n", "\n> ")
    assert ("amount > 0", "/src/Unit.cpp:120") == (read(text).exception.message, read(text).exception.site)


def test_line_ends_may_have_lost_their_line_feeds() -> None:
    text = report(block(*CRASH), code="C0000420 x", message=TRINITY_ASSERT.replace("\r\n", "\n"))
    (crash,) = parsers.parse(text.replace("\r\n", "\r").encode())
    assert ("amount > 0", ["Guild::Reset", "Guild::Leave"]) == (crash.exception.message, functions(crash)[:2])


def test_texts_from_notepad_are_utf16() -> None:
    assert ["wheaty"] == [crash.format for crash in parsers.parse(report(block(*CRASH)).encode("utf-16"))]


def test_frames_left_out_by_hand_make_the_stack_incomplete() -> None:
    crash = read(report(block(RESET, "...", LOGOUT)))
    assert (False, ["Guild::Reset", "Member::Logout"]) == (crash.is_complete, functions(crash))


def test_a_report_whose_writing_failed_is_incomplete() -> None:
    crash = read(report(block(*CRASH)) + "Error writing the crash log\r\n")
    assert (False, 4) == (crash.is_complete, len(crash.frames))


def test_every_cut_of_a_report_is_read_or_refused_in_one_sentence() -> None:
    whole = report(block(*CRASH), block(*IDLE), code="C0000420 x", message=TRINITY_ASSERT).encode()
    for end in range(0, len(whole), 7):
        try:
            crashes = wheaty.parse(whole[:end])
        except UnrecognisedError as error:
            assert "cut while it was written" in str(error)  # noqa: PT017 (either end is right)
        else:
            assert 1 == len(crashes)


def test_a_banner_alone_says_that_the_report_was_cut() -> None:
    banner = f"Revision: {TRINITY}\r\nDate 9:11:2025. Time 7:5 \r\n".encode()
    assert wheaty.sniff(banner)
    with pytest.raises(UnrecognisedError, match=r"give the \.dmp file"):
        parsers.parse(banner, formats=(wheaty,))


@pytest.mark.parametrize(
    "text",
    [
        "#0  0x0000555555555186 in Map::Update (this=0x10) at /src/Map.cpp:17\n",
        "0018ff44 00401234 module!func+0x12\n",
        "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010\n",
        "Faulting module: x.dll\nException code: 0xc0000005\nFault offset: 0x0001\n",
        "Date of the release: today\n",
        "",
    ],
)
def test_other_texts_are_not_taken(text: str) -> None:
    assert not wheaty.sniff(text.encode())


def test_at_most_512_frames_of_a_thread_are_kept() -> None:
    crash = read(report(block(*[RESET] * 600)))
    assert (512, False) == (len(crash.frames), crash.is_complete)
    assert "Stack 1 has 88 more frames; the first 512 were kept." in crash.notes


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Exception code: C0000005 x\n" + b"A" * 1_000_000, id="a long line"),
        pytest.param(b"Exception code: C0000005 x\n" + f"{RESET}\n".encode() * 4_000, id="many frames"),
        pytest.param(b"Exception code: C0000005 x\nCall stack:\n" * 1_500, id="many reports"),
        pytest.param(b"Exception code: C0000005 x\n" + b"Call stack:\n" * 2_000, id="many empty stacks"),
        pytest.param(b"Exception code: C0000005 x\n" + f"\nCall stack:\n{RESET}\n".encode() * 700, id="many stacks"),
        pytest.param(
            b"Exception code: C0000005 x\n" + f"{PC}  000000D1C0FFE000  ".encode() + b"A<" * 10_000 + b"+4\n",
            id="deep templates",
        ),
        pytest.param((f"{PC}  000000D1C0FFE000  " + "+A  x" * 200_000).encode(), id="many plus signs"),
        pytest.param(b"Exception code: C0000005 x\nAssertion message: " + b"x: \n" * 5_000, id="a long message"),
        pytest.param(
            (f"{RESET}\n{'=' * 24}\nLocal Variables And Parameters\n" + "\tx\n" * 200_000).encode(), id="locals"
        ),
        pytest.param(b"Exception code:\n" * 2_000, id="many headings"),
    ],
)
def test_hostile_texts_take_little_time_and_memory(content: bytes) -> None:
    assert wheaty.sniff(content) in {True, False}
    tracemalloc.start()
    try:
        wheaty.parse(content)
    except UnrecognisedError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert 10 * len(content) + 1_000_000 > peak


LINES = st.sampled_from(
    [
        *HANDLER,
        *CRASH,
        *IDLE,
        *DETECTOR,
        "Call stack:",
        COLUMNS,
        "Exception code: C0000420 x",
        "Assertion message: ",
        "# Location: a:1",
        "Fault address:  " + PC + " 01:0000 x.exe",
        "Local Variables And Parameters",
        f"Revision: {TRINITY}",
        "Date 99:99:9999. Time 99:99",
        "Uncaught C++ exception info:",
        f"{PC}  0000000000000000  0001:FFFFFFFFFFFFFFFF x.exe",
        f"{PC}  0000000000000000  export+FFFFF",
        "Error writing the crash log",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=40))
def test_any_mixture_of_lines_is_read_or_refused(lines: list[str]) -> None:
    try:
        crashes = wheaty.parse("\n".join(lines).encode("utf-8", errors="surrogatepass"))
    except DumpError:
        return
    assert 1 <= len(crashes) <= wheaty_stacks.REPORTS_LIMIT


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    wheaty.sniff(content)
    try:
        wheaty.parse(content)
    except DumpError:
        return
