"""Gates: what a finished program means, what of its words is shown, what is suspicious in a patch."""

import pytest

from tasks.core import gates


@pytest.mark.parametrize(
    ("returncode", "is_timed_out", "outcome", "words"),
    [
        (0, False, "passed", "exit code 0"),
        (-11, False, "failed", "signal SIGSEGV"),
        (139, False, "failed", "signal SIGSEGV"),
        (3, False, "failed", "exit code 3"),
        (-9, True, "passed", "lived for 60 s"),
    ],
)
def test_a_replay_passes_when_the_server_did_not_die(
    returncode: int, is_timed_out: bool, outcome: str, words: str
) -> None:
    judgement = gates.judge_replay(returncode=returncode, is_timed_out=is_timed_out, timeout_s=60)
    assert outcome == judgement.outcome
    assert words in judgement.detail


@pytest.mark.parametrize(
    ("returncode", "is_timed_out", "outcome"), [(0, False, "passed"), (2, False, "failed"), (-9, True, "failed")]
)
def test_a_build_passes_with_exit_code_0_in_time(returncode: int, is_timed_out: bool, outcome: str) -> None:
    judgement = gates.judge_command(returncode=returncode, is_timed_out=is_timed_out, timeout_s=5, name="make")
    assert outcome == judgement.outcome


@pytest.mark.parametrize(
    ("returncode", "is_timed_out", "output", "is_killed"),
    [
        pytest.param(-9, False, "", True, id="the program itself"),
        pytest.param(137, False, "", True, id="as a shell says it"),
        pytest.param(2, False, "g++: fatal error: Killed signal terminated program cc1plus\n", True, id="gcc"),
        pytest.param(2, False, "gmake[2]: *** [CMakeFiles/a.dir/b.cpp.o] Error 137\n", True, id="make"),
        pytest.param(8, False, "1 - relogin ....***Exception: Subprocess killed\n", True, id="ctest"),
        pytest.param(-9, True, "", False, id="we killed it ourselves"),
        pytest.param(2, False, "a.cpp:3: error: 'Killed' was not declared\n", False, id="a name in the source"),
        pytest.param(0, False, "Killed\n", False, id="it ended well"),
    ],
)
def test_a_program_that_somebody_killed_says_nothing_about_the_patch(
    returncode: int, is_timed_out: bool, output: str, is_killed: bool
) -> None:
    assert is_killed == gates.is_killed(returncode=returncode, is_timed_out=is_timed_out, output=output)


def test_the_excerpt_holds_the_errors_and_what_follows_them() -> None:
    output = "\n".join(["noise"] * 500 + ["a.cpp:3: error: no such thing", "   3 | x", "     | ^"] + ["noise"] * 500)
    assert "a.cpp:3: error: no such thing\n   3 | x\n     | ^\nnoise" == gates.excerpt(output)


def test_without_an_error_line_the_excerpt_is_the_end() -> None:
    assert "line 99" == gates.excerpt("\n".join(f"line {number}" for number in range(100))).splitlines()[-1]


def test_a_protected_path_is_refused_before_the_core_is_spoken_of() -> None:
    judgement = gates.judge_rules(protected={"a.sh": "*.sh"}, core=["a.sh"], refusal="no", level="core")
    assert ("failed", True) == (judgement.outcome, "`*.sh`" in judgement.detail)


def test_a_refused_core_change_names_the_file_and_the_way_out() -> None:
    judgement = gates.judge_rules(protected={}, core=["src/Map.cpp"], refusal="nobody allows it.", level="core")
    assert "failed" == judgement.outcome
    assert "src/Map.cpp belongs to the core of the server, and nobody allows it." == judgement.detail


@pytest.mark.parametrize(("level", "words"), [("hook", "level: hook"), (None, "no module is configured")])
def test_an_allowed_change_says_how_deep_it_reaches(level: str | None, words: str) -> None:
    judgement = gates.judge_rules(protected={}, core=(), refusal=None, level=level)
    assert ("passed", True) == (judgement.outcome, words in judgement.detail)


FAILED = gates.Judgement(outcome="failed", detail="g++ ended with exit code 1")


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        pytest.param("a.cpp:1:10: fatal error: revision_data.h: No such file or directory\n", "skipped", id="gcc"),
        pytest.param("a.cpp:1:10: fatal error: 'revision_data.h' file not found\n", "skipped", id="clang"),
        pytest.param("a.cpp:3:9: fatal error: Mine.h: No such file or directory\n", "failed", id="the patch names it"),
        pytest.param("a.cpp:9:1: error: expected ';'\n", "failed", id="a mistake"),
    ],
)
def test_a_header_that_the_build_makes_is_no_fault_of_the_patch(output: str, outcome: str) -> None:
    patch = b'--- a/a.cpp\n+++ b/a.cpp\n@@ -1 +1,2 @@\n #include "revision_data.h"\n+#include "Mine.h"\n'
    assert outcome == gates.judge_syntax(FAILED, output=output, patch=patch).outcome


def test_findings_are_counted_where_the_patch_is() -> None:
    none = gates.judge_findings([], tools=["cppcheck"], files=1, lines=1)
    assert ("passed", "cppcheck: nothing on 1 changed line of 1 file") == (none.outcome, none.detail)
    some = gates.judge_findings(["x"], tools=["clang-tidy", "cppcheck"], files=2, lines=5)
    assert ("failed", "clang-tidy and cppcheck: 1 finding on 5 changed lines of 2 files") == (some.outcome, some.detail)


@pytest.mark.parametrize(
    ("outcomes", "confidence"),
    [
        ({"compile": "passed", "tests": "passed", "replay": "passed"}, "high"),
        ({"compile": "passed", "tests": "passed", "replay": "passed", "shapes": "failed"}, "medium"),
        ({"compile": "passed", "tests": "skipped", "replay": "passed", "static analysis": "failed"}, "low"),
        ({"compile": "passed", "tests": "skipped", "replay": "passed", "shapes": "passed"}, "medium"),
        ({"compile": "passed", "tests": "failed", "replay": "passed"}, "low"),
        ({"compile": "passed", "shapes": "failed"}, "low"),
        ({"compile": "skipped", "tests": "passed", "replay": "passed"}, "low"),
        ({}, "low"),
    ],
)
def test_confidence_comes_from_the_gates(outcomes: dict[str, gates.Outcome], confidence: str) -> None:
    assert confidence == gates.confidence(outcomes)


def test_what_used_too_much_failed_however_it_ended() -> None:
    excess = "it had started more than 40 processes"
    built = gates.judge_command(returncode=0, is_timed_out=False, timeout_s=5, name="make", excess=excess)
    replayed = gates.judge_replay(returncode=0, is_timed_out=True, timeout_s=5, excess=excess)
    assert ("failed", f"make was killed: {excess}") == (built.outcome, built.detail)
    assert ("failed", f"the server was killed: {excess}") == (replayed.outcome, replayed.detail)
