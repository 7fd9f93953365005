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


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("try { f(); } catch (...) {}", "catches every exception"),
        ("m_Events.AddEventAtOffset([this]() { f(); }, 1s);", "captures"),
        ("queue([&] { f(); });", "captures"),
    ],
)
def test_suspicious_shapes_are_flagged(added: str, words: str) -> None:
    assert words in " ".join(gates.flags(f"--- a/x\n+++ b/x\n+{added}\n".encode()))


def test_a_removed_assertion_is_flagged() -> None:
    assert ("removes an assertion",) == gates.flags(b"--- a/x\n+++ b/x\n-    ASSERT(player);\n")


def test_a_plain_null_check_is_not_suspicious() -> None:
    assert () == gates.flags(b"--- a/x\n+++ b/x\n-    if (a)\n+    if (a && m_Socket)\n")


def test_a_patch_is_of_the_module_only_when_all_its_files_are() -> None:
    module = ["src/modules/Playerbot/"]
    assert "module" == gates.hierarchy_level(["src/modules/Playerbot/a.cpp"], module)
    assert "core" == gates.hierarchy_level(["src/modules/Playerbot/a.cpp", "src/server/b.cpp"], module)
    assert "core" == gates.hierarchy_level([], module)


@pytest.mark.parametrize(
    ("outcomes", "confidence"),
    [
        ({"compile": "passed", "tests": "passed", "replay": "passed"}, "high"),
        ({"compile": "passed", "tests": "passed", "replay": "skipped"}, "medium"),
        ({"compile": "passed"}, "low"),
        ({"compile": "passed", "tests": "failed", "replay": "passed"}, "low"),
        ({}, "low"),
    ],
)
def test_confidence_is_computed_from_the_gates(outcomes: dict[str, gates.Outcome], confidence: str) -> None:
    assert confidence == gates.confidence(outcomes)


def test_what_used_too_much_failed_however_it_ended() -> None:
    excess = "it had started more than 40 processes"
    built = gates.judge_command(returncode=0, is_timed_out=False, timeout_s=5, name="make", excess=excess)
    replayed = gates.judge_replay(returncode=0, is_timed_out=True, timeout_s=5, excess=excess)
    assert ("failed", f"make was killed: {excess}") == (built.outcome, built.detail)
    assert ("failed", f"the server was killed: {excess}") == (replayed.outcome, replayed.detail)
