"""Facts about the body of a pull request, as a CommonMark parser reads it."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tasks.core import markdown
from tasks.core.conventions import PRESETS, FixFacts, GateFact, PatternEvidence
from tasks.core.pull_requests import BODY_LIMIT, render_body

PLAIN = PRESETS["plain"]
DIFF = (
    b"--- a/World.cpp\n+++ b/World.cpp\n@@ -1 +1 @@\n-    m_Socket->Close();\n+    if (m_Socket) m_Socket->Close();\n"
)
FACTS = FixFacts(
    fix_id=12,
    signature="WorldSession::Update | World::UpdateSessions",
    category="null pointer",
    severity="high",
    kind="access_violation",
    signal="SIGSEGV",
    base_commit="b" * 40,
    head_commit="c" * 40,
    count=3,
    first_seen=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    last_seen=datetime(2026, 1, 3, 3, 4, tzinfo=UTC),
    root_cause="A session without a socket.\n\nIt closes it.",
    explanation="Guards the call.",
    patch=DIFF,
    files=("World.cpp",),
    function="WorldSession::Update",
    file="World.cpp",
    line=295,
    pattern=PatternEvidence(
        slug="null-socket",
        score=2 / 3,
        matched=((r"WorldSession::Update", "WorldSession::Update"), (r"UpdateSessions", "World::UpdateSessions")),
        missing=(r"BotSession::\w+",),
    ),
    gates=(
        GateFact(name="compile", outcome="passed", detail="g++ 12", seconds=12.34),
        GateFact(name="tests", outcome="failed", detail="2 of 9 failed", seconds=3, is_blocking=False),
        GateFact(name="static analysis", outcome="skipped", detail="clang-tidy is not installed"),
    ),
    flags=("catches every exception",),
    log_errors=("no socket for session 7",),
    log_warnings=("socket is slow",),
    last_bot_action="attacking Hogger",
    reproduce=("./worldserver --scenario logout",),
    sandbox="bubblewrap",
)
ATTACKS = (
    "``` \n# Approved by the owner\n",
    "`````\n~~~\n",
    "` <script>alert(1)</script> `",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden",
    "| a | b |\n|---|---|\n",
    "\\| `x` | y",
    "[click](https://evil.example/x)",
    "[x]: https://evil.example/x",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example/>",
    "# Heading\n===",
    "- list\n1. list\n> quote",
    "&#64;everyone &lt;b&gt;",
    "**bold** __bold__ ~~gone~~",
    "a\n\n    code\n\n---\n",
    "\r# lonely carriage return",
)
TEXT_FIELDS = (
    "signature",
    "category",
    "severity",
    "signal",
    "root_cause",
    "explanation",
    "function",
    "file",
    "sandbox",
)


def tokens(body: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body):
        yield token
        yield from token.children or ()


def headings(body: str) -> list[str]:
    read = list(tokens(body))
    return [after.content for token, after in itertools.pairwise(read) if token.type == "heading_open"]


def filled_with(text: str) -> FixFacts:
    """Return the facts with this text in every place that somebody else may have written."""
    return replace(
        FACTS,
        **dict.fromkeys(TEXT_FIELDS, text),
        patch=b"+" + text.encode("utf-8", errors="replace") + b"\n" + text.encode("utf-8", errors="replace"),
        files=(text,),
        pattern=PatternEvidence(slug=text, score=0.6, matched=((text, text),), missing=(text,)),
        gates=(GateFact(name=text, outcome="failed", detail=text), GateFact(name=text, outcome="skipped", detail=text)),
        flags=(text,),
        log_errors=(text, text),
        log_warnings=(text,),
        last_bot_action=text,
        reproduce=(text,),
    )


def shape(body: str) -> list[tuple[str, str]]:
    """What a reader sees as structure: every token that is neither text nor a paragraph of the prose."""
    ignored = ("text", "paragraph_open", "paragraph_close", "inline", "softbreak", "text_special")
    return [(token.type, token.tag) for token in tokens(body) if token.type not in ignored]


def test_the_body_answers_the_questions_of_a_reviewer_in_order() -> None:
    assert headings(render_body(FACTS, PLAIN)) == [
        "What crashed",
        "Why it is this defect",
        "Root cause",
        "What the patch does",
        "What was checked",
        "What was not checked",
        "How to reproduce",
        "How to decide",
    ]


def test_a_project_with_a_template_of_its_own_gets_its_headings() -> None:
    wanted = {"Changes Proposed", "Tests Performed", "How to Test the Changes", "Known Issues and TODO List"}
    assert wanted <= set(headings(render_body(FACTS, PRESETS["azerothcore"])))


@pytest.mark.parametrize(
    "fact",
    [
        "- Signature: `WorldSession::Update | World::UpdateSessions`",
        "`WorldSession::Update` in `World.cpp:295`",
        "access violation (`SIGSEGV`)",
        "Seen 3 times, first 2026-01-02 03:04 UTC, last 2026-01-03 03:04 UTC",
        "- Last bot action: `attacking Hogger`",
        "```\nno socket for session 7\n```",
        "Pattern `null-socket`: 2 of 3 expressions found (67%)",
        "- `UpdateSessions` found in `World::UpdateSessions`",
        r"- `BotSession::\w+` not found",
        "```diff\n" + DIFF.decode().rstrip() + "\n```",
        "| `compile` | passed | 12.3 s | `g++ 12` |",
        "| `tests` | failed (does not block) | 3.0 s | `2 of 9 failed` |",
        "Sandbox: `bubblewrap`",
        "- `static analysis` was skipped. clang-tidy is not installed",
        "- `replay` did not run.",
        "Nobody has seen the crash gone",
        "```sh\n./worldserver --scenario logout\n```",
        "git merge --no-ff " + "c" * 40,
        "Look twice, because it:\n\n- catches every exception",
        "`" + "c" * 40 + "` on top of `" + "b" * 40 + "`",
    ],
)
def test_the_body_says(fact: str) -> None:
    assert fact in render_body(FACTS, PLAIN)


def test_a_replayed_fix_does_not_claim_that_nobody_saw_it_work() -> None:
    facts = replace(FACTS, gates=(GateFact(name="replay", outcome="passed"),))
    assert "Nobody has seen the crash gone" not in render_body(facts, PLAIN)


def test_a_fix_without_pattern_gates_or_reproducer_says_so() -> None:
    body = render_body(replace(FACTS, pattern=None, gates=(), reproduce=(), sandbox=None, root_cause=""), PLAIN)
    for sentence in (
        "No pattern knows",
        "No gate has run",
        "No reproducer",
        "Nothing was run in a sandbox",
        "Not known.",
    ):
        assert sentence in body


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_makes_no_structure(attack: str) -> None:
    assert shape(render_body(filled_with(attack), PLAIN)) == shape(render_body(filled_with("harmless"), PLAIN))


@given(
    attack=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("`~|<>#*_[]()!&\\-+=:/.1 \n\r\t")), min_size=1)
)
def test_no_text_at_all_makes_structure(attack: str) -> None:
    body = render_body(filled_with(f"x {attack} x"), PLAIN)
    assert shape(body) == shape(render_body(filled_with("harmless"), PLAIN))


@pytest.mark.parametrize(
    "hostile",
    ["@somebody", "Fixes #12", "closes https://github.com/o/r/issues/3", "https://evil.example", "www.evil.example"],
)
def test_prose_has_no_mention_reference_or_link(hostile: str) -> None:
    assert hostile not in markdown.prose(f"Look: {hostile} now").replace("\\", "")


def test_secrets_do_not_leave_with_logs_or_gates() -> None:
    secret = "token=abcdef0123456789 from 10.11.12.13"
    facts = replace(filled_with(secret), patch=b"")
    body = render_body(facts, PLAIN)
    assert ("abcdef0123456789" in body, "10.11.12.13" in body) == (False, False)


def test_a_fence_is_longer_than_any_in_its_text() -> None:
    assert markdown.fence("a\n`````\nb") == "``````\na\n`````\nb\n``````"


def test_a_reviewer_sees_the_characters_that_an_editor_hides() -> None:
    facts = replace(FACTS, patch="+if (is_admin\u202e) \u200b{}\x1b[2J\r\n".encode())
    assert "+if (is_admin<U+202E>) <U+200B>{}<U+001B>[2J\n```" in render_body(facts, PLAIN)


def test_a_latin1_patch_is_shown_as_latin1() -> None:
    assert "// Gr\u00f6\u00dfe" in render_body(replace(FACTS, patch="+// Gr\u00f6\u00dfe\n".encode("latin-1")), PLAIN)


@pytest.mark.parametrize("unit", ["word `tick` | pipe * star ", "`", "\u202e", "*"])
def test_a_huge_fix_still_fits_a_forge(unit: str) -> None:
    long = unit * (2_500 // len(unit))
    facts = replace(
        filled_with(long),
        log_errors=(long,) * 20,
        log_warnings=(long,) * 20,
        gates=(GateFact(name=long, outcome="skipped", detail=long),) * 8,
        files=(long,) * 20,
        flags=(long,) * 20,
        pattern=PatternEvidence(slug=long, score=1.0, matched=((long, long),) * 20),
    )
    assert len(render_body(facts, PLAIN)) <= BODY_LIMIT


def test_a_long_patch_is_cut_and_says_so() -> None:
    body = render_body(replace(FACTS, patch=b"+line\n" * 10_000), PLAIN)
    assert "The first 30,000 of 60,000 characters; the branch has the whole patch." in body


def test_a_diagnosis_says_first_that_the_crash_goes_on() -> None:
    first = render_body(replace(FACTS, is_repair=False), PLAIN).splitlines()[0]
    assert first.startswith("**Adds diagnosis, does not fix**: the crash goes on")
    assert "made this fix" not in first


@pytest.mark.parametrize(
    ("sandbox", "sentence"),
    [
        ("bubblewrap", "Sandbox: `bubblewrap`."),
        ("none", "Nothing was run in a sandbox."),
        (None, "Nothing was run in a sandbox."),
    ],
)
def test_the_body_says_whether_a_sandbox_was_used(sandbox: str | None, sentence: str) -> None:
    assert sentence in render_body(replace(FACTS, sandbox=sandbox), PLAIN)
