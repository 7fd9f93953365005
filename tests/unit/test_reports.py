"""The words for a crash, and the report of a fix."""

import pytest

from tasks.core import reports
from tasks.core.conventions import GateFact
from tasks.core.crash import Crash, CrashException, Frame
from tasks.core.reports import FixReport
from tasks.core.timeline import Step


def fix(**changes: object) -> str:
    values: dict[str, object] = {
        "fix_id": 3,
        "signature": "Bag::take",
        "state": "AWAITING_APPROVAL",
        "route": "template",
        "reason": "a person decides",
        "explanation": "Checks the bag.",
        "confidence": "high",
        "branch": "fix/bag",
        "head_commit": "abc",
        "patch": b"+++ b/Bag.cpp\n+if (bag)\n",
        "gates": (GateFact(name="compile", outcome="passed", detail="12 files", seconds=3.25),),
        "pull_request": "file:///pr/3.md",
    }
    return reports.render_fix(FixReport(**(values | changes)))  # type: ignore[arg-type]


def test_a_fix_tells_where_it_stands_its_gates_and_its_patch() -> None:
    text = fix()
    assert "# Fix 3: Bag::take" in text
    assert "| compile | passed | 12 files | 3.2 s |" in text
    assert "```diff\n+++ b/Bag.cpp\n+if (bag)\n```" in text


def test_a_red_gate_shows_the_words_of_its_tool_and_whether_it_stops_the_fix() -> None:
    red = GateFact(
        name="tests", outcome="failed", detail="1 of 9", is_blocking=False, excerpt="token=abcdef0123456789\n```"
    )
    text = fix(gates=(red,))
    assert "| tests | failed, does not block | 1 of 9 |" in text
    assert "What `tests` says:" in text
    assert "abcdef0123456789" not in text


def test_the_time_is_told_by_step_and_in_all() -> None:
    steps = (Step(name="compile", seconds=30, program_seconds=28), Step(name="open the draft", seconds=1))
    text = fix(steps=steps)
    assert "| compile | 30.0 s | 28.0 s | 2.0 s |" in text
    assert "| all | 31.0 s | 28.0 s | 3.0 s |" in text
    assert "## Time" not in fix()


def test_a_diagnosis_is_told_as_one() -> None:
    assert "- Adds diagnosis, does not fix: the crash goes on" in fix(is_repair=False)
    assert "diagnosis" not in fix()


def test_a_patch_keeps_no_secret_and_can_not_leave_its_fence() -> None:
    text = fix(patch=b'+connect("10.1.2.3", "token=abcdef0123456789");\n+```\n+# Forged\n')
    assert "10.1.2.3" not in text
    assert "abcdef0123456789" not in text
    assert text.rstrip().endswith("````")


@pytest.mark.parametrize(
    ("exception", "words"),
    [
        (
            CrashException(kind="access_violation", signal="SIGSEGV", address=0x1C, access="read"),
            "SIGSEGV access violation reading address 0x1c (null pointer)",
        ),
        (CrashException(kind="access_violation", signal="SIGSEGV", code="SEGV"), "SIGSEGV access violation"),
        (CrashException(kind="assertion", code="C0000420", message="a < b"), "C0000420 assertion: a < b"),
        (CrashException(), "unknown"),
    ],
)
def test_an_exception_in_words(exception: CrashException, words: str) -> None:
    assert words == reports.describe_exception(Crash(format="x", exception=exception))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(index=0, function="f", file="a.cpp", line=3, is_inlined=True), "f at a.cpp:3 (inlined)"),
        (Frame(index=0, module="a.exe", offset=0x1F), "a.exe+0x1f"),
        (Frame(index=0, function="f", module="a.so"), "f from a.so"),
        (Frame(index=0, function="f", file="a.cpp"), "f at a.cpp"),
        (Frame(index=0), "??"),
    ],
)
def test_a_frame_in_words(frame: Frame, words: str) -> None:
    assert words == reports.describe_frame(frame)
