"""What people are told of a fix by chat, mail or webhook."""

from dataclasses import replace

from tasks.core import notices
from tasks.core.conventions import GateFact
from tasks.core.reports import FixReport

REPORT = FixReport(
    fix_id=7,
    signature="Socket<WorldSocket>::CloseSocket",
    state="AWAITING_APPROVAL",
    route="template",
    reason="pattern null-socket has the template null-check",
    explanation="Skips it.",
    confidence="medium",
    branch="crashflow/fix-7",
    head_commit="abc",
    patch=b"",
    gates=(
        GateFact(name="compile", outcome="passed"),
        GateFact(name="tests", outcome="failed", is_blocking=False),
    ),
    pull_request="https://github.example/pr/3",
)


def test_a_fix_that_is_ready_says_where_it_is_and_what_is_red() -> None:
    notice = notices.of_fix(REPORT)
    assert "A fix waits for you: Socket\u2039WorldSocket\u203a::CloseSocket" == notice.subject
    assert "https://github.example/pr/3" in notice.text
    assert "Red, and for you to judge: tests." in notice.text
    assert "crashflow review 7 approve|reject|changes" in notice.text
    assert "diagnosis" in notices.of_fix(replace(REPORT, is_repair=False)).subject


def test_a_failed_fix_says_why() -> None:
    notice = notices.of_fix(replace(REPORT, state="FAILED", reason="cmake ended with exit code 2:\na.cpp:3: error: x"))
    assert notice.subject.startswith("Fix 7 failed: ")
    assert "cmake ended with exit code 2: a.cpp:3: error: x" in notice.text
    assert "fix-7" in notice.text


def test_nothing_of_a_dump_calls_people_or_tells_secrets() -> None:
    hostile = "<!channel> @everyone token=abcdef0123456789 10.1.2.3 Account: ALDREN <https://evil.example|here>"
    notice = notices.of_fix(replace(REPORT, state="FAILED", signature=hostile, reason=hostile))
    for text in (notice.subject, notice.text):
        for word in ("<!channel>", "@everyone", "abcdef0123456789", "10.1.2.3", "ALDREN", "<https"):
            assert word not in text
