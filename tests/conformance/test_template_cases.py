"""The cases of the templates that ship, and that the runner stands what other people put into a case."""

import contextlib
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tasks.clients.knowledge import pattern_packs
from tasks.core import edits, fixes
from tasks.core.errors import RefusalError
from tests.conformance import templates
from tests.conformance.templates import Outcome, Result

BEFORE = b"void Unit::Heal()\n{\n    m_group->Update();\n}\n"
FIXED = b"void Unit::Heal()\n{\n    if (m_group)\n        m_group->Update();\n}\n"
CRASH = {
    "exception": {"kind": "access_violation", "address": "0x18"},
    "location": {"function": "Unit::Heal", "file": "before.cpp", "line": 3},
    "pattern": {"slug": "null-socket"},
}
DAMAGE = (
    b"{",
    b"}",
    b"(",
    b")",
    b";",
    b"#if X\n",
    b'"',
    b"/*",
    b"\xff",
    b"\0",
    b"->",
    b"*",
    b"&",
    b"<",
    b"if (x) ",
    b"[&]{",
)
PATTERNS = {pattern.slug: pattern for pack in pattern_packs() for pattern in pack.patterns}


def test_all_cases_that_ship_come_out_right() -> None:
    found = templates.run()
    outcomes = {case["case"]: case for case in found["cases"] if case["outcome"] not in ("fixed", "refused")}
    assert found["met"]
    assert {} == outcomes


@pytest.mark.parametrize("template", [each.slug for each in fixes.TEMPLATES])
def test_each_template_has_cases_that_it_fixes_and_cases_that_it_refuses(template: str) -> None:
    cases = templates.find(templates.CASES / template)
    assert len(cases) >= 10
    assert {True, False} == {(case / "refuse.txt").exists() for case in cases}


@pytest.mark.parametrize("template", fixes.TEMPLATES, ids=lambda template: template.slug)
def test_damaged_source_is_refused_or_edited_in_place(template: fixes.Template) -> None:
    chance = random.Random(template.slug)
    for case in templates.find(templates.CASES / template.slug):
        crash = templates.read_crash(json.loads((case / "crash.json").read_bytes()))
        for _ in range(12):
            source = _damaged((case / "before.cpp").read_bytes(), chance)
            with contextlib.suppress(RefusalError):
                proposal = template.propose(crash, {"before.cpp": source})
                assert source != edits.apply(source, proposal.edits)


def _damaged(source: bytes, chance: random.Random) -> bytes:
    """Cut, repeat and insert a little at a few places."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(source) + 1)
        end = min(len(source), start + chance.randint(1, 12))
        piece = chance.choice((b"", source[start:end] * 2, *(part + source[start:end] for part in DAMAGE)))
        source = source[:start] + piece + source[end:]
    return source


def judge(folder: Path, crash: object, **files: bytes) -> Result:
    """Run a case of these files; ``crash`` is an object, or the bytes of its file."""
    (folder / "before.cpp").write_bytes(BEFORE)
    (folder / "crash.json").write_bytes(crash if isinstance(crash, bytes) else json.dumps(crash).encode())
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return templates.run_case(folder, folder.name, PATTERNS)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"threads": None, "notes": None, "build": None, "in_app": None}, "fixed"),
        ({"threads": [{"id": None, "crashed": True, "frames": None}]}, "fixed"),
        (
            {"threads": [{"id": "1", "frames": [{"function": "Unit::Heal", "file": "/a/before.cpp", "line": 3}]}]},
            "fixed",
        ),
        ({"threads": [{"frames": [{"function": "Unit::Heal", "file": "C:\\a\\Unit.cpp", "line": 3}]}]}, "fixed"),
        ({"pattern": "null-socket"}, "fixed"),
        ({"pattern": {"slug": "null-check"}}, "fixed"),
        ({"pattern": {"slug": "no-such"}}, "missed"),
        ({"pattern": None}, "missed"),
        ({"location": None}, "missed"),
        ({"location": {"file": "before.cpp", "line": "three"}}, "missed"),
    ],
)
def test_what_a_crash_leaves_out_is_not_known(tmp_path: Path, changes: dict[str, Any], outcome: Outcome) -> None:
    assert outcome == judge(tmp_path, CRASH | changes, expect_cpp=FIXED).outcome


@pytest.mark.parametrize(
    "crash", [json.dumps(CRASH).encode() + b"\r\n" + b"{}\n", b"\xef\xbb\xbf" + json.dumps(CRASH, indent=1).encode()]
)
def test_one_line_and_one_object_are_read(tmp_path: Path, crash: bytes) -> None:
    assert judge(tmp_path, crash, expect_cpp=FIXED).outcome == "fixed"


@pytest.mark.parametrize("crash", [b"", b"{", b"[]", b"null", b"7"])
def test_a_broken_case_is_missed_with_a_reason(tmp_path: Path, crash: bytes) -> None:
    found = judge(tmp_path, crash, expect_cpp=FIXED)
    assert ("missed", True) == (found.outcome, found.reason.startswith("The case can't be run: "))


def test_an_edit_where_nothing_may_change_and_other_bytes_than_expected_are_wrong(tmp_path: Path) -> None:
    assert judge(tmp_path, CRASH, expect_cpp=FIXED + b"\n").outcome == "wrong"
    assert judge(tmp_path, CRASH, refuse_txt=b"").outcome == "wrong"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_check_may_be_written_for_bash(tmp_path: Path) -> None:
    script = b"#!/bin/bash\n[[ -f crash.json ]] && diff <(grep -c m_group before.cpp) <(grep -c m_group before.cpp)\n"
    assert judge(tmp_path, CRASH, check_sh=script).outcome == "fixed"


@pytest.mark.parametrize(("words", "outcome"), [(b"m_group)", "fixed"), (b"m_raid)", "wrong")])
def test_a_check_sees_the_edited_file_in_a_copy(tmp_path: Path, words: bytes, outcome: Outcome) -> None:
    script = b"touch here; test -f crash.json && grep -q 'if (%b' before.cpp\n" % words
    assert judge(tmp_path, CRASH, check_sh=script).outcome == outcome
    assert BEFORE == (tmp_path / "before.cpp").read_bytes()
    assert not (tmp_path / "here").exists()


def test_a_folder_with_half_a_case_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "half").mkdir()
    judge(tmp_path / "whole", CRASH, expect_cpp=FIXED)
    (tmp_path / "half" / "before.cpp").write_bytes(BEFORE)
    outcomes = {case["case"]: case["outcome"] for case in templates.run(tmp_path)["cases"]}
    assert {"half": "missed", "whole": "fixed"} == outcomes
